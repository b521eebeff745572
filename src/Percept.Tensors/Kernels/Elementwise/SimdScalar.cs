using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>Float arithmetic one number at a time, for machines (or settings) without vectors.</summary>
internal readonly unsafe struct SimdScalar : ISimd<float>
{
    private const int SqrtHalfBits = 0x3f3504f3;

    public static int Width => 1;

    public static bool FusesMultiplyAdd => false;

    public static float Load(float* source) => *source;

    public static void Store(float* destination, float value) => *destination = value;

    public static float LoadPartial(float* source, nint count, float fill) => count > 0 ? *source : fill;

    public static void StorePartial(float* destination, float value, nint count)
    {
        if (count > 0)
        {
            *destination = value;
        }
    }

    public static float Set(float value) => value;

    public static float Add(float a, float b) => a + b;

    public static float Sub(float a, float b) => a - b;

    public static float Mul(float a, float b) => a * b;

    public static float Div(float a, float b) => a / b;

    public static float Fma(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    public static float Min(float a, float b) => a < b ? a : b;

    public static float Max(float a, float b) => a > b ? a : b;

    public static float Reciprocal(float a) => 1f / a;

    public static float Sqrt(float a) => MathF.Sqrt(a);

    public static float Abs(float a) => MathF.Abs(a);

    public static float Floor(float a) => MathF.Floor(a);

    public static float Round(float a) => MathF.Round(a);

    public static float Less(float a, float b) => Mask(a < b);

    public static float LessOrEqual(float a, float b) => Mask(a <= b);

    public static float Equal(float a, float b) => Mask(a == b);

    public static float And(float a, float b) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) & BitConverter.SingleToInt32Bits(b));

    public static float Or(float a, float b) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) | BitConverter.SingleToInt32Bits(b));

    public static float Select(float mask, float a, float b) => BitConverter.SingleToInt32Bits(mask) != 0 ? a : b;

    public static float Scale(float a, float n)
    {
        int exponent = (int)n;
        int half = exponent >> 1;
        float first = BitConverter.Int32BitsToSingle((half + 127) << 23);
        float second = BitConverter.Int32BitsToSingle((exponent - half + 127) << 23);
        return a * first * second;
    }

    public static float Split(float a, out float mantissa)
    {
        int bits = BitConverter.SingleToInt32Bits(a) - SqrtHalfBits;
        mantissa = BitConverter.Int32BitsToSingle((bits & 0x7fffff) + SqrtHalfBits);
        return bits >> 23;
    }

    public static float Sum(float a) => a;

    public static float MaxAcross(float a) => a;

    public static float MinAcross(float a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mask(bool set) => BitConverter.Int32BitsToSingle(set ? -1 : 0);
}
