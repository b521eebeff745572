using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>
/// The samples of one row of MCUs while a picture is written: luma and colour differences, shrunk where they are to
/// be.
/// </summary>
internal sealed unsafe class JpegSampleRows : IDisposable
{
    private const int Half = 32768;

    /// <summary>128 in 16 bits of fraction, and what rounds a half down.</summary>
    private const int Center = (128 << 16) + Half - 1;

    private readonly Image _image;
    private readonly int _maxH;
    private readonly int _maxV;
    private readonly int _width;
    private readonly int _rows;
    private readonly PinnedBuffer _memory;

    /// <summary>Makes the rows.</summary>
    internal JpegSampleRows(Image image, int maxH, int maxV)
    {
        _image = image;
        _maxH = maxH;
        _maxV = maxV;
        _width = (image.Width + (8 * maxH) - 1) / (8 * maxH) * 8 * maxH;
        _rows = 8 * maxV;

        // Three components at full size; the colour differences are shrunk in place.
        _memory = new PinnedBuffer((long)_width * _rows * 3);
    }

    /// <summary>The first sample of a component.</summary>
    internal byte* Samples(int component, out nint stride)
    {
        stride = _width;
        return _memory.Pointer + ((nint)component * _width * _rows);
    }

    /// <summary>Takes the pixels of a row of MCUs.</summary>
    internal void Fill(int mcuRow)
    {
        bool gray = _image.Format == PixelFormat.Gray;
        int real = Math.Min(_rows, _image.Height - (mcuRow * _rows));
        for (int y = 0; y < real; y++)
        {
            ReadOnlySpan<byte> pixels = _image.Row((mcuRow * _rows) + y);
            if (gray)
            {
                pixels.CopyTo(new Span<byte>(Row(0, y), pixels.Length));
                ExtendRow(Row(0, y));
            }
            else
            {
                Convert(pixels, Row(0, y), Row(1, y), Row(2, y));
                ExtendRow(Row(0, y));
                ExtendRow(Row(1, y));
                ExtendRow(Row(2, y));
            }
        }

        // Below the picture its last row comes again: first to make up a pair to shrink, then the shrunk row.
        ExtendDown(0, real, _rows);
        if (!gray)
        {
            int paired = (real + _maxV - 1) / _maxV * _maxV;
            for (int c = 1; c < 3; c++)
            {
                ExtendDown(c, real, paired);
                Shrink(c, paired / _maxV);
                ExtendDown(c, paired / _maxV, 8);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private byte* Row(int component, int y) => _memory.Pointer + ((((nint)component * _rows) + y) * _width);

    private void ExtendRow(byte* row) =>
        new Span<byte>(row + _image.Width, _width - _image.Width).Fill(row[_image.Width - 1]);

    private void ExtendDown(int component, int from, int to)
    {
        for (int y = from; y < to; y++)
        {
            Buffer.MemoryCopy(Row(component, from - 1), Row(component, y), _width, _width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert(ReadOnlySpan<byte> pixels, byte* luma, byte* blue, byte* red)
    {
        for (int i = 0, x = 0; i + 2 < pixels.Length; i += 3, x++)
        {
            int r = pixels[i];
            int g = pixels[i + 1];
            int b = pixels[i + 2];
            luma[x] = (byte)(((19595 * r) + (38470 * g) + (7471 * b) + Half) >> 16);
            blue[x] = (byte)(((-11059 * r) - (21709 * g) + (32768 * b) + Center) >> 16);
            red[x] = (byte)(((32768 * r) - (27439 * g) - (5329 * b) + Center) >> 16);
        }
    }

    /// <summary>Means of one or two columns and rows; halves are rounded down and up in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Shrink(int component, int rows)
    {
        if (_maxH == 1)
        {
            return;
        }

        for (int y = 0; y < rows; y++)
        {
            byte* to = Row(component, y);
            byte* first = Row(component, y * _maxV);
            byte* second = Row(component, (y * _maxV) + _maxV - 1);
            for (int x = 0; x < _width / 2; x++)
            {
                int sum = first[2 * x] + first[(2 * x) + 1];
                to[x] = _maxV == 1
                    ? (byte)((sum + (x & 1)) >> 1)
                    : (byte)((sum + second[2 * x] + second[(2 * x) + 1] + 1 + (x & 1)) >> 2);
            }
        }
    }
}
