namespace Percept.Media;

/// <summary>What a TIFF file says about its first picture, checked.</summary>
internal sealed class TiffHeader
{
    internal const int WhiteIsZero = 0;
    internal const int BlackIsZero = 1;
    internal const int Rgb = 2;
    internal const int Palette = 3;
    internal const int Cmyk = 5;
    internal const int YCbCr = 6;

    internal const int NoCompression = 1;
    internal const int Lzw = 5;
    internal const int Deflate = 8;
    internal const int OldDeflate = 32946;
    internal const int PackBits = 32773;

    private const int MostSamples = 6;

    internal TiffHeader(TiffDirectory directory, DecodeGuard guard)
    {
        LittleEndian = directory.LittleEndian;
        long width = directory.Number(256, 0);
        long height = directory.Number(257, 0);
        guard.CheckPicture("TIFF", width, height);
        (Width, Height) = ((int)width, (int)height);
        Compression = (int)directory.Number(259, NoCompression);
        Photometric = (int)directory.Number(262, WhiteIsZero);
        ReversedBits = directory.Number(266, 1) == 2;
        Planar = directory.Number(284, 1) == 2;
        Orientation = (int)directory.Number(274, 1) is >= 1 and <= 8 and var turn ? turn : 1;
        Predictor = (int)directory.Number(317, 1);
        SampleFormat = (int)directory.Number(339, 1);
        ReadSamples(directory);
        ReadLayout(directory, guard);
        if (Compression is not (NoCompression or Lzw or Deflate or OldDeflate or PackBits))
        {
            throw new NotSupportedException(
                $"The TIFF file has compression {Compression}; decoded are none, LZW, Deflate and PackBits. Write it as PNG.");
        }

        Colors = Photometric == Palette ? directory.Numbers(320) : [];
        if (Photometric == Palette && Colors.Length < 3 << Bits)
        {
            throw new InvalidDataException($"The TIFF file's palette has {Colors.Length} numbers, expected {3 << Bits}.");
        }
    }

    internal bool LittleEndian { get; }

    internal int Width { get; }

    internal int Height { get; }

    internal int Compression { get; }

    internal int Photometric { get; }

    /// <summary>Whether the first pixel of a byte is in its lowest bits.</summary>
    internal bool ReversedBits { get; }

    /// <summary>Whether each sample has data of its own.</summary>
    internal bool Planar { get; }

    internal int Orientation { get; }

    internal int Predictor { get; }

    /// <summary>1 unsigned, 2 signed, 3 float.</summary>
    internal int SampleFormat { get; }

    /// <summary>Bits of every sample.</summary>
    internal int Bits { get; private set; }

    /// <summary>Samples of a pixel.</summary>
    internal int Samples { get; private set; }

    /// <summary>What samples after the colours are: 0 anything, 1 premultiplied alpha, 2 alpha.</summary>
    internal int[] Extra { get; private set; } = [];

    internal int TileWidth { get; private set; }

    internal int TileHeight { get; private set; }

    internal long[] Offsets { get; private set; } = [];

    internal long[] ByteCounts { get; private set; } = [];

    /// <summary>16-bit red values, then green, then blue.</summary>
    internal long[] Colors { get; }

    /// <summary>Whether the picture is in tiles, not strips.</summary>
    internal bool Tiled { get; private set; }

    /// <summary>The bytes of a row of tile data: of all samples, or of one when each has data of its own.</summary>
    internal long TileRowBytes => (((long)TileWidth * Bits * (Planar ? 1 : Samples)) + 7) / 8;

    internal int TilesAcross => (int)(((long)Width + TileWidth - 1) / TileWidth);

    internal int TilesDown => (int)(((long)Height + TileHeight - 1) / TileHeight);

    private void ReadSamples(TiffDirectory directory)
    {
        long[] bits = directory.Numbers(258);
        bits = bits.Length == 0 ? [1] : bits;
        long samples = directory.Number(277, 1);
        if (samples is < 1 or > MostSamples || (bits.Length > 1 && bits.Length < samples))
        {
            throw new NotSupportedException($"The TIFF file has {samples} samples a pixel and {bits.Length} sizes of them.");
        }

        Samples = (int)samples;
        Bits = (int)Math.Min(bits[0], 1024);
        for (int i = 1; i < Math.Min(bits.Length, Samples); i++)
        {
            if (bits[i] != bits[0])
            {
                throw new NotSupportedException($"The TIFF file has samples of {bits[0]} and of {bits[i]} bits in one pixel.");
            }
        }

        Extra = [.. directory.Numbers(338).Take(MostSamples).Select(static kind => (int)kind)];
    }

    private void ReadLayout(TiffDirectory directory, DecodeGuard guard)
    {
        Tiled = !directory.Has(273) && directory.Has(324);
        long width = Tiled ? directory.Number(322, 0) : Width;
        long height = Tiled ? directory.Number(323, 0) : Math.Min(directory.Number(278, Height), Height);
        guard.CheckPicture("TIFF tile's", width, height);
        (TileWidth, TileHeight) = ((int)width, (int)height);
        Offsets = directory.Numbers(Tiled ? 324 : 273);
        ByteCounts = directory.Numbers(Tiled ? 325 : 279);
        long needed = (long)TilesAcross * TilesDown * (Planar ? Samples : 1);
        if (Offsets.Length < needed)
        {
            throw new InvalidDataException($"The TIFF file has {Offsets.Length} tiles or strips, expected {needed}.");
        }
    }
}
