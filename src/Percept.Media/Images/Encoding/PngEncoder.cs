using System.Buffers.Binary;
using System.IO.Compression;

namespace Percept.Media;

/// <summary>Writes PNG pictures and animations (APNG).</summary>
/// <remarks>
/// All methods are thread-safe. What a picture holds is kept exactly: bits, gray of 8 and 16 bits, palettes with alpha,
/// RGB and RGBA, and the transparent colour. CMYK, YCbCr and HSV become RGB, 32-bit gray is clipped to 16 bits.
/// </remarks>
public static class PngEncoder
{
    /// <summary>Encodes a picture.</summary>
    /// <param name="image">The picture; not a float one.</param>
    /// <param name="options">How; <see cref="PngEncodeOptions.Default"/> when left out.</param>
    /// <returns>The file.</returns>
    /// <exception cref="NotSupportedException">The picture's samples are floats.</exception>
    public static byte[] Encode(Image image, PngEncodeOptions? options = null)
    {
        using var output = new MemoryStream();
        Encode(image, output, options);
        return output.ToArray();
    }

    /// <summary>Encodes a picture into a stream.</summary>
    /// <param name="image">The picture; not a float one.</param>
    /// <param name="output">Gets the file; stays open.</param>
    /// <param name="options">How; <see cref="PngEncodeOptions.Default"/> when left out.</param>
    /// <exception cref="NotSupportedException">The picture's samples are floats.</exception>
    public static void Encode(Image image, Stream output, PngEncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(output);
        image = Storable(image);
        output.Write(PngFile.Signature);
        WriteHeader(image, output);
        WritePixels(image, output, options ?? PngEncodeOptions.Default, sequence: null);
        PngChunkWriter.Write(output, "IEND"u8, default);
    }

    /// <summary>Encodes a clip as an animation; of each frame only the part that changed is stored.</summary>
    /// <param name="frames">The frames, at least one, all of one size.</param>
    /// <param name="output">Gets the file; stays open.</param>
    /// <param name="options">How; <see cref="PngEncodeOptions.Default"/> when left out.</param>
    /// <exception cref="ArgumentException">There are no frames, or they have different sizes.</exception>
    public static void Encode(IReadOnlyList<ImageFrame> frames, Stream output, PngEncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        options ??= PngEncodeOptions.Default;
        Clips.Check(frames);
        PixelFormat format = frames.All(static frame => Clips.IsOpaque(frame.Image)) ? PixelFormat.Rgb : PixelFormat.Rgba;
        Image canvas = frames[0].Image.Convert(format);
        output.Write(PngFile.Signature);
        WriteHeader(canvas, output);
        Span<byte> control = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(control, frames.Count);
        BinaryPrimitives.WriteInt32BigEndian(control[4..], options.Loops);
        PngChunkWriter.Write(output, "acTL"u8, control);
        uint number = 0;
        Image? before = null;
        foreach (ImageFrame frame in frames)
        {
            Image whole = frame.Image.Convert(format);
            ClipRectangle changed = before is null
                ? new ClipRectangle(0, 0, whole.Width, whole.Height)
                : Clips.Changed(before, whole);
            WriteFrameControl(output, number++, changed, frame.DurationMilliseconds);
            Image part = Clips.Cut(whole, changed);
            if (before is null)
            {
                WritePixels(part, output, options, sequence: null);
            }
            else
            {
                number = WritePixels(part, output, options, number);
            }

            before = whole;
        }

        PngChunkWriter.Write(output, "IEND"u8, default);
    }

    private static Image Storable(Image image) => image.Format switch
    {
        PixelFormat.Cmyk or PixelFormat.YCbCr or PixelFormat.Hsv => image.Convert(PixelFormat.Rgb),
        PixelFormat.Gray32 => image.Convert(PixelFormat.Gray16),
        PixelFormat.GrayFloat => throw new NotSupportedException(
            "PNG cannot hold float samples; convert the picture to Gray16 or Gray first."),
        _ => image,
    };

