// Rows of plain floats: F32 is copied, BF16 is the upper half of an F32, F16 is shifted into place and rescaled.
// 16, 8 or 4 elements a step, the rest one by one; both directions exact, subnormals, infinities and NaN kept.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>Decoders of the unquantized float types, of the shape of <see cref="BlockRows{TFormat}.Decode"/>.</summary>
internal static unsafe class DequantizeFloat
{
    private const float TwoTo112 = 5.192296858534828e33f;

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
        if (Avx512F.IsSupported)
        {
            for (; i <= count - 16; i += 16)
            {
                Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.Load(src + i)) << 13;
                bits &= Vector512.Create(unchecked((int)0x8FFFE000));
                Vector512<int> special = bits & Vector512.Create(0x0F800000);
                special = Vector512.Equals(special, Vector512.Create(0x0F800000)) & Vector512.Create(0x7F800000);
                ((bits.AsSingle() * TwoTo112).AsInt32() | special).AsSingle().Store(dst + i);
            }
        }
        else if (Avx2.IsSupported)
        {
            for (; i <= count - 8; i += 8)
            {
                Vector256<int> bits = Avx2.ConvertToVector256Int32(Vector128.Load(src + i)) << 13;
                bits &= Vector256.Create(unchecked((int)0x8FFFE000));
                Vector256<int> special = bits & Vector256.Create(0x0F800000);
                special = Vector256.Equals(special, Vector256.Create(0x0F800000)) & Vector256.Create(0x7F800000);
                ((bits.AsSingle() * TwoTo112).AsInt32() | special).AsSingle().Store(dst + i);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= count - 8; i += 8)
            {
                (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.Load(src + i));
                Half4(low).Store(dst + i);
                Half4(high).Store(dst + i + 4);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Half4(Vector128<int> half)
    {
        Vector128<int> bits = (half << 13) & Vector128.Create(unchecked((int)0x8FFFE000));
        Vector128<int> special = bits & Vector128.Create(0x0F800000);
        special = Vector128.Equals(special, Vector128.Create(0x0F800000)) & Vector128.Create(0x7F800000);
        return ((bits.AsSingle() * TwoTo112).AsInt32() | special).AsSingle();
    }
}
