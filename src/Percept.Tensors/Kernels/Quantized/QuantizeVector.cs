// Vector encoders of the formats that weights are most often converted to. The same steps in the same roundings as
// their twins in QuantizeSimple (conversions saturate, NaN becomes 0), 16 elements at once; one block a call, so there
// is no remainder (BF16: the rest one by one).
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>Vector twins of <see cref="QuantizeSimple"/>: equal bytes for finite input.</summary>
internal static unsafe class QuantizeVector
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Q8_0(float* src, byte* block)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            QuantizeSimple.Q8_0(src, block);
            return;
        }

        Vector512<float> a = Vector512.Load(src);
        Vector512<float> b = Vector512.Load(src + 16);
        float d = Largest(Vector512.MaxNative(Vector512.Abs(a), Vector512.Abs(b))) / 127;
        Vector512<float> inverse = Vector512.Create(d != 0 ? 1f / d : 0f);
        QuantizeSimple.PutHalf(block, d);
        PutSigned(a * inverse, block + 2);
        PutSigned(b * inverse, block + 18);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Q4_0(float* src, byte* block)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            QuantizeSimple.Q4_0(src, block);
            return;
        }

        Vector512<float> a = Vector512.Load(src);
        Vector512<float> b = Vector512.Load(src + 16);
        float largest = Largest(Vector512.MaxNative(Vector512.Abs(a), Vector512.Abs(b)));
        Vector512<float> magnitude = Vector512.Create(largest);

        // The first of the largest gives the sign.
        ulong at = Vector512.Equals(Vector512.Abs(a), magnitude).ExtractMostSignificantBits()
            | (Vector512.Equals(Vector512.Abs(b), magnitude).ExtractMostSignificantBits() << 16);
        float d = (largest > 0 && at != 0 ? src[BitOperations.TrailingZeroCount(at)] : 0f) / -8;
        Vector512<float> inverse = Vector512.Create(d != 0 ? 1f / d : 0f);
        Vector512<float> bias = Vector512.Create(8.5f);
        Vector512<int> top = Vector512.Create(15);
        Vector512<int> low = Vector512.ConvertToInt32((a * inverse) + bias);
        Vector512<int> high = Vector512.ConvertToInt32((b * inverse) + bias);
        low = Vector512.Min(Vector512.Max(low, Vector512<int>.Zero), top);
        high = Vector512.Min(Vector512.Max(high, Vector512<int>.Zero), top);
        QuantizeSimple.PutHalf(block, d);
        Narrow(low | (high << 4)).Store(block + 2);
    }

    /// <summary>A row of any length to BF16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void BF16(float* src, long elements, ushort* dst)
    {
        long i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= elements - 16; i += 16)
            {
                Vector512<uint> bits = Vector512.Load((uint*)src + i);
                Vector512<uint> rounded =
                    bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One);
                Vector512<int> magnitude = (bits & Vector512.Create(0x7FFFFFFFu)).AsInt32();
                Vector512<uint> nan = Vector512.GreaterThan(magnitude, Vector512.Create(0x7F800000)).AsUInt32();
                rounded = Vector512.ConditionalSelect(nan, bits | Vector512.Create(0x400000u), rounded) >>> 16;
                Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(dst + i);
            }
        }

        for (; i < elements; i++)
        {
            dst[i] = QuantizeSimple.BFloat16Bits(src[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(Vector512<float> v)
    {
        Vector256<float> half = Vector256.MaxNative(v.GetLower(), v.GetUpper());
        Vector128<float> quarter = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        quarter = Vector128.MaxNative(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        quarter = Vector128.MaxNative(quarter, Vector128.Shuffle(quarter, Vector128.Create(1, 0, 3, 2)));
        return quarter.ToScalar();
    }

    /// <summary>
    /// Rounds half away from zero, as MathF.Round does: the largest float below 1/2 is added, then truncated.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutSigned(Vector512<float> v, byte* dst)
    {
        Vector512<float> sign = v & Vector512.Create(-0f);
        Vector512<int> codes = Vector512.ConvertToInt32(v + (Vector512.Create(0.49999997f) | sign));
        codes = Vector512.Min(Vector512.Max(codes, Vector512.Create(-128)), Vector512.Create(127));
        Narrow(codes).Store(dst);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector512<int> v)
    {
        Vector256<short> words = Vector256.Narrow(v.GetLower(), v.GetUpper());
        return Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte();
    }
}
