namespace Percept.Media;

/// <summary>
/// Makes the best Huffman code of at most 16 bits for given counts, by the method of the JPEG standard's annex K.2.
/// </summary>
internal static class JpegHuffmanOptimizer
{
    private const int Symbols = 256;
    private const int LongestCode = 16;

    /// <summary>The code for symbols that were met so often.</summary>
    internal static JpegHuffmanCode Make(ReadOnlySpan<long> counts)
    {
        // One symbol more, met once, takes the code of all ones, which must not be used.
        Span<long> left = stackalloc long[Symbols + 1];
        counts.CopyTo(left);
        left[Symbols] = 1;
        Span<int> lengths = stackalloc int[Symbols + 1];
        Span<int> next = stackalloc int[Symbols + 1];
        next.Fill(-1);
        while (true)
        {
            int first = Rarest(left, -1);
            int second = Rarest(left, first);
            if (second < 0)
            {
                break;
            }

            left[first] += left[second];
            left[second] = 0;
            int at = first;
            for (; next[at] >= 0; at = next[at])
            {
                lengths[at]++;
            }

            lengths[at]++;
            next[at] = second;
            for (at = second; at >= 0; at = next[at])
            {
                lengths[at]++;
            }
        }

        return Limit(lengths);
    }

    /// <summary>The rarest symbol that is left, the last of equal ones.</summary>
    private static int Rarest(ReadOnlySpan<long> left, int except)
    {
        int found = -1;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] > 0 && i != except && (found < 0 || left[i] <= left[found]))
            {
                found = i;
            }
        }

        return found;
    }

    private static JpegHuffmanCode Limit(ReadOnlySpan<int> lengths)
    {
        Span<int> bits = stackalloc int[Symbols + 2];
        foreach (int length in lengths)
        {
            bits[length]++;
        }

        bits[0] = 0;
        for (int i = bits.Length - 1; i > LongestCode; i--)
        {
            while (bits[i] > 0)
            {
                int j = i - 2;
                while (bits[j] == 0)
                {
                    j--;
                }

                // Two codes of this length go: their prefix takes one, the other lengthens a shorter code.
                bits[i] -= 2;
                bits[i - 1]++;
                bits[j + 1] += 2;
                bits[j]--;
            }
        }

        int last = LongestCode;
        while (bits[last] == 0)
        {
            last--;
        }

        bits[last]--;
        byte[] counts = new byte[LongestCode];
        for (int i = 0; i < LongestCode; i++)
        {
            counts[i] = (byte)bits[i + 1];
        }

        var symbols = new List<byte>();
        for (int length = 1; length < bits.Length; length++)
        {
            for (int symbol = 0; symbol < Symbols; symbol++)
            {
                if (lengths[symbol] == length)
                {
                    symbols.Add((byte)symbol);
                }
            }
        }

        return new JpegHuffmanCode(counts, [.. symbols]);
    }
}
