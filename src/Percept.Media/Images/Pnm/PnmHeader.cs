using System.Globalization;

namespace Percept.Media;

/// <summary>What a PNM file says before its pixels.</summary>
/// <param name="Kind">1 to 6 as in P1 to P6; 'f' for float maps.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Greatest">The greatest sample; 1 for bitmaps.</param>
/// <param name="Scale">Of float maps: negative when samples begin with their lowest byte.</param>
/// <param name="Offset">Where the pixels begin.</param>
internal readonly record struct PnmHeader(char Kind, int Width, int Height, int Greatest, double Scale, int Offset)
{
    internal PixelFormat Format => Kind switch
    {
        '1' or '4' => PixelFormat.Bit,
        '3' or '6' => PixelFormat.Rgb,
        'f' => PixelFormat.GrayFloat,
        _ => Greatest > 255 ? PixelFormat.Gray32 : PixelFormat.Gray,
    };

    internal bool IsText => Kind is '1' or '2' or '3';

    /// <summary>Bytes of a stored sample.</summary>
    internal int SampleBytes => Kind == 'f' ? 4 : Greatest > 255 ? 2 : 1;

    /// <summary>The fewest bytes that all pixels can have.</summary>
    internal long LeastBytes
    {
        get
        {
            long samples = (long)Width * Height * (Kind is '3' or '6' ? 3 : 1);
            return Kind switch
            {
                '4' => (Width + 7L) / 8 * Height,
                '1' => samples,
                '2' or '3' => (2 * samples) - 1,
                _ => samples * SampleBytes,
            };
        }
    }

    internal static bool Matches(ReadOnlySpan<byte> file) =>
        file.Length >= 3 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'6' or (byte)'f' && PnmReader.IsSpace(file[2]);

    internal static PnmHeader Read(ReadOnlySpan<byte> file, DecodeGuard guard)
    {
        char kind = (char)file[1];
        var reader = new PnmReader(file, 2);
        int width = reader.Number();
        int height = reader.Number();
        guard.CheckPicture("PNM", width, height);
        int greatest = 1;
        double scale = 0;
        if (kind == 'f')
        {
            string word = reader.Word();
            if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out scale)
                || scale == 0 || !double.IsFinite(scale))
            {
                throw new InvalidDataException($"The PFM file has the scale '{word}', expected a number other than 0.");
            }
        }
        else if (kind is not ('1' or '4'))
        {
            greatest = reader.Number();
            if (greatest is < 1 or > 65535)
            {
                throw new InvalidDataException($"The PNM file has the greatest sample {greatest}, expected 1 to 65535.");
            }
        }

        return new PnmHeader(kind, width, height, greatest, scale, reader.At);
    }
}
