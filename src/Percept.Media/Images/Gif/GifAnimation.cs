using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Composes the frames of a GIF file on its canvas, as Pillow 13 does.</summary>
/// <remarks>
/// The canvas has alpha only when the first frame has a transparent index, or when a later frame with one makes the canvas
/// larger. Around a first frame smaller than the canvas is index 0, or transparency. Disposal 2 clears to transparency
/// when the frame has a transparent index, else to the background colour.
/// </remarks>
internal sealed class GifAnimation(ReadOnlyMemory<byte> file, DecodeGuard guard)
{
    private const int Clear = 2;
    private const int Restore = 3;

    private readonly GifFile _gif = new(file);
    private uint[] _canvas = [];
    private int _width;
    private int _height;
    private bool _opaque;

    internal IEnumerable<ImageFrame> Frames()
    {
        double duration = 0;
        int index = 0;
        while (_gif.Next(guard) is { } frame)
        {
            duration = frame.DurationMilliseconds ?? duration;
            (int width, int height) = index == 0 ? (_gif.Width, _gif.Height) : (_width, _height);
            width = Math.Max(width, frame.X + frame.Width);
            height = Math.Max(height, frame.Y + frame.Height);
            guard.CountFrame("GIF", index, width, height);

            byte[] indices = GifPictures.Indices(file.Span, frame, guard);
            uint[] colors = MemoryMarshal.Cast<byte, uint>(GifPictures.Colors(file.Span, _gif, frame)).ToArray();
            Enlarge(width, height, frame, colors, index == 0);
            uint[] before = Before(frame, index == 0);
            Put(indices, frame, colors);
            yield return new ImageFrame(Shown(), duration);
            Dispose(frame, colors, before);
            index++;
        }

        if (index == 0)
        {
            throw new InvalidDataException("The GIF file has no picture.");
        }
    }

    /// <summary>Makes the canvas, or makes it larger for a frame that does not lie in it.</summary>
    private void Enlarge(int width, int height, GifFrame frame, uint[] colors, bool isFirst)
    {
        if (width == _width && height == _height)
        {
            return;
        }

        uint[] larger = new uint[width * height];
        bool transparent = frame.Transparent >= 0;
        uint around = !transparent ? colors[0] : isFirst ? WithoutAlpha(colors[frame.Transparent]) : 0;
        Array.Fill(larger, around);
        for (int y = 0; y < _height; y++)
        {
            _canvas.AsSpan(y * _width, _width).CopyTo(larger.AsSpan(y * width));
        }

        (_canvas, _width, _height, _opaque) = (larger, width, height, !transparent);
    }

    /// <summary>What the frame's part of the canvas is before it, row after row, when that will be wanted again.</summary>
    private uint[] Before(GifFrame frame, bool isFirst)
    {
        if (frame.Disposal != Restore || (isFirst && frame.Transparent < 0))
        {
            return [];
        }

        uint[] before = new uint[frame.Width * frame.Height];
        for (int y = 0; y < frame.Height; y++)
        {
            Row(frame, y).CopyTo(before.AsSpan(y * frame.Width));
        }

        return before;
    }

    private void Put(byte[] indices, GifFrame frame, uint[] colors)
    {
        for (int y = 0; y < frame.Height; y++)
        {
            guard.Tick();
            ReadOnlySpan<byte> from = indices.AsSpan(y * frame.Width, frame.Width);
            Span<uint> to = Row(frame, y);
            for (int x = 0; x < from.Length; x++)
            {
                if (from[x] != frame.Transparent)
                {
                    to[x] = colors[from[x]];
                }
            }
        }
    }

    private Image Shown()
    {
        Image shown = Image.Uninitialized(_width, _height, PixelFormat.Rgba);
        Span<uint> pixels = MemoryMarshal.Cast<byte, uint>(shown.Pixels);
        if (!_opaque)
        {
            _canvas.CopyTo(pixels);
            return shown;
        }

        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = _canvas[i] | ~WithoutAlpha(uint.MaxValue);
        }

        return shown;
    }

    private void Dispose(GifFrame frame, uint[] colors, uint[] before)
    {
        if (before.Length > 0)
        {
            for (int y = 0; y < frame.Height; y++)
            {
                before.AsSpan(y * frame.Width, frame.Width).CopyTo(Row(frame, y));
            }
        }
        else if (frame.Disposal == Clear)
        {
            // An index without a colour stands for the first one.
            int index = frame.Transparent >= 0 ? frame.Transparent : _gif.HasColors ? _gif.Background : 0;
            index = index < GifPictures.Count(_gif, frame) ? index : 0;
            uint color = frame.Transparent >= 0 ? WithoutAlpha(colors[index]) : colors[index];
            for (int y = 0; y < frame.Height; y++)
            {
                Row(frame, y).Fill(color);
            }
        }
    }

    private Span<uint> Row(GifFrame frame, int y) => _canvas.AsSpan(((frame.Y + y) * _width) + frame.X, frame.Width);

    private static uint WithoutAlpha(uint color) => color & (BitConverter.IsLittleEndian ? 0x00FFFFFFu : 0xFFFFFF00u);
}
