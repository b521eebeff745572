// Encoders of the 256-element K blocks. Per group a least-squares scale (and minimum); then the common factors of the block;
// then, with those rounded as stored, small integers for each group by trying the neighbours on the true error; then the
// factors are fitted once more to all codes of the block and kept when the block's error falls.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>Encoders with search of the K formats; weights w are not negative, one per element.</summary>
internal static unsafe partial class QuantizeK
{
    private const int Refits = 3;

    internal static void Q2_K(float* x, float* w, byte* block)
    {
        Unsafe.SkipInit(out Grouped fit);
        FitGrouped(x, w, 16, 3, 15, ref fit);
        for (int group = 0; group < 16; group++)
        {
            block[group] = (byte)(fit.Scales[group] | (fit.Mins[group] << 4));
        }

        byte* codes = stackalloc byte[256];
        fit.PutCodes(x, codes);
        PutPairs(codes, block + 16);
        PutHalf(block + 80, fit.Factor);
        PutHalf(block + 82, fit.MinFactor);
    }

    internal static void Q4_K(float* x, float* w, byte* block)
    {
        Unsafe.SkipInit(out Grouped fit);
        FitGrouped(x, w, 8, 15, 63, ref fit);
        byte* codes = stackalloc byte[256];
        fit.PutCodes(x, codes);
        PutHalf(block, fit.Factor);
        PutHalf(block + 2, fit.MinFactor);
        PutScalesK4(ref fit, block + 4);
        PutNibbles(codes, block + 16);
    }

    internal static void Q5_K(float* x, float* w, byte* block)
    {
        Unsafe.SkipInit(out Grouped fit);
        FitGrouped(x, w, 8, 31, 63, ref fit);
        byte* codes = stackalloc byte[256];
        fit.PutCodes(x, codes);
        PutHalf(block, fit.Factor);
        PutHalf(block + 2, fit.MinFactor);
        PutScalesK4(ref fit, block + 4);
        for (int j = 0; j < 32; j++)
        {
            int high = 0;
            for (int group = 0; group < 8; group++)
            {
                high |= ((codes[(32 * group) + j] >> 4) & 1) << group;
            }

            block[16 + j] = (byte)high;
        }

        PutNibbles(codes, block + 48);
    }

    internal static void Q3_K(float* x, float* w, byte* block)
    {
        Unsafe.SkipInit(out Signed fit);
        FitSigned(x, w, 4, 32, ref fit);
        byte* codes = stackalloc byte[256];
        fit.PutCodes(x, codes);
        for (int j = 0; j < 32; j++)
        {
            int high = 0;
            for (int group = 0; group < 8; group++)
            {
                high |= ((codes[(32 * group) + j] >> 2) & 1) << group;
            }

            block[j] = (byte)high;
        }

        PutPairs(codes, block + 32);
        for (int j = 0; j < 4; j++)
        {
            int top = 0;
            for (int k = 0; k < 4; k++)
            {
                top |= ((fit.Scales[j + (4 * k)] + 32) >> 4) << (2 * k);
            }

            block[104 + j] = (byte)top;
        }

        for (int j = 0; j < 8; j++)
        {
            block[96 + j] = (byte)(((fit.Scales[j] + 32) & 15) | (((fit.Scales[j + 8] + 32) & 15) << 4));
        }

        PutHalf(block + 108, fit.Factor);
    }

    internal static void Q6_K(float* x, float* w, byte* block)
    {
        Unsafe.SkipInit(out Signed fit);
        FitSigned(x, w, 32, 128, ref fit);
        byte* codes = stackalloc byte[256];
        fit.PutCodes(x, codes);
        for (int j = 0; j < 64; j++)
        {
            byte* c = codes + (128 * (j >> 5)) + (j & 31);
            byte* low = block + (64 * (j >> 5)) + (j & 31);
            low[0] = (byte)((c[0] & 15) | ((c[64] & 15) << 4));
            low[32] = (byte)((c[32] & 15) | ((c[96] & 15) << 4));
            block[128 + j] = (byte)((c[0] >> 4) | ((c[32] >> 4) << 2) | ((c[64] >> 4) << 4) | ((c[96] >> 4) << 6));
        }

        for (int group = 0; group < 16; group++)
        {
            block[192 + group] = (byte)(sbyte)fit.Scales[group];
        }

        PutHalf(block + 208, fit.Factor);
    }

    /// <summary>A factor as it will be read back; beyond the range of halves the largest one.</summary>
    internal static float AsHalf(float value) => (float)(Half)Math.Clamp(value, -65504f, 65504f);

    private static void PutHalf(byte* address, float value) => QuantizeSimple.PutHalf(address, value);

    private static void PutPairs(byte* codes, byte* dst)
    {
        for (int j = 0; j < 64; j++)
        {
            byte* c = codes + (128 * (j >> 5)) + (j & 31);
            dst[j] = (byte)((c[0] & 3) | ((c[32] & 3) << 2) | ((c[64] & 3) << 4) | ((c[96] & 3) << 6));
        }
    }

    private static void PutNibbles(byte* codes, byte* dst)
    {
        for (int j = 0; j < 128; j++)
        {
            byte* c = codes + (64 * (j >> 5)) + (j & 31);
            dst[j] = (byte)((c[0] & 15) | ((c[32] & 15) << 4));
        }
    }

    private static void PutScalesK4(ref Grouped fit, byte* dst)
    {
        for (int j = 0; j < 4; j++)
        {
            dst[j] = (byte)(fit.Scales[j] | ((fit.Scales[j + 4] >> 4) << 6));
            dst[j + 4] = (byte)(fit.Mins[j] | ((fit.Mins[j + 4] >> 4) << 6));
            dst[j + 8] = (byte)((fit.Scales[j + 4] & 15) | ((fit.Mins[j + 4] & 15) << 4));
        }
    }
}
