namespace Percept.Media;

/// <summary>The tags that some programs put in front of any sound file.</summary>
internal static class Id3
{
    private const int HeaderBytes = 10;

    /// <summary>Where the sound begins behind ID3v2 tags; at most the length of the file.</summary>
    internal static int Skip(ReadOnlySpan<byte> data)
    {
        long at = 0;
        while (data.Length - at >= HeaderBytes && data[(int)at..].StartsWith("ID3"u8))
        {
            ReadOnlySpan<byte> header = data.Slice((int)at, HeaderBytes);
            if (header[3] == 0xFF || header[4] == 0xFF || (header[6] | header[7] | header[8] | header[9]) >= 0x80)
            {
                break;
            }

            long size = (header[6] << 21) | (header[7] << 14) | (header[8] << 7) | header[9];
            bool footer = (header[5] & 0x10) != 0;
            at = Math.Min(data.Length, at + HeaderBytes + size + (footer ? HeaderBytes : 0));
        }

        return (int)at;
    }

    /// <summary>Whether the rest of a file is nothing but an ID3v1 tag.</summary>
    internal static bool IsTrailer(ReadOnlySpan<byte> rest) => rest.Length == 128 && rest.StartsWith("TAG"u8);
}
