using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>What a Huffman table is used for; its lookup differs.</summary>
internal enum JpegHuffmanUse
{
    /// <summary>Differences of DC coefficients.</summary>
    Dc,

    /// <summary>AC coefficients of sequential scans.</summary>
    Ac,

    /// <summary>AC coefficients of the first pass of progressive scans: "end of block" comes in runs.</summary>
    AcFirst,

    /// <summary>AC coefficients of refining scans: the symbol alone.</summary>
    AcRefine,
}

/// <summary>A Huffman table with a lookup by the next ten bits.</summary>
/// <remarks>
/// An entry of the lookup, from the low bit: 6 bits how many bits are used; 1 bit "slow"; 1 bit unused; 7 bits by how
/// much the zigzag position moves on; 1 bit "end of block follows and is used too"; 16 bits the coefficient.
/// Slow entries hold the length of the code alone (0 when it is longer than ten bits), and above bit 16 in 4 bits the
/// size of the coefficient that follows, in 4 bits the run, and 1 bit that marks a run of blocks that end.
/// </remarks>
internal sealed unsafe class JpegHuffmanTable
{
    internal const int LookupBits = 10;
    internal const int LookupSize = 1 << LookupBits;
    internal const int LengthMask = 63;
    internal const int Slow = 1 << 6;
    internal const int MoveShift = 8;
    internal const int MoveMask = 127;
    internal const int Ends = 1 << 15;
    internal const int SizeShift = 16;
    internal const int RunShift = 20;
    internal const int BlocksEnd = 1 << 24;

    private const int LongestCode = 16;

    private readonly byte[] _values;
    private readonly int[] _endCode = new int[LongestCode + 1];
    private readonly int[] _valueOffset = new int[LongestCode + 1];
    private readonly JpegHuffmanUse _use;

    /// <summary>Makes the lookup of a table.</summary>
    /// <param name="counts">How many codes there are of 1 to 16 bits.</param>
    /// <param name="values">The symbols in the order of their codes.</param>
    /// <param name="use">What the table is used for.</param>
    /// <param name="lookup">Takes the lookup: <see cref="LookupSize"/> numbers that stay as long as the table is
    /// used.</param>
    /// <exception cref="InvalidDataException">The counts are no code, or a symbol does not fit the use.</exception>
    internal JpegHuffmanTable(ReadOnlySpan<byte> counts, byte[] values, JpegHuffmanUse use, int* lookup)
    {
        _values = values;
        _use = use;
        Lookup = lookup;
        int code = 0;
        int index = 0;
        for (int length = 1; length <= LongestCode; length++)
        {
            int count = counts[length - 1];
            _valueOffset[length] = index - code;
            code += count;
            index += count;
            if (count > 0 && code >= 1 << length)
            {
                throw new InvalidDataException(
                    $"A Huffman table of the JPEG file has more codes of up to {length} bits than there can be.");
            }

            // Codes of this length are below; shifted up, so that 16 bits of the stream can be compared at once.
            _endCode[length] = code << (LongestCode - length);
            code <<= 1;
        }

        int bad = use == JpegHuffmanUse.Dc ? values.AsSpan(0, index).IndexOfAnyExceptInRange((byte)0, (byte)15) : -1;
        if (bad >= 0)
        {
            throw new InvalidDataException(
                $"A Huffman table of the JPEG file for DC coefficients has the symbol {values[bad]}; 0 to 15 exist.");
        }

        FillLookup(counts);
    }

    /// <summary>The lookup by the next ten bits.</summary>
    internal int* Lookup { get; }

    /// <summary>The slow entry of the code at the head of the bits.</summary>
    /// <param name="bits">At least 16 bits of the stream, the next one on top.</param>
    /// <exception cref="InvalidDataException">There is no such code.</exception>
    internal int Find(ulong bits)
    {
        int next = (int)(bits >> (64 - LongestCode));
        for (int length = 1; length <= LongestCode; length++)
        {
            if (next < _endCode[length])
            {
                return Slow | length | Meaning(_values[(next >> (LongestCode - length)) + _valueOffset[length]]);
            }
        }

        throw new InvalidDataException(
            "The JPEG file has a code that its Huffman table does not have: the picture's data is damaged.");
    }

    /// <summary>The bits that "end of block" takes in an entry with <see cref="Ends"/>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="bits">The bits that it was found by, on top.</param>
    internal int EndLength(int entry, ulong bits)
    {
        int first = Find(bits);
        return (entry & LengthMask) - (first & LengthMask) - ((first >> SizeShift) & 15);
    }

    /// <summary>What a symbol means, as in a slow entry.</summary>
    private int Meaning(int symbol)
    {
        int size = symbol & 15;
        int run = symbol >> 4;
        int fields = (size << SizeShift) | (run << RunShift);
        switch (_use)
        {
            case JpegHuffmanUse.Dc or JpegHuffmanUse.AcRefine:
                return fields;
            case JpegHuffmanUse.AcFirst when size == 0 && run < 15:
                return fields | BlocksEnd;
            default:
                int move = size == 0 && run < 15 ? JpegZigzag.EndOfBlock : run + 1;
                return fields | (move << MoveShift);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillLookup(ReadOnlySpan<byte> counts)
    {
        var lookup = new Span<int>(Lookup, LookupSize);
        lookup.Fill(Slow);
        int code = 0;
        int index = 0;
        int endCode = 0;
        int endLength = 0;
        for (int length = 1; length <= LookupBits; length++, code <<= 1)
        {
            for (int i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                int meaning = Meaning(_values[index]);
                Fill(lookup.Slice(code << (LookupBits - length), 1 << (LookupBits - length)), length, meaning);
                if (_use == JpegHuffmanUse.Ac && ((meaning >> MoveShift) & MoveMask) == JpegZigzag.EndOfBlock)
                {
                    (endCode, endLength) = (code, length);
                }
            }
        }

        if (endLength > 0)
        {
            JoinEnds(lookup, endCode, endLength);
        }
    }

    /// <summary>Fills the entries that begin with one code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(Span<int> entries, int length, int meaning)
    {
        int size = (meaning >> SizeShift) & 15;
        int values = 1 << size;
        bool special = _use == JpegHuffmanUse.AcRefine || (_use == JpegHuffmanUse.AcFirst && size == 0);
        if (special || values > entries.Length)
        {
            entries.Fill(Slow | length | meaning);
            return;
        }

        int each = entries.Length >> size;
        int fields = (meaning & (MoveMask << MoveShift)) | (length + size);
        for (int v = 0; v < values; v++)
        {
            int value = v < values / 2 ? v - values + 1 : v;
            entries.Slice(v * each, each).Fill((value << 16) | fields);
        }
    }

    /// <summary>
    /// Where "end of block" lies wholly behind a coefficient within the ten bits, both are one entry.
    /// </summary>
    private static void JoinEnds(Span<int> lookup, int endCode, int endLength)
    {
        int at = 0;
        while (at < lookup.Length)
        {
            int entry = lookup[at];
            int rest = LookupBits - (entry & LengthMask);
            bool direct = (entry & Slow) == 0;
            int each = direct ? 1 << rest : 1;
            if (direct && entry >> 16 != 0 && rest >= endLength)
            {
                int free = rest - endLength;
                lookup.Slice(at + (endCode << free), 1 << free).Fill((entry | Ends) + endLength);
            }

            at += each;
        }
    }
}
