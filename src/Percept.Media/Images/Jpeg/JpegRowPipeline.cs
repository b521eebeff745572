namespace Percept.Media;

/// <summary>
/// Turns rows of MCUs into rows of pixels: a ring of two rows of MCUs per component takes the samples; as soon as the
/// rows around a row of pixels are there, it is brought to full size, converted and written.
/// </summary>
/// <remarks>
/// The last row of pixels of a row of MCUs may need samples of the next one (triangle filter over rows), so pixels come
/// one row late. Used by one thread; several pipelines may write to different rows of one picture.
/// </remarks>
internal sealed unsafe class JpegRowPipeline : IDisposable
{
    private const int Block = 8;
    private const int RingMcuRows = 2;

    private readonly JpegFrame _frame;
    private readonly JpegColor _color;
    private readonly Memory<byte> _pixels;
    private readonly int _pixelStride;
    private readonly PinnedBuffer _memory;
    private readonly Plane[] _planes;
    private readonly ushort* _wide;
    private readonly bool _lookAhead;

    /// <summary>Makes a pipeline.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="color">How colours are stored.</param>
    /// <param name="image">Takes the pixels.</param>
    internal JpegRowPipeline(JpegFrame frame, JpegColor color, Image image)
    {
        _frame = frame;
        _color = color;
        _pixels = image.Memory;
        _pixelStride = image.Stride;
        _planes = new Plane[frame.Components.Length];
        int line = Align((frame.McusWide * frame.MaxH * Block) + JpegRowKernels.Slack);
        long bytes = ((line + JpegRowKernels.Lead) * sizeof(ushort)) + JpegRowKernels.Slack;
        foreach (JpegComponent component in frame.Components)
        {
            bytes += line + ((long)Stride(component) * RingRows(component));
        }

        _memory = new PinnedBuffer(bytes);
        byte* next = _memory.Pointer;
        for (int c = 0; c < _planes.Length; c++)
        {
            JpegComponent component = frame.Components[c];
            _planes[c] = new Plane
            {
                Component = component,
                Stride = Stride(component),
                Rows = RingRows(component),
                Ring = next,
                Line = next + (Stride(component) * RingRows(component)),
            };
            next = _planes[c].Line + line;
            _lookAhead |= component.Upsampling is JpegUpsampling.Triangle1X2 or JpegUpsampling.Triangle2X2;
        }

        _wide = (ushort*)next + JpegRowKernels.Lead;
    }

    /// <summary>Where the samples of a component go in a row of MCUs, and the bytes from one row to the next.</summary>
    internal byte* Samples(int component, int mcuRow, out nint stride)
    {
        Plane plane = _planes[component];
        stride = plane.Stride;
        return plane.Ring + ((long)(mcuRow % RingMcuRows) * (plane.Rows / RingMcuRows) * plane.Stride);
    }

    /// <summary>Writes the pixels that can be written once the samples of a row of MCUs are there.</summary>
    /// <param name="mcuRow">The row of MCUs.</param>
    /// <param name="from">No pixels above this row are written.</param>
    /// <param name="to">No pixels from this row on are written.</param>
    internal void Emit(int mcuRow, int from, int to)
    {
        int late = _lookAhead ? 1 : 0;
        int first = Math.Max(from, (mcuRow * _frame.McuRows) - late);
        int end = Math.Min(to, ((mcuRow + 1) * _frame.McuRows) - late);
        if (mcuRow == _frame.McusHigh - 1)
        {
            end = Math.Min(to, _frame.Height);
        }

        fixed (byte* pixels = _pixels.Span)
        {
            for (int y = first; y < end; y++)
            {
                WriteRow(y, pixels + ((long)y * _pixelStride));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static int Align(int bytes) => (bytes + 63) & -64;

    // An odd number of cache lines, so that the eight rows of a block do not fall into the same set of the cache.
    private static int Stride(JpegComponent component) =>
        Align((component.PaddedBlocksWide * Block) + JpegRowKernels.Slack) | 64;

    private static int RingRows(JpegComponent component) => RingMcuRows * component.V * Block;

    private void WriteRow(int y, byte* to)
    {
        int width = _frame.Width;
        byte* first = FullRow(_planes[0], y);
        if (_planes.Length == 1)
        {
            new ReadOnlySpan<byte>(first, width).CopyTo(new Span<byte>(to, width));
            return;
        }

        byte* second = FullRow(_planes[1], y);
        byte* third = FullRow(_planes[2], y);
        switch (_color)
        {
            case JpegColor.YCbCr:
                JpegRowKernels.ToRgb(first, second, third, to, width);
                break;
            case JpegColor.Rgb:
                JpegRowKernels.Interleave3(first, second, third, to, width);
                break;
            case JpegColor.Cmyk:
                JpegRowKernels.ToCmyk(first, second, third, FullRow(_planes[3], y), to, width);
                break;
            default:
                JpegRowKernels.ToCmykOfYcck(first, second, third, FullRow(_planes[3], y), to, width);
                break;
        }
    }

    /// <summary>The samples of a component for a row of pixels, one a pixel.</summary>
    private byte* FullRow(Plane plane, int y)
    {
        JpegComponent component = plane.Component;
        int row = y / component.ExpandY;
        byte* near = plane.Row(row);

        // Above and below the picture lie its first and last row again.
        int beside = Math.Clamp((y & 1) == 0 ? row - 1 : row + 1, 0, component.Height - 1);
        switch (component.Upsampling)
        {
            case JpegUpsampling.None:
                return near;
            case JpegUpsampling.Triangle2X1:
                JpegRowKernels.Widen(near, _wide, component.Width);
                JpegRowKernels.Double(_wide, plane.Line, component.Width, 1, 2, 2);
                break;
            case JpegUpsampling.Triangle2X2:
                JpegRowKernels.Blend(near, plane.Row(beside), _wide, component.Width);
                JpegRowKernels.Double(_wide, plane.Line, component.Width, 8, 7, 4);
                break;
            case JpegUpsampling.Triangle1X2:
                JpegRowKernels.Between(near, plane.Row(beside), plane.Line, component.Width, (ushort)(1 + (y & 1)));
                break;
            default:
                JpegRowKernels.Repeat(near, plane.Line, _frame.Width, component.ExpandX);
                break;
        }

        return plane.Line;
    }

    private sealed class Plane
    {
        internal required JpegComponent Component { get; init; }

        internal required int Stride { get; init; }

        internal required int Rows { get; init; }

        internal required byte* Ring { get; init; }

        internal required byte* Line { get; init; }

        internal byte* Row(int row) => Ring + ((long)(row % Rows) * Stride);
    }
}
