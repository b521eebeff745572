// Rows of plain floats: F32 is copied, BF16 is the upper half of an F32, F16 is shifted into place and rebiased.
// 32 to 8 elements a step, the rest one by one; both directions exact, subnormals, infinities and NaN kept.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>Decoders of the unquantized float types, of the shape of <see cref="BlockRows{TFormat}.Decode"/>.</summary>
internal static unsafe class DequantizeFloat
{
    private const int Placed = unchecked((int)0x8FFFE000);
    private const int Rebias = 112 << 23;
    private const int TwoToMinus14 = 113 << 23;

    /// <summary>F32: a copy; any <paramref name="first"/> and <paramref name="count"/>.</summary>
    internal static void F32(byte* blocks, long first, int count, float* dst) =>
        new ReadOnlySpan<float>((float*)blocks + first, count).CopyTo(new Span<float>(dst, count));

    /// <summary>BF16; any <paramref name="first"/> and <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void BF16(byte* blocks, long first, int count, float* dst)
    {
        var src = (ushort*)blocks + first;
        int i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i <= count - 16; i += 16)
            {
                Vector512<uint> wide = Avx512F.ConvertToVector512UInt32(Vector256.Load(src + i));
                (wide << 16).AsSingle().Store(dst + i);
            }
        }
        else if (Avx2.IsSupported)
        {
            for (; i <= count - 8; i += 8)
            {
                (Avx2.ConvertToVector256Int32(Vector128.Load(src + i)) << 16).AsSingle().Store(dst + i);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= count - 8; i += 8)
            {
                (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Load(src + i));
                (low << 16).AsSingle().Store(dst + i);
                (high << 16).AsSingle().Store(dst + i + 4);
            }
        }

        for (; i < count; i++)
        {
            dst[i] = BitConverter.UInt32BitsToSingle((uint)src[i] << 16);
        }
    }

    /// <summary>The scalar twin of <see cref="BF16"/>.</summary>
    internal static void BF16Scalar(byte* blocks, long first, int count, float* dst)
    {
        var src = (ushort*)blocks + first;
        for (int i = 0; i < count; i++)
        {
            dst[i] = BitConverter.UInt32BitsToSingle((uint)src[i] << 16);
        }
    }

    /// <summary>F16; any <paramref name="first"/> and <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void F16(byte* blocks, long first, int count, float* dst)
    {
        var src = (short*)blocks + first;
        int i = 0;
        if (Avx512BW.IsSupported)
        {
            for (; i <= count - 32; i += 32)
            {
                // Exponents 0 and 31 need more work; one test tells whether any of 32 elements has one.
                Vector512<short> halves = Vector512.Load(src + i);
                Vector512<short> ends = (halves + Vector512.Create((short)0x0400)) & Vector512.Create((short)0x7800);
                if (Vector512.EqualsAny(ends, Vector512<short>.Zero))
                {
                    AnyHalf16(halves.GetLower()).Store(dst + i);
                    AnyHalf16(halves.GetUpper()).Store(dst + i + 16);
                    continue;
                }

                NormalHalf16(halves.GetLower()).Store(dst + i);
                NormalHalf16(halves.GetUpper()).Store(dst + i + 16);
            }
        }
        else if (Avx2.IsSupported)
        {
            for (; i <= count - 16; i += 16)
            {
                Vector256<short> halves = Vector256.Load(src + i);
                Vector256<short> ends = (halves + Vector256.Create((short)0x0400)) & Vector256.Create((short)0x7800);
                if (Vector256.EqualsAny(ends, Vector256<short>.Zero))
                {
                    AnyHalf8(halves.GetLower()).Store(dst + i);
                    AnyHalf8(halves.GetUpper()).Store(dst + i + 8);
                    continue;
                }

                NormalHalf8(halves.GetLower()).Store(dst + i);
                NormalHalf8(halves.GetUpper()).Store(dst + i + 8);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= count - 8; i += 8)
            {
                (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.Load(src + i));
                AnyHalf4(low).Store(dst + i);
                AnyHalf4(high).Store(dst + i + 4);
            }
        }

        for (; i < count; i++)
        {
            dst[i] = BlockScales.HalfBits((ushort)src[i]);
        }
    }

    /// <summary>The scalar twin of <see cref="F16"/>.</summary>
    internal static void F16Scalar(byte* blocks, long first, int count, float* dst)
    {
        var src = (ushort*)blocks + first;
        for (int i = 0; i < count; i++)
        {
            dst[i] = BlockScales.HalfBits(src[i]);
        }
    }

    // A half's bits in place, and what moves its exponent to that of a float. A subnormal one has no hidden bit: it is
    // made 2^-14 larger and that is subtracted again. (Scaling by 2^112 would be shorter, but subnormal operands are
    // slow.)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> NormalHalf16(Vector256<short> half) =>
        (((Avx512F.ConvertToVector512Int32(half) << 13) & Vector512.Create(Placed)) + Vector512.Create(Rebias))
            .AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AnyHalf16(Vector256<short> half)
    {
        Vector512<int> bits = (Avx512F.ConvertToVector512Int32(half) << 13) & Vector512.Create(Placed);
        Vector512<int> exponent = bits & Vector512.Create(0x0F800000);
        Vector512<int> low = Vector512.Equals(exponent, Vector512<int>.Zero);
        Vector512<int> high = Vector512.Equals(exponent, Vector512.Create(0x0F800000));
        Vector512<int> sign = bits & Vector512.Create(int.MinValue);
        bits += Vector512.Create(Rebias) + (low & Vector512.Create(1 << 23)) + (high & Vector512.Create(Rebias));
        Vector512<float> surplus = (low & (Vector512.Create(TwoToMinus14) | sign)).AsSingle();
        return ((bits.AsSingle() - surplus).AsInt32() | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> NormalHalf8(Vector128<short> half) =>
        (((Avx2.ConvertToVector256Int32(half) << 13) & Vector256.Create(Placed)) + Vector256.Create(Rebias)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AnyHalf8(Vector128<short> half)
    {
        Vector256<int> bits = (Avx2.ConvertToVector256Int32(half) << 13) & Vector256.Create(Placed);
        Vector256<int> exponent = bits & Vector256.Create(0x0F800000);
        Vector256<int> low = Vector256.Equals(exponent, Vector256<int>.Zero);
        Vector256<int> high = Vector256.Equals(exponent, Vector256.Create(0x0F800000));
        Vector256<int> sign = bits & Vector256.Create(int.MinValue);
        bits += Vector256.Create(Rebias) + (low & Vector256.Create(1 << 23)) + (high & Vector256.Create(Rebias));
        Vector256<float> surplus = (low & (Vector256.Create(TwoToMinus14) | sign)).AsSingle();
        return ((bits.AsSingle() - surplus).AsInt32() | sign).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AnyHalf4(Vector128<int> half)
    {
        Vector128<int> bits = (half << 13) & Vector128.Create(Placed);
        Vector128<int> exponent = bits & Vector128.Create(0x0F800000);
        Vector128<int> low = Vector128.Equals(exponent, Vector128<int>.Zero);
        Vector128<int> high = Vector128.Equals(exponent, Vector128.Create(0x0F800000));
        Vector128<int> sign = bits & Vector128.Create(int.MinValue);
        bits += Vector128.Create(Rebias) + (low & Vector128.Create(1 << 23)) + (high & Vector128.Create(Rebias));
        Vector128<float> surplus = (low & (Vector128.Create(TwoToMinus14) | sign)).AsSingle();
        return ((bits.AsSingle() - surplus).AsInt32() | sign).AsSingle();
    }
}
