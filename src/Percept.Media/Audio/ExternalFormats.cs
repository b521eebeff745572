namespace Percept.Media;

/// <summary>Knows files by their first bytes that the FFmpeg program decodes.</summary>
internal static class ExternalFormats
{
    internal static bool Matches(ReadOnlySpan<byte> data) =>
        data.StartsWith("OggS"u8)
        || data.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) // Matroska, WebM
        || (data.Length >= 12 && data[4..].StartsWith("ftyp"u8)) // MP4, M4A, MOV, 3GP
        || (data.Length >= 12 && data.StartsWith("FORM"u8) && data[8..].StartsWith("AIF"u8))
        || (data.Length >= 12 && data.StartsWith("RIFF"u8) && data[8..].StartsWith("AVI "u8))
        || data.StartsWith("caff"u8)
        || data.StartsWith("#!AMR"u8)
        || data.StartsWith("FLV"u8)
        || data.StartsWith((ReadOnlySpan<byte>)[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) // ASF, WMA
        || IsAdts(data);

    /// <summary>AAC in ADTS frames: the sync word with layer 0, and a second frame where the first one ends.</summary>
    private static bool IsAdts(ReadOnlySpan<byte> data)
    {
        int at = Id3.Skip(data);
        for (int i = 0; i < 2; i++)
        {
            if (data.Length - at < 7 || data[at] != 0xFF || (data[at + 1] & 0xF6) != 0xF0)
            {
                return false;
            }

            int length = ((data[at + 3] & 3) << 11) | (data[at + 4] << 3) | (data[at + 5] >> 5);
            if (length < 7)
            {
                return false;
            }

            at += Math.Min(length, data.Length - at);
        }

        return true;
    }
}
