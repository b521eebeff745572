using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Scales as blocks store them, to single precision, and the small value tables of the 4-bit formats.
/// </summary>
internal static unsafe class BlockScales
{
    /// <summary>The 16 values of IQ4_NL and IQ4_XS.</summary>
    internal static ReadOnlySpan<sbyte> Iq4Values =>
        [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>The 16 E2M1 values, doubled, of MXFP4 and NVFP4; code 8 is +0.</summary>
    internal static ReadOnlySpan<sbyte> Fp4Values => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>The half-precision float at <paramref name="address"/>, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Half(byte* address) => HalfBits(Unsafe.ReadUnaligned<ushort>(address));

    /// <summary>The half-precision float with these bits, exactly; infinities and NaN stay such.</summary>
    /// <remarks>Subnormal scales are common in K blocks, so they cost no branch and no subnormal operand.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float HalfBits(ushort half)
    {
        if ((half & 0x7C00) == 0x7C00)
        {
            return BitConverter.Int32BitsToSingle((((short)half << 13) & unchecked((int)0x8FFFE000)) | 0x7F800000);
        }

        // The number with mantissa 0, and what a unit of the mantissa adds; without a hidden bit the former is 0.
        int sign = (half & 0x8000) << 16;
        int exponent = half & 0x7C00;
        int subnormal = (exponent - 1) >> 31;
        int first = (((exponent << 13) + (112 << 23)) & ~subnormal) | sign;
        int unit = (((exponent | (subnormal & 0x0400)) << 13) + (102 << 23)) | sign;
        return BitConverter.Int32BitsToSingle(first) + ((half & 0x3FF) * BitConverter.Int32BitsToSingle(unit));
    }

    /// <summary>
    /// As <see cref="Half"/>, quicker for numbers that are not subnormal: the usual scale of a block of 32.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float UsualHalf(byte* address)
    {
        ushort half = Unsafe.ReadUnaligned<ushort>(address);
        return ((half + 0x0400) & 0x7800) == 0
            ? HalfBits(half)
            : BitConverter.Int32BitsToSingle((((short)half << 13) & unchecked((int)0x8FFFE000)) + (112 << 23));
    }

    /// <summary>Half of 2^(e-127), the scale of MXFP4 against <see cref="Fp4Values"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float HalvedE8M0(byte e) =>
        BitConverter.UInt32BitsToSingle(e < 2 ? 0x00200000u << e : (uint)(e - 1) << 23);

    /// <summary>Half of an unsigned E4M3 float (bias 7), the scale of NVFP4; bit 7 is ignored, 0x7F is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float HalvedUE4M3(byte e)
    {
        if ((e & 0x78) == 0)
        {
            return (e & 7) * (1f / 1024f);
        }

        return e == 0x7F ? 0f : BitConverter.UInt32BitsToSingle(((uint)(e & 0x7F) << 20) + (119u << 23));
    }

    /// <summary>6-bit scale <paramref name="group"/> (0..7) of the 12 scale bytes of Q4_K and Q5_K.</summary>
    internal static int ScaleK4(byte* packed, int group) => group < 4
        ? packed[group] & 63
        : (packed[group + 4] & 15) | ((packed[group - 4] >> 6) << 4);

    /// <summary>6-bit minimum <paramref name="group"/> (0..7) of the 12 scale bytes of Q4_K and Q5_K.</summary>
    internal static int MinK4(byte* packed, int group) => group < 4
        ? packed[group + 4] & 63
        : (packed[group + 4] >> 4) | ((packed[group] >> 6) << 4);

    /// <summary>Scale <paramref name="group"/> (0..15) of the 12 scale bytes of Q3_K, -32..31.</summary>
    internal static int ScaleK3(byte* packed, int group)
    {
        int low = group < 8 ? packed[group] & 15 : packed[group - 8] >> 4;
        return (low | (((packed[8 + (group & 3)] >> (2 * (group >> 2))) & 3) << 4)) - 32;
    }
}
