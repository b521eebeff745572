namespace Percept.Media;

/// <summary>What the frame header of a lossy stream sets for the whole picture.</summary>
/// <remarks>Source: RFC 6386, section 9.</remarks>
internal sealed class Vp8Header
{
    /// <summary>Bytes before the first partition.</summary>
    internal const int TagBytes = 10;

    private const int Segments = 4;

    /// <summary>Pixels a row.</summary>
    internal int Width { get; private init; }

    /// <summary>Rows.</summary>
    internal int Height { get; private init; }

    /// <summary>Bytes of the first partition.</summary>
    internal int FirstPartition { get; private init; }

    /// <summary>Whether blocks say which segment they belong to.</summary>
    internal bool HasSegmentMap { get; private set; }

    /// <summary>The probabilities of segment numbers.</summary>
    internal byte[] SegmentProbabilities { get; } = [255, 255, 255];

    /// <summary>Whether the simple loop filter is used.</summary>
    internal bool SimpleFilter { get; private set; }

    /// <summary>Whether there is any loop filter.</summary>
    internal bool Filters { get; private set; }

    /// <summary>Filter strengths by [segment, whether predicted in 4×4 blocks].</summary>
    internal Vp8FilterStrength[] FilterStrengths { get; } = new Vp8FilterStrength[Segments * 2];

    /// <summary>Quantizer steps by segment.</summary>
    internal Vp8Steps[] Steps { get; } = new Vp8Steps[Segments];

    /// <summary>The number of token partitions.</summary>
    internal int Partitions { get; private set; }

    /// <summary>Token probabilities [4, 8, 3, 11].</summary>
    internal byte[] TokenProbabilities { get; } = Vp8Tables.TokenProbabilities.ToArray();

    /// <summary>The probability that a block is not skipped; null when blocks do not say.</summary>
    internal int? SkipProbability { get; private set; }

    /// <summary>Reads the tag and the size.</summary>
    /// <exception cref="InvalidDataException">It is no picture that can be shown.</exception>
    internal static Vp8Header ReadTag(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < TagBytes)
        {
            throw WebPFile.Broken($"its lossy stream has {stream.Length} bytes, expected at least {TagBytes}");
        }

