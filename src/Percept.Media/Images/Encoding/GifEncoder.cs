using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Writes GIF pictures and animations.</summary>
/// <remarks>
/// All methods are thread-safe. Every frame has a palette of its own. Of opaque clips only what changed from frame to
/// frame is stored; clips with transparency are stored whole and cleared before each frame. Alpha below 128 is
/// transparent. Durations are rounded to 1/100 s without losing any over the whole clip.
/// </remarks>
public static class GifEncoder
{
    private const int Keep = 1;
    private const int Clear = 2;

    /// <summary>Encodes a picture.</summary>
    /// <param name="image">The picture, of at most 65535 pixels a side.</param>
    /// <param name="options">How; <see cref="GifEncodeOptions.Default"/> when left out.</param>
    /// <returns>The file.</returns>
    public static byte[] Encode(Image image, GifEncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var output = new MemoryStream();
        Encode([new ImageFrame(image, 0)], output, options);
        return output.ToArray();
    }

    /// <summary>Encodes a clip into a stream.</summary>
    /// <param name="frames">The frames, at least one, all of one size of at most 65535 pixels a side.</param>
    /// <param name="output">Gets the file; stays open.</param>
    /// <param name="options">How; <see cref="GifEncodeOptions.Default"/> when left out.</param>
    /// <exception cref="ArgumentException">There are no frames, they have different sizes, or are too large.</exception>
    public static void Encode(IReadOnlyList<ImageFrame> frames, Stream output, GifEncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        options ??= GifEncodeOptions.Default;
        Clips.Check(frames);
        Image first = frames[0].Image;
        if (first.Width > ushort.MaxValue || first.Height > ushort.MaxValue)
        {
            throw new ArgumentException(
                $"A GIF file has at most {ushort.MaxValue} pixels a side; the picture has {first.Width}×{first.Height}.", nameof(frames));
        }

        bool opaque = frames.All(static frame => Clips.IsOpaque(frame.Image));
        WriteHeader(first, frames.Count > 1, options, output);
        Image? before = null;
        double elapsed = 0;
        long written = 0;
        foreach (ImageFrame frame in frames)
        {
            Image whole = frame.Image.Convert(PixelFormat.Rgba);
            ClipRectangle part = before is null || !opaque
                ? new ClipRectangle(0, 0, whole.Width, whole.Height)
                : Clips.Changed(before, whole);
            elapsed += frame.DurationMilliseconds / 10;
            int hundredths = (int)Math.Clamp(Math.Round(elapsed) - written, 0, ushort.MaxValue);
            written += hundredths;
            Image indexed = ColorQuantizer.Quantize(Clips.Cut(whole, part), options.Colors, options.Dithers);
            WriteFrame(indexed, part, hundredths, opaque ? Keep : Clear, output);
            before = whole;
        }

        output.WriteByte((byte)';');
    }

    private static void WriteHeader(Image first, bool moves, GifEncodeOptions options, Stream output)
    {
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        "GIF89a"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)first.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], (ushort)first.Height);
        header[10] = 0x70;
        output.Write(header);
        if (moves)
        {
            Span<byte> loops = [0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0];
            BinaryPrimitives.WriteUInt16LittleEndian(loops[16..], (ushort)Math.Clamp(options.Loops, 0, ushort.MaxValue));
            output.Write(loops);
        }
    }

    private static void WriteFrame(Image indexed, ClipRectangle part, int hundredths, int disposal, Stream output)
    {
        ImagePalette palette = indexed.Palette!;
        Span<byte> control = [0x21, 0xF9, 4, (byte)(disposal << 2), 0, 0, 0, 0];
        if (palette.HasAlpha)
        {
            // The quantizer puts the transparent colour last.
            control[3] |= 1;
            control[6] = (byte)(palette.Count - 1);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(control[4..], (ushort)hundredths);
        output.Write(control);

        int bits = 1;
        while (1 << bits < palette.Count)
        {
            bits++;
        }

        Span<byte> place = stackalloc byte[10];
        place[0] = (byte)',';
        BinaryPrimitives.WriteUInt16LittleEndian(place[1..], (ushort)part.X);
        BinaryPrimitives.WriteUInt16LittleEndian(place[3..], (ushort)part.Y);
        BinaryPrimitives.WriteUInt16LittleEndian(place[5..], (ushort)part.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(place[7..], (ushort)part.Height);
        place[9] = (byte)(0x80 | (bits - 1));
        output.Write(place);

        byte[] colors = new byte[3 << bits];
        for (int i = 0; i < palette.Count; i++)
        {
            palette.Rgba.Slice(4 * i, 3).CopyTo(colors.AsSpan(3 * i));
        }

        output.Write(colors);
        GifLzwWriter.Write(indexed.Pixels, Math.Max(2, bits), output);
    }
}
