using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Prefix codes of a lossless stream: all tables one after the other in one growing array.</summary>
/// <remarks>
/// A table has a root of up to 2^8 entries by the next bits. An entry is value · 256 + bits; for longer codes the
/// root's entry holds the place of a second table and, as bits, 8 plus the bits of that table's index. A code with one
/// symbol takes no bits.
/// </remarks>
internal sealed class Vp8LCodes
{
    private const int RootBits = 8;
    private const int MaxBits = 15;

    private int[] _entries = new int[1024];
    private int _used;

    /// <summary>All entries.</summary>
    internal int[] Entries => _entries;

    /// <summary>Forgets all tables; their room is used again.</summary>
    internal void Clear() => _used = 0;

    /// <summary>Makes the table of a code.</summary>
    /// <param name="lengths">The bits of each symbol's code; 0 for none.</param>
    /// <returns>The place of the table · 16 + the bits of its root.</returns>
    /// <exception cref="InvalidDataException">The lengths make no complete code.</exception>
    internal int Add(ReadOnlySpan<byte> lengths)
    {
        Span<int> counts = stackalloc int[MaxBits + 1];
        counts.Clear();
        foreach (byte length in lengths)
        {
            counts[length]++;
        }

        int symbols = lengths.Length - counts[0];
        if (symbols == 0)
        {
            throw WebPFile.Broken("a prefix code of its lossless stream has no symbols");
        }

        if (symbols == 1)
        {
            int at = Room(1);
            _entries[at] = lengths.IndexOfAnyExcept((byte)0) << 8;
            return at << 4;
        }

        Span<int> next = stackalloc int[MaxBits + 2];
        int code = 0;
        int longest = 0;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            next[bits] = code;
            code = (code + counts[bits]) << 1;
            longest = counts[bits] > 0 ? bits : longest;
            if (code > 1 << (bits + 1))
            {
                throw WebPFile.Broken("a prefix code of its lossless stream has too many codes");
            }
        }

        if (code != 1 << (MaxBits + 1))
        {
            throw WebPFile.Broken("a prefix code of its lossless stream is incomplete");
        }

        return Build(lengths, next, longest);
    }

    private int Build(ReadOnlySpan<byte> lengths, Span<int> next, int longest)
    {
        int root = Math.Min(longest, RootBits);
        int table = Room(1 << root);
        Span<byte> below = stackalloc byte[1 << RootBits];
        Span<int> places = stackalloc int[1 << RootBits];
        Span<int> starts = stackalloc int[MaxBits + 2];
        next.CopyTo(starts);
        below.Clear();
        if (longest > RootBits)
        {
            // How deep the second tables are, by the root's index.
            foreach (byte length in lengths)
            {
                if (length > 0)
                {
                    int code = starts[length]++;
                    if (length > RootBits)
                    {
                        ref byte deepest = ref below[Reverse(code, length) & ((1 << RootBits) - 1)];
                        deepest = Math.Max(deepest, (byte)(length - RootBits));
                    }
                }
            }

            for (int i = 0; i < below.Length; i++)
            {
                if (below[i] > 0)
                {
                    places[i] = Room(1 << below[i]);
                    _entries[table + i] = (places[i] << 8) | (RootBits + below[i]);
                }
            }
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            int code = Reverse(next[length]++, length);
            if (length <= root)
            {
                Spread(table, code, length, root, (symbol << 8) | length);
            }
            else
            {
                int index = code & ((1 << RootBits) - 1);
                int rest = length - RootBits;
                Spread(places[index], code >> RootBits, rest, below[index], (symbol << 8) | rest);
            }
        }

        return (table << 4) | root;
    }

    private void Spread(int table, int code, int length, int bits, int entry)
    {
        for (int i = code; i < 1 << bits; i += 1 << length)
        {
            _entries[table + i] = entry;
        }
    }

    private int Room(int count)
    {
        int at = _used;
        _used += count;
        if (_used > _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(_used, _entries.Length * 2));
        }

        return at;
    }

    private static int Reverse(int code, int length)
    {
        uint bits = (uint)code;
        bits = ((bits & 0x5555) << 1) | ((bits >> 1) & 0x5555);
        bits = ((bits & 0x3333) << 2) | ((bits >> 2) & 0x3333);
        bits = ((bits & 0x0F0F) << 4) | ((bits >> 4) & 0x0F0F);
        bits = ((bits & 0x00FF) << 8) | ((bits >> 8) & 0x00FF);
        return (int)(bits >> (16 - length));
    }

    /// <summary>Reads a symbol; the reader must have 15 bits ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe int Read(ref Vp8LBits bits, int* entries, int code)
    {
        uint ahead = bits.Ahead;
        int entry = entries[(code >> 4) + (int)(ahead & ((1u << (code & 15)) - 1))];
        int length = entry & 255;
        if (length > RootBits)
        {
            bits.Skip(RootBits);
            entry = entries[(entry >> 8) + (int)((ahead >> RootBits) & ((1u << (length - RootBits)) - 1))];
            length = entry & 255;
        }

        bits.Skip(length);
        return entry >> 8;
    }
}