    private static int Depth(Image image) => image.Format switch
    {
        PixelFormat.Bit => 1,
        PixelFormat.Gray16 => 16,
        PixelFormat.Palette => image.Palette!.Count switch
        {
            <= 2 => 1,
            <= 4 => 2,
            <= 16 => 4,
            _ => 8,
        },
        _ => 8,
    };

    private static void WriteHeader(Image image, Stream output)
    {
        if (image.Format == PixelFormat.Palette && image.Palette is not { Count: > 0 })
        {
            throw new ArgumentException("The palette picture has no colours.", nameof(image));
        }

        Span<byte> header = stackalloc byte[PngHeader.Bytes];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = (byte)Depth(image);
        header[9] = (byte)(image.Format switch
        {
            PixelFormat.Rgb => PngColor.Rgb,
            PixelFormat.Rgba => PngColor.Rgba,
            PixelFormat.GrayAlpha => PngColor.GrayAlpha,
            PixelFormat.Palette => PngColor.Palette,
            _ => PngColor.Gray,
        });
        PngChunkWriter.Write(output, "IHDR"u8, header);
        if (image.Format == PixelFormat.Palette)
        {
            WritePalette(image.Palette!, output);
        }
        else if (image.TransparentColor is { } key)
        {
            WriteTransparentColor(image, key, output);
        }
    }

    private static void WritePalette(ImagePalette palette, Stream output)
    {
        byte[] colors = new byte[palette.Count * 3];
        byte[] alphas = new byte[palette.Count];
        for (int i = 0; i < palette.Count; i++)
        {
            palette.Rgba.Slice(4 * i, 3).CopyTo(colors.AsSpan(3 * i));
            alphas[i] = palette.Rgba[(4 * i) + 3];
        }

        PngChunkWriter.Write(output, "PLTE"u8, colors);
        if (palette.HasAlpha)
        {
            PngChunkWriter.Write(output, "tRNS"u8, alphas);
        }
    }

    private static void WriteTransparentColor(Image image, IReadOnlyList<int> key, Stream output)
    {
        Span<byte> data = stackalloc byte[6];
        for (int i = 0; i < key.Count; i++)
        {
            int value = image.Format == PixelFormat.Bit ? Math.Min(key[i], 1) : key[i];
            BinaryPrimitives.WriteUInt16BigEndian(data[(2 * i)..], (ushort)value);
        }

        PngChunkWriter.Write(output, "tRNS"u8, data[..(2 * key.Count)]);
    }

    private static void WriteFrameControl(Stream output, uint number, ClipRectangle place, double milliseconds)
    {
        Span<byte> control = stackalloc byte[PngFrameControl.Bytes];
        BinaryPrimitives.WriteUInt32BigEndian(control, number);
        BinaryPrimitives.WriteInt32BigEndian(control[4..], place.Width);
        BinaryPrimitives.WriteInt32BigEndian(control[8..], place.Height);
        BinaryPrimitives.WriteInt32BigEndian(control[12..], place.X);
        BinaryPrimitives.WriteInt32BigEndian(control[16..], place.Y);

        // Milliseconds where they fit, else seconds.
        bool isShort = milliseconds < ushort.MaxValue;
        BinaryPrimitives.WriteUInt16BigEndian(
            control[20..], (ushort)Math.Clamp(Math.Round(isShort ? milliseconds : milliseconds / 1000), 0, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16BigEndian(control[22..], (ushort)(isShort ? 1000 : 1));
        control[24] = 0;
        control[25] = 0;
        PngChunkWriter.Write(output, "fcTL"u8, control);
    }

    /// <summary>Writes the rows as IDAT chunks, or as numbered fdAT chunks.</summary>
    /// <returns>The number of the next part.</returns>
    private static uint WritePixels(Image image, Stream output, PngEncodeOptions options, uint? sequence)
    {
        using var chunks = new PngChunkWriter(output, sequence);
        using (var deflate = new ZLibStream(chunks, options.Level, leaveOpen: true))
        {
            var packing = new PngPacking(image, Depth(image), options.ChoosesFilters);
            for (int y = 0; y < image.Height; y++)
            {
                deflate.Write(packing.Row(y));
            }
        }

        return chunks.Finish();
    }
}
