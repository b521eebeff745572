namespace Percept.Media;

/// <summary>Decodes the indices and colours of GIF frames.</summary>
internal static class GifPictures
{
    /// <summary>First row and step of the four passes of interlaced frames.</summary>
    private static readonly (int First, int Step)[] s_passes = [(0, 8), (4, 8), (2, 4), (1, 2)];

    /// <summary>The indices of a frame, rows from the top.</summary>
    internal static byte[] Indices(ReadOnlySpan<byte> file, GifFrame frame, DecodeGuard guard)
    {
        ReadOnlySpan<byte> data = file[frame.DataOffset..];
        long count = (long)frame.Width * frame.Height;
        if (count > GifLzw.MostPixels(data.Length))
        {
            throw new InvalidDataException(
                $"A frame of the GIF file announces {frame.Width}×{frame.Height} pixels, but only {data.Length} bytes follow.");
        }

        byte[] stored = GC.AllocateUninitializedArray<byte>((int)count);
        GifLzw.Decode(data, stored, guard);
        if (!frame.Interlaced)
        {
            return stored;
        }

        byte[] ordered = GC.AllocateUninitializedArray<byte>((int)count);
        int row = 0;
        foreach ((int first, int step) in s_passes)
        {
            for (int y = first; y < frame.Height; y += step)
            {
                stored.AsSpan(row++ * frame.Width, frame.Width).CopyTo(ordered.AsSpan(y * frame.Width));
            }
        }

        return ordered;
    }

    /// <summary>The number of colours that a frame has; without any, each index is its gray.</summary>
    internal static int Count(GifFile gif, GifFrame frame)
    {
        Range colors = frame.HasLocalColors ? frame.LocalColors : gif.Colors;
        return frame.HasLocalColors || gif.HasColors ? (colors.End.Value - colors.Start.Value) / 3 : 256;
    }

    /// <summary>
    /// The colours of a frame, red, green, blue, alpha, 256 entries. Without colours, and where they are just all grays,
    /// an index is its gray; other indices without a colour are black.
    /// </summary>
    internal static byte[] Colors(ReadOnlySpan<byte> file, GifFile gif, GifFrame frame)
    {
        ReadOnlySpan<byte> stored = frame.HasLocalColors ? file[frame.LocalColors]
            : gif.HasColors ? file[gif.Colors]
            : default;
        bool grays = true;
        for (int i = 0; i < stored.Length; i++)
        {
            grays &= stored[i] == i / 3;
        }

        byte[] rgba = new byte[256 * 4];
        for (int i = 0; i < 256; i++)
        {
            Span<byte> color = rgba.AsSpan(4 * i, 4);
            if (grays)
            {
                color.Fill((byte)i);
            }
            else if (3 * i < stored.Length)
            {
                stored.Slice(3 * i, 3).CopyTo(color);
            }

            color[3] = 255;
        }

        return rgba;
    }
}
