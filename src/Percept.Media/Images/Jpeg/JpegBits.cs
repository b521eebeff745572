using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Where the reading of a scan's bits stands. Hot loops copy it to locals and write it back.</summary>
internal unsafe struct JpegBits
{
    /// <summary>The next bits, the first of them on top.</summary>
    internal ulong Bits;

    /// <summary>How many of <see cref="Bits"/> count.</summary>
    internal int Count;

    /// <summary>The next byte that is not in <see cref="Bits"/> as a whole.</summary>
    internal byte* Next;

    /// <summary>Fills up to at least 56 bits. Eight bytes from <see cref="Next"/> must be readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Refill(ref ulong bits, ref int count, ref byte* next)
    {
        bits |= BinaryPrimitives.ReverseEndianness(*(ulong*)next) >> count;
        next += (63 - count) >> 3;
        count |= 56;
    }

    /// <summary>A coefficient of <paramref name="size"/> bits (0 to 15) at the head of the bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Signed(ulong bits, int size)
    {
        int value = (int)(bits >> 1 >> (63 - size));

        // A first bit of zero marks a negative number; a size of zero leaves zero.
        int negative = ~(int)((long)bits >> 63);
        return value - (negative & ((1 << size) - 1));
    }

    /// <summary>Reads up to 16 bits.</summary>
    internal int Read(int size)
    {
        Refill(ref Bits, ref Count, ref Next);
        int value = (int)(Bits >> 1 >> (63 - size));
        Bits <<= size;
        Count -= size;
        return value;
    }
}
