// Scalar decoders of the 32- and 64-element blocks and the ternary ones: value = scale * code (+ minimum).
// One block in, its elements out; the vector decoders give the same bits.
using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>Plain decoders, one block a call: the reference for the vector ones and the path without SIMD.</summary>
internal static unsafe partial class DequantizeScalar
{
    internal static void Q4_0(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int j = 0; j < 16; j++)
        {
            dst[j] = ((block[2 + j] & 15) - 8) * d;
            dst[j + 16] = ((block[2 + j] >> 4) - 8) * d;
        }
    }

    internal static void Q4_1(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        float m = BlockScales.Half(block + 2);
        for (int j = 0; j < 16; j++)
        {
            dst[j] = ((block[4 + j] & 15) * d) + m;
            dst[j + 16] = ((block[4 + j] >> 4) * d) + m;
        }
    }

    internal static void Q5_0(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        uint high = Unsafe.ReadUnaligned<uint>(block + 2);
        for (int j = 0; j < 16; j++)
        {
            dst[j] = (((block[6 + j] & 15) | (int)((high >> j) << 4 & 16)) - 16) * d;
            dst[j + 16] = (((block[6 + j] >> 4) | (int)((high >> (j + 16)) << 4 & 16)) - 16) * d;
        }
    }

    internal static void Q5_1(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        float m = BlockScales.Half(block + 2);
        uint high = Unsafe.ReadUnaligned<uint>(block + 4);
        for (int j = 0; j < 16; j++)
        {
            dst[j] = (((block[8 + j] & 15) | (int)((high >> j) << 4 & 16)) * d) + m;
            dst[j + 16] = (((block[8 + j] >> 4) | (int)((high >> (j + 16)) << 4 & 16)) * d) + m;
        }
    }

    internal static void Q8_0(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int j = 0; j < 32; j++)
        {
            dst[j] = (sbyte)block[2 + j] * d;
        }
    }

    internal static void IQ4_NL(byte* block, float* dst) => Nibbles16(block + 2, BlockScales.Half(block), dst);

    internal static void MXFP4(byte* block, float* dst)
    {
        float d = BlockScales.HalvedE8M0(block[0]);
        ReadOnlySpan<sbyte> values = BlockScales.Fp4Values;
        for (int j = 0; j < 16; j++)
        {
            dst[j] = values[block[1 + j] & 15] * d;
            dst[j + 16] = values[block[1 + j] >> 4] * d;
        }
    }

    internal static void NVFP4(byte* block, float* dst)
    {
        ReadOnlySpan<sbyte> values = BlockScales.Fp4Values;
        for (int group = 0; group < 4; group++)
        {
            float d = BlockScales.HalvedUE4M3(block[group]);
            for (int j = 0; j < 8; j++)
            {
                int pair = block[4 + (8 * group) + j];
                dst[(16 * group) + j] = values[pair & 15] * d;
                dst[(16 * group) + j + 8] = values[pair >> 4] * d;
            }
        }
    }

    internal static void TQ1_0(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 52);
        for (int e = 0; e < 256; e++)
        {
            // Five base-3 digits a byte, most significant first, as a binary fraction of 256.
            (int at, int digit) = e < 160 ? (e & 31, e >> 5)
                : e < 240 ? (32 + ((e - 160) & 15), (e - 160) >> 4)
                : (48 + ((e - 240) & 3), (e - 240) >> 2);
            int shifted = (block[at] * Power3(digit)) & 255;
            dst[e] = (((shifted * 3) >> 8) - 1) * d;
        }
    }

    internal static void TQ2_0(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 64);
        for (int e = 0; e < 256; e++)
        {
            int packed = block[(32 * (e >> 7)) + (e & 31)];
            dst[e] = (((packed >> (2 * ((e >> 5) & 3))) & 3) - 1) * d;
        }
    }

    internal static int Power3(int exponent) => exponent switch { 0 => 1, 1 => 3, 2 => 9, 3 => 27, _ => 81 };

    private static void Nibbles16(byte* packed, float scale, float* dst)
    {
        ReadOnlySpan<sbyte> values = BlockScales.Iq4Values;
        for (int j = 0; j < 16; j++)
        {
            dst[j] = values[packed[j] & 15] * scale;
            dst[j + 16] = values[packed[j] >> 4] * scale;
        }
    }
}
