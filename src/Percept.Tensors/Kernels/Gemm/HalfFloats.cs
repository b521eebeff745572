using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Row decoders of the 16-bit float formats: destination[i] = (float)row[first + i], exact.</summary>
/// <remarks>Whole vectors, then single elements; row and destination must not overlap.</remarks>
internal static unsafe class HalfFloats
{
    /// <summary>Decodes bfloat16.</summary>
    internal static void DecodeBF16(byte* row, long first, int count, float* destination)
    {
        ushort* source = (ushort*)row + first;
        int done = Avx512F.IsSupported ? DecodeBF16<Simd512>(source, count, destination)
            : GemmMicro.Use256 ? DecodeBF16<Simd256>(source, count, destination)
            : Vector128.IsHardwareAccelerated ? DecodeBF16<Simd128>(source, count, destination) : 0;
        DecodeBF16Scalar((byte*)source, done, count - done, destination + done);
    }

    /// <summary>The scalar twin of <see cref="DecodeBF16(byte*, long, int, float*)"/>.</summary>
    internal static void DecodeBF16Scalar(byte* row, long first, int count, float* destination)
    {
        for (int i = 0; i < count; i++)
        {
            destination[i] = BF16(((ushort*)row)[first + i]);
        }
    }

    /// <summary>Decodes IEEE half precision.</summary>
    internal static void DecodeF16(byte* row, long first, int count, float* destination)
    {
        ushort* source = (ushort*)row + first;
        int done = Avx512F.IsSupported ? DecodeF16<Simd512>(source, count, destination)
            : GemmMicro.Use256 ? DecodeF16<Simd256>(source, count, destination)
            : Vector128.IsHardwareAccelerated ? DecodeF16<Simd128>(source, count, destination) : 0;
        DecodeF16Scalar((byte*)source, done, count - done, destination + done);
    }

    /// <summary>The scalar twin of <see cref="DecodeF16(byte*, long, int, float*)"/>.</summary>
    internal static void DecodeF16Scalar(byte* row, long first, int count, float* destination)
    {
        for (int i = 0; i < count; i++)
        {
            destination[i] = F16(((ushort*)row)[first + i]);
        }
    }

    /// <summary>One bfloat16 as a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float BF16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>One half as a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float F16(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int DecodeBF16<TV>(ushort* source, int count, float* destination)
        where TV : struct, ISimdFloat<TV>
    {
        int i = 0;
        for (; i + TV.Count <= count; i += TV.Count)
        {
            TV.Store(TV.LoadBF16(source + i), destination + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int DecodeF16<TV>(ushort* source, int count, float* destination)
        where TV : struct, ISimdFloat<TV>
    {
        int i = 0;
        for (; i + TV.Count <= count; i += TV.Count)
        {
            TV.Store(TV.LoadF16(source + i), destination + i);
        }

        return i;
    }
}
