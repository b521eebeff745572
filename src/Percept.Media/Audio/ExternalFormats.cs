namespace Percept.Media;

/// <summary>Knows files by their first bytes that the FFmpeg program decodes.</summary>
internal static class ExternalFormats
{
    private const int BrandAt = 8;

    /// <summary>Brands of still pictures in the container of MP4.</summary>
    private static readonly string[] s_pictureBrands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"];

    internal static bool Matches(ReadOnlySpan<byte> data) => NameOf(data) is not null;

    /// <summary>The name of the container; null when it is none that FFmpeg decodes.</summary>
    internal static string? NameOf(ReadOnlySpan<byte> data)
    {
        if (data.Length >= 12 && data[4..].StartsWith("ftyp"u8))
        {
            return PictureOf(data) is not null ? null : data[BrandAt..].StartsWith("qt  "u8) ? "QuickTime"
                : data[BrandAt..].StartsWith("3g"u8) ? "3GP" : "MP4";
        }

        if (data.Length >= 12 && data.StartsWith("FORM"u8) && data[8..].StartsWith("AIF"u8))
        {
            return "AIFF";
        }

        if (data.Length >= 12 && data.StartsWith("RIFF"u8) && data[8..].StartsWith("AVI "u8))
        {
            return "AVI";
        }

        return data.StartsWith("OggS"u8) ? "Ogg"
            : data.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) ? "Matroska or WebM"
            : data.StartsWith("caff"u8) ? "CAF"
            : data.StartsWith("#!AMR"u8) ? "AMR"
            : data.StartsWith("FLV"u8) ? "FLV"
            : data.StartsWith((ReadOnlySpan<byte>)[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) ? "ASF"
            : IsAdts(data) ? "AAC"
            : null;
    }

    /// <summary>The name of a still picture in the container of MP4 (HEIC, AVIF); null when it is none.</summary>
    internal static string? PictureOf(ReadOnlySpan<byte> data)
    {
        if (data.Length < 12 || !data[4..].StartsWith("ftyp"u8))
        {
            return null;
        }

        string brand = System.Text.Encoding.ASCII.GetString(data.Slice(BrandAt, 4));
        return !s_pictureBrands.Contains(brand, StringComparer.Ordinal) ? null
            : brand.StartsWith("avi", StringComparison.Ordinal) ? "AVIF"
            : "HEIC";
    }

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