        int tag = stream[0] | (stream[1] << 8) | (stream[2] << 16);
        int first = tag >> 5;
        string? problem = (tag & 1) != 0 ? "does not begin with a key frame"
            : ((tag >> 1) & 7) > 3 ? $"has profile {(tag >> 1) & 7}, expected 0 to 3"
            : ((tag >> 4) & 1) == 0 ? "holds a frame that is not shown"
            : !stream[3..6].SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]) ? "lacks its start code"
            : first >= stream.Length || first > stream.Length - TagBytes ? $"is cut off: its first part has {first} bytes"
            : null;
        int width = (stream[6] | (stream[7] << 8)) & 0x3FFF;
        int height = (stream[8] | (stream[9] << 8)) & 0x3FFF;
        problem ??= width == 0 || height == 0 ? $"has {width}×{height} pixels" : null;
        return problem is null
            ? new Vp8Header { Width = width, Height = height, FirstPartition = first }
            : throw WebPFile.Broken($"its lossy stream {problem}");
    }

    /// <summary>Reads the rest of the header from the first partition.</summary>
    internal void Read(ref Vp8Bits bits)
    {
        // Colour space and clamping: every decoder clamps, and there is one colour space.
        bits.Number(2);
        Span<int> quantizers = stackalloc int[Segments];
        Span<int> levels = stackalloc int[Segments];
        bool segmented = bits.Flag();
        bool absolute = true;
        if (segmented)
        {
            absolute = ReadSegments(ref bits, quantizers, levels);
        }

        ReadFilter(ref bits, segmented, absolute, levels);
        Partitions = 1 << bits.Number(2);
        ReadSteps(ref bits, segmented, absolute, quantizers);

        // Whether probabilities are kept for later frames means nothing for a single one.
        bits.Flag();
        for (int i = 0; i < TokenProbabilities.Length; i++)
        {
            if (bits.Bit(Vp8Tables.TokenUpdates[i]) != 0)
            {
                TokenProbabilities[i] = (byte)bits.Number(8);
            }
        }

        SkipProbability = bits.Flag() ? bits.Number(8) : null;
    }

    private bool ReadSegments(ref Vp8Bits bits, Span<int> quantizers, Span<int> levels)
    {
        HasSegmentMap = bits.Flag();
        bool absolute = true;
        if (bits.Flag())
        {
            absolute = bits.Flag();
            foreach (ref int quantizer in quantizers)
            {
                quantizer = bits.Optional(7);
            }

            foreach (ref int level in levels)
            {
                level = bits.Optional(6);
            }
        }

        if (HasSegmentMap)
        {
            foreach (ref byte probability in SegmentProbabilities.AsSpan())
            {
                probability = bits.Flag() ? (byte)bits.Number(8) : (byte)255;
            }
        }

        return absolute;
    }

    private void ReadFilter(ref Vp8Bits bits, bool segmented, bool absolute, ReadOnlySpan<int> levels)
    {
        SimpleFilter = bits.Flag();
        int level = bits.Number(6);
        int sharpness = bits.Number(3);
        Filters = level != 0;
        int intra = 0, small = 0;
        if (bits.Flag() && bits.Flag())
        {
            // Of the four by reference frame and the four by mode, a single picture uses the first of each.
            for (int i = 0; i < 8; i++)
            {
                int delta = bits.Optional(6);
                intra = i == 0 ? delta : intra;
                small = i == 4 ? delta : small;
            }
        }

        for (int segment = 0; segment < Segments; segment++)
        {
            int strength = segmented ? levels[segment] + (absolute ? 0 : level) : level;
            strength += intra;
            FilterStrengths[2 * segment] = Vp8FilterStrength.From(strength, sharpness);
            FilterStrengths[(2 * segment) + 1] = Vp8FilterStrength.From(strength + small, sharpness);
        }
    }

    private void ReadSteps(ref Vp8Bits bits, bool segmented, bool absolute, ReadOnlySpan<int> quantizers)
    {
        int common = bits.Number(7);
        int y1Dc = bits.Optional(4), y2Dc = bits.Optional(4), y2Ac = bits.Optional(4);
        int uvDc = bits.Optional(4), uvAc = bits.Optional(4);
        for (int i = 0; i < Segments; i++)
        {
            int index = segmented ? quantizers[i] + (absolute ? 0 : common) : common;
            Steps[i] = new Vp8Steps
            {
                Y1Dc = Dc(index + y1Dc, 127),
                Y1Ac = Ac(index),
                Y2Dc = Dc(index + y2Dc, 127) * 2,
                Y2Ac = Math.Max(8, (Ac(index + y2Ac) * 101581) >> 16),
                UvDc = Dc(index + uvDc, 117),
                UvAc = Ac(index + uvAc),
            };
        }
    }

    private static int Dc(int index, int most) => Vp8Tables.DcSteps[Math.Clamp(index, 0, most)];

    private static int Ac(int index) => Vp8Tables.AcSteps[Math.Clamp(index, 0, 127)];
}

/// <summary>The steps between levels of coefficients, first and others, of the three kinds of blocks.</summary>
internal readonly record struct Vp8Steps(int Y1Dc, int Y1Ac, int Y2Dc, int Y2Ac, int UvDc, int UvAc);

/// <summary>How strongly edges of a block are filtered.</summary>
/// <param name="Limit">The greatest step at an edge inside that is smoothed; 0 for no filter.</param>
/// <param name="Inner">The greatest step beside an edge.</param>
/// <param name="HighVariance">The step beside an edge from which fewer pixels are changed.</param>
internal readonly record struct Vp8FilterStrength(int Limit, int Inner, int HighVariance)
{
    internal static Vp8FilterStrength From(int level, int sharpness)
    {
        level = Math.Clamp(level, 0, 63);
        if (level == 0)
        {
            return default;
        }

        int inner = sharpness > 4 ? level >> 2 : sharpness > 0 ? level >> 1 : level;
        inner = sharpness > 0 ? Math.Min(inner, 9 - sharpness) : inner;
        inner = Math.Max(inner, 1);
        return new Vp8FilterStrength((2 * level) + inner, inner, level >= 40 ? 2 : level >= 15 ? 1 : 0);
    }
}
