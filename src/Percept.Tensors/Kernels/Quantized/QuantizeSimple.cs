// Encoders of the formats whose reference result is fixed: scale from the extreme element of the block, codes by rounding.
// Results equal ggml's quantize_row_*_ref byte for byte. One block in src, one block out; no input faults (NaN and
// infinities give some block).
using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>Encoders without search, one block a call.</summary>
internal static unsafe class QuantizeSimple
{
    internal static void BF16(float* src, byte* block) =>
        Unsafe.WriteUnaligned(block, BFloat16Bits(*src));

    internal static void F16(float* src, byte* block) => PutHalf(block, *src);

    internal static void F32(float* src, byte* block) => Unsafe.WriteUnaligned(block, *src);

    /// <summary>Rounds to the upper 16 bits, ties to even; NaN stays NaN.</summary>
    internal static ushort BFloat16Bits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & 0x7FFFFFFF) > 0x7F800000
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    internal static void Q4_0(float* src, byte* block)
    {
        float d = Extreme(src) / -8;
        float inverse = d != 0 ? 1f / d : 0f;
        PutHalf(block, d);
        for (int j = 0; j < 16; j++)
        {
            int low = Truncated((src[j] * inverse) + 8.5f, 15);
            int high = Truncated((src[j + 16] * inverse) + 8.5f, 15);
            block[2 + j] = (byte)(low | (high << 4));
        }
    }

    internal static void Q4_1(float* src, byte* block)
    {
        (float min, float max) = Range(src);
        float d = (max - min) / 15;
        float inverse = d != 0 ? 1f / d : 0f;
        PutHalf(block, d);
        PutHalf(block + 2, min);
        for (int j = 0; j < 16; j++)
        {
            int low = Truncated(((src[j] - min) * inverse) + 0.5f, 15);
            int high = Truncated(((src[j + 16] - min) * inverse) + 0.5f, 15);
            block[4 + j] = (byte)(low | (high << 4));
        }
    }

    internal static void Q5_0(float* src, byte* block)
    {
        float d = Extreme(src) / -16;
        float inverse = d != 0 ? 1f / d : 0f;
        int* codes = stackalloc int[32];
        for (int j = 0; j < 32; j++)
        {
            codes[j] = Truncated((src[j] * inverse) + 16.5f, 31);
        }

        PutHalf(block, d);
        PutFiveBits(codes, block + 2);
    }

    internal static void Q5_1(float* src, byte* block)
    {
        (float min, float max) = Range(src);
        float d = (max - min) / 31;
        float inverse = d != 0 ? 1f / d : 0f;
        int* codes = stackalloc int[32];
        for (int j = 0; j < 32; j++)
        {
            codes[j] = Truncated(((src[j] - min) * inverse) + 0.5f, 31);
        }

        PutHalf(block, d);
        PutHalf(block + 2, min);
        PutFiveBits(codes, block + 4);
    }

    internal static void Q8_0(float* src, byte* block)
    {
        float d = Magnitude(src, 32) / 127;
        float inverse = d != 0 ? 1f / d : 0f;
        PutHalf(block, d);
        for (int j = 0; j < 32; j++)
        {
            block[2 + j] = (byte)(sbyte)Math.Clamp(Rounded(src[j] * inverse), -128, 127);
        }
    }

    internal static void TQ1_0(float* src, byte* block)
    {
        float d = Magnitude(src, 256);
        float inverse = d != 0 ? 1f / d : 0f;
        for (int j = 0; j < 32; j++)
        {
            block[j] = Trits(src + j, 32, 5, inverse);
        }

        for (int j = 0; j < 16; j++)
        {
            block[32 + j] = Trits(src + 160 + j, 16, 5, inverse);
        }

        for (int j = 0; j < 4; j++)
        {
            block[48 + j] = Trits(src + 240 + j, 4, 4, inverse);
        }

        PutHalf(block + 52, d);
    }

    internal static void TQ2_0(float* src, byte* block)
    {
        float d = Magnitude(src, 256);
        float inverse = d != 0 ? 1f / d : 0f;
        for (int j = 0; j < 64; j++)
        {
            float* from = src + (128 * (j >> 5)) + (j & 31);
            int packed = 0;
            for (int k = 0; k < 4; k++)
            {
                packed |= Trit(from[32 * k], inverse) << (2 * k);
            }

            block[j] = (byte)packed;
        }

        PutHalf(block + 64, d);
    }

    internal static void MXFP4(float* src, byte* block)
    {
        float largest = Magnitude(src, 32);
        int exponent = largest > 0 ? (int)MathF.Floor(MathF.Log2(largest)) - 2 + 127 : 0;
        block[0] = (byte)Math.Clamp(exponent, 0, 254);
        float d = BlockScales.HalvedE8M0(block[0]);
        for (int j = 0; j < 16; j++)
        {
            block[1 + j] = (byte)(NearestFp4(src[j], d) | (NearestFp4(src[j + 16], d) << 4));
        }
    }

    internal static void NVFP4(float* src, byte* block)
    {
        for (int group = 0; group < 4; group++)
        {
            float* from = src + (16 * group);
            block[group] = UE4M3Bits(Magnitude(from, 16) / 6f);
            float d = BlockScales.HalvedUE4M3(block[group]);
            for (int j = 0; j < 8; j++)
            {
                block[4 + (8 * group) + j] = (byte)(NearestFp4(from[j], d) | (NearestFp4(from[j + 8], d) << 4));
            }
        }
    }

    /// <summary>Writes a half-precision float, rounded to nearest even.</summary>
    internal static void PutHalf(byte* address, float value) =>
        Unsafe.WriteUnaligned(address, BitConverter.HalfToUInt16Bits((Half)value));

    /// <summary>Writes 32 five-bit codes as 4 bytes of fifth bits and 16 bytes of nibbles.</summary>
    internal static void PutFiveBits(int* codes, byte* dst)
    {
        uint high = 0;
        for (int j = 0; j < 16; j++)
        {
            dst[4 + j] = (byte)((codes[j] & 15) | ((codes[j + 16] & 15) << 4));
            high |= (uint)((codes[j] >> 4) & 1) << j;
            high |= (uint)((codes[j + 16] >> 4) & 1) << (j + 16);
        }

        Unsafe.WriteUnaligned(dst, high);
    }

    private static int Truncated(float value, int largest) => Math.Clamp((int)value, 0, largest);

    private static int Rounded(float value) => (int)MathF.Round(value, MidpointRounding.AwayFromZero);

    private static float Magnitude(float* src, int count)
    {
        float largest = 0;
        for (int j = 0; j < count; j++)
        {
            float a = MathF.Abs(src[j]);
            largest = a > largest ? a : largest;
        }

        return largest;
    }

    /// <summary>The first of the 32 elements that is largest in magnitude, with its sign.</summary>
    private static float Extreme(float* src)
    {
        float largest = 0;
        float extreme = 0;
        for (int j = 0; j < 32; j++)
        {
            float a = MathF.Abs(src[j]);
            if (a > largest)
            {
                largest = a;
                extreme = src[j];
            }
        }

        return extreme;
    }

    private static (float Min, float Max) Range(float* src)
    {
        float min = float.MaxValue;
        float max = -float.MaxValue;
        for (int j = 0; j < 32; j++)
        {
            min = src[j] < min ? src[j] : min;
            max = src[j] > max ? src[j] : max;
        }

        return (min, max);
    }

    private static int Trit(float value, float inverse) => Math.Clamp(Rounded(value * inverse) + 1, 0, 2);

    private static byte Trits(float* src, int stride, int count, float inverse)
    {
        int packed = 0;
        for (int k = 0; k < 5; k++)
        {
            packed = (3 * packed) + (k < count ? Trit(src[stride * k], inverse) : 0);
        }

        // As a fraction of 243 in 256ths, rounded up, so that multiplying by 3 peels off the digits.
        return (byte)(((packed * 256) + 242) / 243);
    }

    /// <summary>The first code whose value times <paramref name="d"/> is nearest.</summary>
    private static int NearestFp4(float value, float d)
    {
        ReadOnlySpan<sbyte> values = BlockScales.Fp4Values;
        int best = 0;
        float bestError = MathF.Abs((values[0] * d) - value);
        for (int code = 1; code < 16; code++)
        {
            float error = MathF.Abs((values[code] * d) - value);
            if (error < bestError)
            {
                best = code;
                bestError = error;
            }
        }

        return best;
    }

    /// <summary>An unsigned E4M3 float (bias 7), rounded half up, saturating at 448.</summary>
    private static byte UE4M3Bits(float value)
    {
        if (!(value > 0))
        {
            return 0;
        }

        uint bits = BitConverter.SingleToUInt32Bits(Math.Min(value, 448f));
        int exponent = (int)(bits >> 23) - 120;
        if (exponent <= 0)
        {
            return (byte)Math.Min((int)((value * 512f) + 0.5f), 7);
        }

        int rounded = (exponent << 3) + (int)((bits >> 20) & 7) + (int)((bits >> 19) & 1);
        return (byte)Math.Min(rounded, 0x7E);
    }
}
