using System.Buffers;

namespace Percept.Media;

/// <summary>Decodes the lossy bitstream of WebP: one VP8 key frame.</summary>
/// <remarks>
/// Source: RFC 6386; where it leaves freedom (upsampling, colours, ends of partitions) libwebp. The planes of the whole
/// picture are decoded first, with a border of the values that stand for pixels outside, then filtered, then turned
/// into colours: predictions need unfiltered pixels.
/// </remarks>
internal sealed unsafe class Vp8Decoder
{
    private const int Side = 16;
    private const int BlocksOfMacroblock = 25;
    private const int Border = 16;
    private const byte Above = 127;
    private const byte Beside = 129;

    private readonly Vp8Header _header;
    private readonly DecodeGuard _guard;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int _lumaStride;
    private readonly int _chromaStride;
    private readonly Macroblock[] _row;
    private readonly byte[] _modes;
    private readonly Edge[] _filters;
    private readonly byte[] _topModes;
    private readonly byte[] _topFilled;
    private readonly byte[] _leftModes = new byte[4];

    private Vp8Decoder(Vp8Header header, DecodeGuard guard)
    {
        _header = header;
        _guard = guard;
        _columns = (header.Width + Side - 1) / Side;
        _rows = (header.Height + Side - 1) / Side;
        _lumaStride = Border + (_columns * Side) + Border;
        _chromaStride = Border + (_columns * Side / 2) + Border;
        _row = new Macroblock[_columns];
        _modes = new byte[_columns * 16];
        _filters = new Edge[_columns * _rows];
        _topModes = new byte[_columns * 4];
        _topFilled = new byte[_columns * 9];
    }

    /// <summary>Decodes the picture into red, green and blue.</summary>
    /// <param name="stream">The stream with its header.</param>
    /// <param name="target">Width × height pixels in RGB or RGBA; alpha becomes 255.</param>
    /// <param name="stride">Bytes from row to row of the target.</param>
    /// <param name="channels">3 or 4.</param>
    /// <param name="guard">Ends long work.</param>
    /// <exception cref="InvalidDataException">The stream is broken or cut off.</exception>
    internal static void Decode(ReadOnlySpan<byte> stream, Span<byte> target, int stride, int channels, DecodeGuard guard)
    {
        Vp8Header header = Vp8Header.ReadTag(stream);
        fixed (byte* data = stream)
        {
            var first = new Vp8Bits(data + Vp8Header.TagBytes, header.FirstPartition);
            header.Read(ref first);
            Vp8Bits[] partitions = Split(
                data + Vp8Header.TagBytes + header.FirstPartition,
                stream.Length - Vp8Header.TagBytes - header.FirstPartition, header.Partitions);
            if (first.Exhausted)
            {
                throw CutOff();
            }

            new Vp8Decoder(header, guard).Decode(ref first, partitions, target, stride, channels);
        }
    }

    /// <summary>Finds the token partitions; sizes that are too great end with the data, as in libwebp.</summary>
    private static Vp8Bits[] Split(byte* data, long length, int count)
    {
        long sizes = 3L * (count - 1);
        if (length <= sizes)
        {
            throw CutOff();
        }

        var partitions = new Vp8Bits[count];
        long at = sizes;
        for (int i = 0; i < count; i++)
        {
            byte* size = data + (3 * i);
            long bytes = i == count - 1 ? length - at : Math.Min(length - at, size[0] | (size[1] << 8) | (size[2] << 16));
            partitions[i] = new Vp8Bits(data + at, bytes);
            at += bytes;
        }

        return partitions;
    }

