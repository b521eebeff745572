using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Reads one entropy-coded picture of a lossless stream: literals, copies and cached colours.</summary>
internal static unsafe class Vp8LPixels
{
    private const int Literals = 256;
    private const int Lengths = 24;
    private const int Distances = 40;
    private const int CodesOfGroup = 5;
    private const uint HashFactor = 0x1E35A7BD;

    /// <summary>The order in which the lengths of the code of lengths are stored.</summary>
    private static ReadOnlySpan<byte> LengthOrder => [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>The first 120 distances: rows above · 16 + 8 − columns to the left.</summary>
    private static ReadOnlySpan<byte> NearPlaces =>
    [
        0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1A, 0x26, 0x2A, 0x38, 0x05, 0x37, 0x39,
        0x15, 0x1B, 0x36, 0x3A, 0x25, 0x2B, 0x48, 0x04, 0x47, 0x49, 0x14, 0x1C, 0x35, 0x3B, 0x46, 0x4A,
        0x24, 0x2C, 0x58, 0x45, 0x4B, 0x34, 0x3C, 0x03, 0x57, 0x59, 0x13, 0x1D, 0x56, 0x5A, 0x23, 0x2D,
        0x44, 0x4C, 0x55, 0x5B, 0x33, 0x3D, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1E, 0x66, 0x6A, 0x22, 0x2E,
        0x54, 0x5C, 0x43, 0x4D, 0x65, 0x6B, 0x32, 0x3E, 0x78, 0x01, 0x77, 0x79, 0x53, 0x5D, 0x11, 0x1F,
        0x64, 0x6C, 0x42, 0x4E, 0x76, 0x7A, 0x21, 0x2F, 0x75, 0x7B, 0x31, 0x3F, 0x63, 0x6D, 0x52, 0x5E,
        0x00, 0x74, 0x7C, 0x41, 0x4F, 0x10, 0x20, 0x62, 0x6E, 0x30, 0x73, 0x7D, 0x51, 0x5F, 0x40, 0x72,
        0x7E, 0x61, 0x6F, 0x50, 0x71, 0x7F, 0x60, 0x70,
    ];

    /// <summary>Reads a picture.</summary>
    /// <param name="bits">The stream.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="top">Whether it is the picture itself, which may change its codes from tile to tile.</param>
    /// <param name="guard">Ends long work.</param>
    internal static uint[] Read(ref Vp8LBits bits, int width, int height, bool top, DecodeGuard guard)
    {
        int cacheBits = 0;
        if (bits.Flag())
        {
            cacheBits = bits.Take(4);
            if (cacheBits is < 1 or > 11)
            {
                throw WebPFile.Broken($"the colour cache of its lossless stream has {cacheBits} bits, expected 1 to 11");
            }
        }

        uint[]? tiles = null;
        int tileBits = 0;
        int groups = 1;
        if (top && bits.Flag())
        {
            tileBits = bits.Take(3) + 2;
            tiles = Read(ref bits, Vp8LDecoder.Tiles(width, tileBits), Vp8LDecoder.Tiles(height, tileBits), false, guard);
            foreach (ref uint tile in tiles.AsSpan())
            {
                tile = (tile >> 8) & 0xFFFF;
                groups = Math.Max(groups, (int)tile + 1);
            }
        }

        var codes = new Vp8LCodes();
        int[] places = ReadGroups(ref bits, groups, tiles, cacheBits, codes, guard);
        uint[] pixels = GC.AllocateUninitializedArray<uint>(width * height);
        uint[]? cache = cacheBits == 0 ? null : new uint[1 << cacheBits];
        fixed (uint* to = pixels, map = tiles, colors = cache)
        fixed (int* entries = codes.Entries, group = places)
        {
            var job = new Job(width, height, map, tileBits, colors, cacheBits, entries, group);
            job.Fill(ref bits, to, guard);
        }

        return pixels;
    }

    /// <summary>Reads the codes of all groups; those that no tile uses are dropped, and tiles renumbered.</summary>
    private static int[] ReadGroups(
        ref Vp8LBits bits, int groups, uint[]? tiles, int cacheBits, Vp8LCodes codes, DecodeGuard guard)
    {
        int[]? kept = null;
        int used = groups;
        if (tiles is not null)
        {
            kept = new int[groups];
            foreach (uint tile in tiles)
            {
                kept[tile] = 1;
            }

            used = 0;
            for (int i = 0; i < groups; i++)
            {
                kept[i] = kept[i] == 1 ? used++ : -1;
            }

            foreach (ref uint tile in tiles.AsSpan())
            {
                tile = (uint)kept[tile];
            }
        }

        int[] places = new int[used * CodesOfGroup];
        byte[] lengths = new byte[Literals + Lengths + (1 << 11)];
        var dropped = new Vp8LCodes();
        var ofLengths = new Vp8LCodes();
        for (int i = 0; i < groups; i++)
        {
            guard.Tick();
            int at = kept is null ? i : kept[i];
            for (int code = 0; code < CodesOfGroup; code++)
            {
                int symbols = code switch
                {
                    0 => Literals + Lengths + (cacheBits == 0 ? 0 : 1 << cacheBits),
                    4 => Distances,
                    _ => Literals,
                };
                Span<byte> room = lengths.AsSpan(0, Math.Max(symbols, Literals));
                int place = ReadCode(ref bits, room, symbols, at < 0 ? dropped : codes, ofLengths);
                if (at >= 0)
                {
                    places[(at * CodesOfGroup) + code] = place;
                }
            }

            dropped.Clear();
        }

        return places;
    }

    /// <summary>Reads one prefix code.</summary>
    private static int ReadCode(
        ref Vp8LBits bits, Span<byte> lengths, int symbols, Vp8LCodes codes, Vp8LCodes ofLengths)
    {
        lengths.Clear();
        if (bits.Flag())
        {
            bool two = bits.Flag();
            lengths[bits.Take(bits.Flag() ? 8 : 1)] = 1;
            if (two)
            {
                lengths[bits.Take(8)] = 1;
            }
        }
        else
        {
            ReadLengths(ref bits, lengths[..symbols], ofLengths);
        }

        bits.RequireData();
        return codes.Add(lengths[..symbols]);
    }

    private static void ReadLengths(ref Vp8LBits bits, Span<byte> lengths, Vp8LCodes codes)
    {
        Span<byte> ofLengths = stackalloc byte[LengthOrder.Length];
        ofLengths.Clear();
        codes.Clear();
        int count = bits.Take(4) + 4;
        for (int i = 0; i < count; i++)
        {
            ofLengths[LengthOrder[i]] = (byte)bits.Take(3);
        }

        int code = codes.Add(ofLengths);
        int left = lengths.Length;
        if (bits.Flag())
        {
            int width = 2 + (2 * bits.Take(3));
            left = 2 + bits.Take(width);
            if (left > lengths.Length)
            {
                throw WebPFile.Broken(
                    $"a prefix code of its lossless stream has {left} lengths, expected at most {lengths.Length}");
            }
        }

        byte previous = 8;
        fixed (int* entries = codes.Entries)
        {
            for (int symbol = 0; symbol < lengths.Length && left-- > 0;)
            {
                bits.Fill();
                int length = Vp8LCodes.Read(ref bits, entries, code);
                if (length < 16)
                {
                    lengths[symbol++] = (byte)length;
                    previous = length == 0 ? previous : (byte)length;
                    continue;
                }

                int repeat = length switch { 16 => 3 + bits.Take(2), 17 => 3 + bits.Take(3), _ => 11 + bits.Take(7) };
                if (repeat > lengths.Length - symbol)
                {
                    throw WebPFile.Broken("a prefix code of its lossless stream repeats a length too often");
                }

                lengths.Slice(symbol, repeat).Fill(length == 16 ? previous : (byte)0);
                symbol += repeat;
            }
        }
    }

    /// <summary>The pixels of one picture.</summary>
    private readonly struct Job(
        int width, int height, uint* tiles, int tileBits, uint* cache, int cacheBits, int* entries, int* groups)
    {
        internal void Fill(ref Vp8LBits stream, uint* pixels, DecodeGuard guard)
        {
            // A copy in registers; written back at the end.
            Vp8LBits bits = stream;
            int total = width * height;
            int mask = tiles is null ? -1 : (1 << tileBits) - 1;
            int shift = 32 - cacheBits;
            int* group = groups;
            int x = 0, y = 0, cached = 0;
            for (int at = 0; at < total;)
            {
                if ((x & mask) == 0)
                {
                    group = tiles is null ? groups : Group(x, y);
                }

                bits.Fill();
                int symbol = Vp8LCodes.Read(ref bits, entries, group[0]);
                if (symbol < Literals)
                {
                    int red = Vp8LCodes.Read(ref bits, entries, group[1]);
                    bits.Fill();
                    int blue = Vp8LCodes.Read(ref bits, entries, group[2]);
                    int alpha = Vp8LCodes.Read(ref bits, entries, group[3]);
                    pixels[at++] = ((uint)alpha << 24) | ((uint)red << 16) | ((uint)symbol << 8) | (uint)blue;
                    x++;
                }
                else if (symbol < Literals + Lengths)
                {
                    int length = Extend(ref bits, symbol - Literals);
                    bits.Fill();
                    int distance = Distance(Extend(ref bits, Vp8LCodes.Read(ref bits, entries, group[4])));
                    if (distance > at || length > total - at)
                    {
                        throw WebPFile.Broken("its lossless stream copies pixels from outside the picture");
                    }

                    Copy(pixels + at, distance, length);
                    at += length;
                    x += length;
                    if (x >= width)
                    {
                        // Leave one row to the common step below.
                        int rows = (x / width) - 1;
                        y += rows;
                        x -= rows * width;
                    }

                    if (tiles is not null && x < width && (x & mask) != 0)
                    {
                        group = Group(x, y);
                    }
                }
                else
                {
                    // The cache holds all pixels before this one; it is brought up to date only when it is asked.
                    while (cached < at)
                    {
                        uint color = pixels[cached++];
                        cache[(color * HashFactor) >> shift] = color;
                    }

                    pixels[at++] = cache[symbol - Literals - Lengths];
                    x++;
                }

                if (x >= width)
                {
                    x -= width;
                    y++;
                    bits.RequireData();
                    guard.Tick();
                    if (x != 0 && tiles is not null && at < total)
                    {
                        group = Group(x, y);
                    }
                }
            }

            bits.RequireData();
            stream = bits;
        }

        /// <summary>The codes of the tile that a pixel lies in.</summary>
        private int* Group(int x, int y) =>
            groups + (tiles[((y >> tileBits) * Vp8LDecoder.Tiles(width, tileBits)) + (x >> tileBits)] * CodesOfGroup);

        /// <summary>A length or distance by its symbol and the extra bits that it takes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static int Extend(ref Vp8LBits bits, int symbol)
        {
            if (symbol < 4)
            {
                return symbol + 1;
            }

            int extra = (symbol - 2) >> 1;
            return ((2 + (symbol & 1)) << extra) + bits.Take(extra) + 1;
        }

        /// <summary>The pixels back of a distance code.</summary>
        private int Distance(int code)
        {
            if (code > NearPlaces.Length)
            {
                return code - NearPlaces.Length;
            }

            int place = NearPlaces[code - 1];
            return Math.Max(1, ((place >> 4) * width) + 8 - (place & 15));
        }

        private static void Copy(uint* to, int distance, int length)
        {
            if (distance >= length)
            {
                new ReadOnlySpan<uint>(to - distance, length).CopyTo(new Span<uint>(to, length));
                return;
            }

            for (int i = 0; i < length; i++)
            {
                to[i] = to[i - distance];
            }
        }
    }
}
