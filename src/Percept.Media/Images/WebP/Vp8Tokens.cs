using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Reads the coefficients of 4×4 blocks from a token partition.</summary>
/// <remarks>Source: RFC 6386, section 13.</remarks>
internal static unsafe class Vp8Tokens
{
    /// <summary>Probabilities of one context.</summary>
    internal const int Context = 11;

    /// <summary>Probabilities of one band.</summary>
    internal const int Band = 3 * Context;

    /// <summary>Probabilities of one type of block.</summary>
    internal const int Type = 8 * Band;

    private static ReadOnlySpan<byte> ZigZag => [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];

    /// <summary>The band of each coefficient; one more, as the place after the last is looked at.</summary>
    private static ReadOnlySpan<byte> Bands => [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0];

    private static ReadOnlySpan<byte> Category3 => [173, 148, 140];

    private static ReadOnlySpan<byte> Category4 => [176, 155, 140, 135];

    private static ReadOnlySpan<byte> Category5 => [180, 157, 141, 134, 130];

    private static ReadOnlySpan<byte> Category6 => [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129];

    /// <summary>Reads a block.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="probabilities">Those of the type of block.</param>
    /// <param name="context">How many of the blocks above and to the left have coefficients.</param>
    /// <param name="first">The first coefficient: 0, or 1 when the first is coded elsewhere.</param>
    /// <param name="dc">The step of coefficient 0.</param>
    /// <param name="ac">The step of the others.</param>
    /// <param name="coefficients">16 numbers, zero before.</param>
    /// <returns>The place after the last coefficient that was read.</returns>
    internal static int Read(
        ref Vp8Bits partition, byte* probabilities, int context, int first, int dc, int ac, short* coefficients)
    {
        // A copy in registers; written back at each end.
        Vp8Bits bits = partition;
        byte* p = probabilities + (Bands[first] * Band) + (context * Context);
        int n = first;
        for (; n < 16; n++)
        {
            if (bits.Bit(p[0]) == 0)
            {
                break;
            }

            while (bits.Bit(p[1]) == 0)
            {
                p = probabilities + (Bands[++n] * Band);
                if (n == 16)
                {
                    partition = bits;
                    return 16;
                }
            }

            byte* next = probabilities + (Bands[n + 1] * Band);
            int value = 1;
            if (bits.Bit(p[2]) == 0)
            {
                p = next + Context;
            }
            else
            {
                value = Large(ref bits, p);
                p = next + (2 * Context);
            }

            value = bits.Bit(128) != 0 ? -value : value;
            coefficients[ZigZag[n]] = (short)(value * (n > 0 ? ac : dc));
        }

        partition = bits;
        return n;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Large(ref Vp8Bits bits, byte* p)
    {
        if (bits.Bit(p[3]) == 0)
        {
            return bits.Bit(p[4]) == 0 ? 2 : 3 + bits.Bit(p[5]);
        }

        if (bits.Bit(p[6]) == 0)
        {
            if (bits.Bit(p[7]) == 0)
            {
                return 5 + bits.Bit(159);
            }

            int high = bits.Bit(165);
            return 7 + (2 * high) + bits.Bit(145);
        }

        int upper = bits.Bit(p[8]);
        int category = (2 * upper) + bits.Bit(p[9 + upper]);
        ReadOnlySpan<byte> extra = category switch { 0 => Category3, 1 => Category4, 2 => Category5, _ => Category6 };
        int value = 0;
        foreach (byte probability in extra)
        {
            value = (value << 1) | bits.Bit(probability);
        }

        return value + 3 + (8 << category);
    }
}