    private void Decode(ref Vp8Bits first, Vp8Bits[] partitions, Span<byte> target, int stride, int channels)
    {
        int lumaBytes = _lumaStride * ((_rows * Side) + 1);
        int chromaBytes = _chromaStride * ((_rows * Side / 2) + 1);
        byte[] planes = ArrayPool<byte>.Shared.Rent(lumaBytes + (2 * chromaBytes));
        try
        {
            fixed (byte* start = planes)
            {
                byte* luma = start + _lumaStride + Border;
                byte* u = start + lumaBytes + _chromaStride + Border;
                byte* v = u + chromaBytes;
                MakeBorder(luma, _lumaStride, _rows * Side);
                MakeBorder(u, _chromaStride, _rows * Side / 2);
                MakeBorder(v, _chromaStride, _rows * Side / 2);
                for (int y = 0; y < _rows; y++)
                {
                    _guard.Tick();
                    DecodeRow(ref first, ref partitions[y & (partitions.Length - 1)], y, luma, u, v);
                }

                if (_header.Filters)
                {
                    Filter(luma, u, v);
                }

                Show(luma, u, v, target, stride, channels);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    /// <summary>The values of pixels above and to the left of the picture.</summary>
    private static void MakeBorder(byte* plane, int stride, int rows)
    {
        new Span<byte>(plane - stride - Border, stride).Fill(Above);
        for (int y = 0; y < rows; y++)
        {
            plane[((nint)y * stride) - 1] = Beside;
        }
    }

    private void DecodeRow(ref Vp8Bits first, ref Vp8Bits tokens, int y, byte* luma, byte* u, byte* v)
    {
        Array.Clear(_leftModes);
        for (int x = 0; x < _columns; x++)
        {
            ReadModes(ref first, x);
        }

        if (first.Exhausted)
        {
            throw CutOff();
        }

        short* coefficients = stackalloc short[BlocksOfMacroblock * 16];
        byte* codes = stackalloc byte[BlocksOfMacroblock];
        byte* left = stackalloc byte[9];
        new Span<byte>(left, 9).Clear();
        byte* row = luma + ((nint)y * Side * _lumaStride);
        nint chroma = (nint)y * (Side / 2) * _chromaStride;
        fixed (byte* top = _topFilled, probabilities = _header.TokenProbabilities)
        {
            for (int x = 0; x < _columns; x++)
            {
                ref Macroblock block = ref _row[x];
                bool filled = !block.Skipped;
                if (filled)
                {
                    filled = ReadCoefficients(ref tokens, block, top + (9 * x), left, probabilities, coefficients, codes);
                }
                else
                {
                    // The context of the second-order block stays where blocks have none.
                    int kept = block.Small ? 8 : 9;
                    new Span<byte>(top + (9 * x), kept).Clear();
                    new Span<byte>(left, kept).Clear();
                }

                if (tokens.Exhausted)
                {
                    throw CutOff();
                }

                Vp8FilterStrength strength = _header.FilterStrengths[(2 * block.Segment) + (block.Small ? 1 : 0)];
                _filters[(y * _columns) + x] = new Edge(strength, block.Small || filled);
                nint place = chroma + ((nint)x * Side / 2);
                Reconstruct(x, y, filled, coefficients, codes, row + ((nint)x * Side), u + place, v + place);
            }
        }

        // What stands right of the picture for the blocks of the next row.
        byte* last = row + (15 * (nint)_lumaStride) + (_columns * Side);
        new Span<byte>(last, 4).Fill(last[-1]);
    }

    private void ReadModes(ref Vp8Bits bits, int x)
    {
        ref Macroblock block = ref _row[x];
        byte[] segments = _header.SegmentProbabilities;
        block.Segment = !_header.HasSegmentMap ? 0
            : bits.Bit(segments[0]) == 0 ? bits.Bit(segments[1])
            : bits.Bit(segments[2]) + 2;
        block.Skipped = _header.SkipProbability is { } probability && bits.Bit(probability) != 0;
        block.Small = bits.Bit(145) == 0;
        Span<byte> top = _topModes.AsSpan(4 * x, 4);
        if (block.Small)
        {
            ReadSmallModes(ref bits, top, _modes.AsSpan(16 * x, 16));
        }
        else
        {
            block.Luma = bits.Bit(156) != 0
                ? (bits.Bit(128) != 0 ? Vp8Mode.TrueMotion : Vp8Mode.Horizontal)
                : (bits.Bit(163) != 0 ? Vp8Mode.Vertical : Vp8Mode.Dc);
            top.Fill((byte)block.Luma);
            _leftModes.AsSpan().Fill((byte)block.Luma);
        }

        block.Chroma = bits.Bit(142) == 0 ? Vp8Mode.Dc
            : bits.Bit(114) == 0 ? Vp8Mode.Vertical
            : bits.Bit(183) != 0 ? Vp8Mode.TrueMotion
            : Vp8Mode.Horizontal;
    }

    private void ReadSmallModes(ref Vp8Bits bits, Span<byte> top, Span<byte> modes)
    {
        for (int y = 0; y < 4; y++)
        {
            int mode = _leftModes[y];
            for (int x = 0; x < 4; x++)
            {
                ReadOnlySpan<byte> p = Vp8Tables.ModeProbabilities.Slice(((top[x] * 10) + mode) * 9, 9);
                mode = (int)(bits.Bit(p[0]) == 0 ? Vp8Mode.Dc
                    : bits.Bit(p[1]) == 0 ? Vp8Mode.TrueMotion
                    : bits.Bit(p[2]) == 0 ? Vp8Mode.Vertical
                    : bits.Bit(p[3]) == 0
                        ? (bits.Bit(p[4]) == 0 ? Vp8Mode.Horizontal
                            : bits.Bit(p[5]) == 0 ? Vp8Mode.DownRight : Vp8Mode.VerticalRight)
                        : (bits.Bit(p[6]) == 0 ? Vp8Mode.DownLeft
                            : bits.Bit(p[7]) == 0 ? Vp8Mode.VerticalLeft
                            : bits.Bit(p[8]) == 0 ? Vp8Mode.HorizontalDown : Vp8Mode.HorizontalUp));
                top[x] = (byte)mode;
                modes[(4 * y) + x] = (byte)mode;
            }

            _leftModes[y] = (byte)mode;
        }
    }

    /// <summary>Reads all blocks of a macroblock; false when none has a coefficient.</summary>
    /// <param name="tokens">The partition.</param>
    /// <param name="block">Its modes.</param>
    /// <param name="top">Whether the 4 luma, 2 + 2 chroma and the second-order block above have coefficients.</param>
    /// <param name="left">The same to the left.</param>
    /// <param name="probabilities">Of tokens.</param>
    /// <param name="coefficients">Gets 16 luma and 8 chroma blocks; the last is used between.</param>
    /// <param name="codes">Gets for each block: 0 for nothing, 1 for the first coefficient only, 2 for more.</param>
    private bool ReadCoefficients(
        ref Vp8Bits tokens, Macroblock block, byte* top, byte* left, byte* probabilities, short* coefficients,
        byte* codes)
    {
        new Span<short>(coefficients, BlocksOfMacroblock * 16).Clear();
        Vp8Steps steps = _header.Steps[block.Segment];
        int first = 0;
        byte* luma = probabilities + (3 * Vp8Tokens.Type);
        if (!block.Small)
        {
            short* second = coefficients + (24 * 16);
            int end = Vp8Tokens.Read(
                ref tokens, probabilities + Vp8Tokens.Type, top[8] + left[8], 0, steps.Y2Dc, steps.Y2Ac, second);
            top[8] = left[8] = end > 0 ? (byte)1 : (byte)0;
            Vp8Transforms.Hadamard(second, coefficients);
            first = 1;
            luma = probabilities;
        }

        int any = 0;
        for (int i = 0; i < 16; i++)
        {
            int x = i & 3, y = i >> 2;
            short* at = coefficients + (16 * i);
            int end = Vp8Tokens.Read(ref tokens, luma, top[x] + left[y], first, steps.Y1Dc, steps.Y1Ac, at);
            top[x] = left[y] = end > first ? (byte)1 : (byte)0;
            any |= codes[i] = Code(end, at);
        }

        for (int i = 16; i < 24; i++)
        {
            int plane = 4 + ((i - 16) / 4 * 2);
            int x = plane + (i & 1), y = plane + ((i >> 1) & 1);
            short* at = coefficients + (16 * i);
            int end = Vp8Tokens.Read(
                ref tokens, probabilities + (2 * Vp8Tokens.Type), top[x] + left[y], 0, steps.UvDc, steps.UvAc, at);
            top[x] = left[y] = end > 0 ? (byte)1 : (byte)0;
            any |= codes[i] = Code(end, at);
        }

        return any != 0;
    }

    private static byte Code(int end, short* block) => end > 1 ? (byte)2 : block[0] != 0 ? (byte)1 : (byte)0;

    private void Reconstruct(int x, int y, bool filled, short* coefficients, byte* codes, byte* luma, byte* u, byte* v)
    {
        ref Macroblock block = ref _row[x];
        if (block.Small)
        {
            uint above = *(uint*)(luma - _lumaStride + Side);
            for (int i = 0; i < 16; i++)
            {
                byte* at = luma + ((nint)(i >> 2) * 4 * _lumaStride) + ((i & 3) * 4);

                // What lies right of the macroblock is not decoded yet: its lower rows use the row above it, too.
                byte* right = (i & 3) == 3 ? (byte*)&above : at - _lumaStride + 4;
                Vp8Prediction.Small((Vp8Mode)_modes[(16 * x) + i], at, _lumaStride, right);
                if (filled)
                {
                    Add(codes[i], coefficients + (16 * i), at, _lumaStride);
                }
            }
        }
        else
        {
            Vp8Prediction.Block(block.Luma, luma, _lumaStride, Side, y > 0, x > 0);
            for (int i = 0; filled && i < 16; i++)
            {
                byte* at = luma + ((nint)(i >> 2) * 4 * _lumaStride) + ((i & 3) * 4);
                Add(codes[i], coefficients + (16 * i), at, _lumaStride);
            }
        }

        Vp8Prediction.Block(block.Chroma, u, _chromaStride, Side / 2, y > 0, x > 0);
        Vp8Prediction.Block(block.Chroma, v, _chromaStride, Side / 2, y > 0, x > 0);
        for (int i = 16; filled && i < 24; i++)
        {
            byte* at = (i < 20 ? u : v) + ((nint)((i >> 1) & 1) * 4 * _chromaStride) + ((i & 1) * 4);
            Add(codes[i], coefficients + (16 * i), at, _chromaStride);
        }
    }

    private static void Add(byte code, short* coefficients, byte* at, int stride)
    {
        if (code == 2)
        {
            Vp8Transforms.Add(coefficients, at, stride);
        }
        else if (code == 1)
        {
            Vp8Transforms.AddDc(coefficients[0], at, stride);
        }
    }

    private void Filter(byte* luma, byte* u, byte* v)
    {
        for (int y = 0; y < _rows; y++)
        {
            _guard.Tick();
            byte* row = luma + ((nint)y * Side * _lumaStride);
            nint chroma = (nint)y * (Side / 2) * _chromaStride;
            for (int x = 0; x < _columns; x++)
            {
                Edge edge = _filters[(y * _columns) + x];
                if (edge.Strength.Limit == 0)
                {
                    continue;
                }

                byte* at = row + ((nint)x * Side);
                FilterBlock(at, at + (8 * (nint)_lumaStride), at + 8, Side, _lumaStride, x > 0, y > 0, edge);
                if (!_header.SimpleFilter)
                {
                    nint place = chroma + ((nint)x * Side / 2);
                    FilterBlock(u + place, v + place, v + place, Side / 2, _chromaStride, x > 0, y > 0, edge);
                }
            }
        }
    }

    /// <summary>Filters the edges of one luma block, or of one block in both chroma planes.</summary>
    /// <param name="at">Its upper left pixel.</param>
    /// <param name="below">Where the second run of eight places of an edge down the picture begins.</param>
    /// <param name="beside">Where that of an edge across the picture begins.</param>
    /// <param name="size">16 or 8.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="hasLeft">Whether there is a block to the left.</param>
    /// <param name="hasTop">Whether there is a block above.</param>
    /// <param name="edge">How strongly.</param>
    private void FilterBlock(
        byte* at, byte* below, byte* beside, int size, nint stride, bool hasLeft, bool hasTop, Edge edge)
    {
        Vp8FilterStrength strength = edge.Strength;
        Vp8LoopFilter.Kind outer = _header.SimpleFilter ? Vp8LoopFilter.Kind.Simple : Vp8LoopFilter.Kind.Outer;
        Vp8LoopFilter.Kind inner = _header.SimpleFilter ? Vp8LoopFilter.Kind.Simple : Vp8LoopFilter.Kind.Inner;
        if (hasLeft)
        {
            Vp8LoopFilter.Filter(at, below, stride, true, strength.Limit + 4, strength, outer);
        }

        for (int i = 4; edge.Inside && i < size; i += 4)
        {
            Vp8LoopFilter.Filter(at + i, below + i, stride, true, strength.Limit, strength, inner);
        }

        if (hasTop)
        {
            Vp8LoopFilter.Filter(at, beside, stride, false, strength.Limit + 4, strength, outer);
        }

        for (int i = 4; edge.Inside && i < size; i += 4)
        {
            nint rows = i * stride;
            Vp8LoopFilter.Filter(at + rows, beside + rows, stride, false, strength.Limit, strength, inner);
        }
    }

    private void Show(byte* luma, byte* u, byte* v, Span<byte> target, int stride, int channels)
    {
        int width = _header.Width, height = _header.Height;
        int lastChroma = ((height + 1) / 2) - 1;
        _ = target[((height - 1) * stride) + (width * channels) - 1];
        byte[] rows = ArrayPool<byte>.Shared.Rent(2 * (width + Border));
        fixed (byte* to = target, wideU = rows)
        {
            byte* wideV = wideU + width + Border;
            for (int y = 0; y < height; y++)
            {
                // Odd rows lie nearer to the chroma row above, even ones to the one below.
                nint near = y / 2 * (nint)_chromaStride;
                nint far = Math.Clamp((y & 1) == 0 ? (y / 2) - 1 : (y / 2) + 1, 0, lastChroma) * (nint)_chromaStride;
                Vp8Upsampler.Widen(u + near, u + far, width, wideU);
                Vp8Upsampler.Widen(v + near, v + far, width, wideV);
                Vp8Upsampler.Colors(
                    luma + ((nint)y * _lumaStride), wideU, wideV, width, to + ((nint)y * stride), channels);
            }
        }

        ArrayPool<byte>.Shared.Return(rows);
    }

    private static InvalidDataException CutOff() =>
        new("The lossy WebP stream ends before the picture is complete; the file is cut off.");

    private struct Macroblock
    {
        internal int Segment;
        internal bool Skipped;
        internal bool Small;
        internal Vp8Mode Luma;
        internal Vp8Mode Chroma;
    }

    /// <summary>The filter of a macroblock, and whether edges inside are filtered.</summary>
    private readonly record struct Edge(Vp8FilterStrength Strength, bool Inside);
}
