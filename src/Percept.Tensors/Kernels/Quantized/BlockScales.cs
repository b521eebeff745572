using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

        ref uint line = ref Unsafe.Add(ref MemoryMarshal.GetReference(HalfLines), (half >> 10) * 2);
        float first = BitConverter.UInt32BitsToSingle(line);
        return first + ((half & 0x3FF) * BitConverter.UInt32BitsToSingle(Unsafe.Add(ref line, 1)));
    }

    /// <summary>As <see cref="Half"/>, quicker for numbers that are not subnormal: the usual scale of a block of 32.</summary>
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

    /// <summary>For each sign and exponent of a half: its value with mantissa 0, and what a mantissa unit adds.</summary>
    private static ReadOnlySpan<uint> HalfLines =>
    [
        0x00000000, 0x33800000, 0x38800000, 0x33800000, 0x39000000, 0x34000000, 0x39800000, 0x34800000,
        0x3a000000, 0x35000000, 0x3a800000, 0x35800000, 0x3b000000, 0x36000000, 0x3b800000, 0x36800000,
        0x3c000000, 0x37000000, 0x3c800000, 0x37800000, 0x3d000000, 0x38000000, 0x3d800000, 0x38800000,
        0x3e000000, 0x39000000, 0x3e800000, 0x39800000, 0x3f000000, 0x3a000000, 0x3f800000, 0x3a800000,
        0x40000000, 0x3b000000, 0x40800000, 0x3b800000, 0x41000000, 0x3c000000, 0x41800000, 0x3c800000,
        0x42000000, 0x3d000000, 0x42800000, 0x3d800000, 0x43000000, 0x3e000000, 0x43800000, 0x3e800000,
        0x44000000, 0x3f000000, 0x44800000, 0x3f800000, 0x45000000, 0x40000000, 0x45800000, 0x40800000,
        0x46000000, 0x41000000, 0x46800000, 0x41800000, 0x47000000, 0x42000000, 0x7f800000, 0x00000000,
        0x80000000, 0xb3800000, 0xb8800000, 0xb3800000, 0xb9000000, 0xb4000000, 0xb9800000, 0xb4800000,
        0xba000000, 0xb5000000, 0xba800000, 0xb5800000, 0xbb000000, 0xb6000000, 0xbb800000, 0xb6800000,
        0xbc000000, 0xb7000000, 0xbc800000, 0xb7800000, 0xbd000000, 0xb8000000, 0xbd800000, 0xb8800000,
        0xbe000000, 0xb9000000, 0xbe800000, 0xb9800000, 0xbf000000, 0xba000000, 0xbf800000, 0xba800000,
        0xc0000000, 0xbb000000, 0xc0800000, 0xbb800000, 0xc1000000, 0xbc000000, 0xc1800000, 0xbc800000,
        0xc2000000, 0xbd000000, 0xc2800000, 0xbd800000, 0xc3000000, 0xbe000000, 0xc3800000, 0xbe800000,
        0xc4000000, 0xbf000000, 0xc4800000, 0xbf800000, 0xc5000000, 0xc0000000, 0xc5800000, 0xc0800000,
        0xc6000000, 0xc1000000, 0xc6800000, 0xc1800000, 0xc7000000, 0xc2000000, 0xff800000, 0x00000000,
    ];
}
