// Scalar decoders of the codebook blocks of 256 elements: 8 (or 4) elements are an entry of a fixed grid, with sign bits
// (2- and 3-bit formats) or a shift of +-1/8 (1-bit formats), times a scale shared by 8, 16 or 32 elements.
using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

internal static unsafe partial class DequantizeScalar
{
    internal static void IQ2_XXS(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int group = 0; group < 8; group++)
        {
            byte* packed = block + 2 + (8 * group);
            uint signs = Unsafe.ReadUnaligned<uint>(packed + 4);
            float scale = d * (0.5f + (signs >> 28)) * 0.25f;
            for (int k = 0; k < 4; k++)
            {
                ulong mask = CodebookTables.EvenSigns[(signs >> (7 * k)) & 127];
                Signed(CodebookTables.Iq2Xxs[packed[k]], mask, 8, scale, dst + (32 * group) + (8 * k));
            }
        }
    }

    internal static void IQ2_XS(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int k = 0; k < 32; k++)
        {
            int packed = Unsafe.ReadUnaligned<ushort>(block + 2 + (2 * k));
            int code = (block[66 + (k >> 2)] >> (2 * (k & 2))) & 15;
            float scale = d * (0.5f + code) * 0.25f;
            Signed(CodebookTables.Iq2Xs[packed & 511], CodebookTables.EvenSigns[packed >> 9], 8, scale, dst + (8 * k));
        }
    }

    internal static void IQ2_S(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int k = 0; k < 32; k++)
        {
            int index = block[2 + k] | (((block[66 + (k >> 2)] >> (2 * (k & 3))) & 3) << 8);
            int code = (block[74 + (k >> 2)] >> (2 * (k & 2))) & 15;
            float scale = d * (0.5f + code) * 0.25f;
            Signed(CodebookTables.Iq2S[index], CodebookTables.Signs[block[34 + k]], 8, scale, dst + (8 * k));
        }
    }

    internal static void IQ3_XXS(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int group = 0; group < 8; group++)
        {
            byte* packed = block + 2 + (8 * group);
            uint signs = Unsafe.ReadUnaligned<uint>(block + 66 + (4 * group));
            float scale = d * (0.5f + (signs >> 28)) * 0.5f;
            for (int k = 0; k < 8; k++)
            {
                ulong mask = CodebookTables.EvenSigns[(signs >> (7 * (k >> 1))) & 127] >> (32 * (k & 1));
                Signed(CodebookTables.Iq3Xxs[packed[k]], mask, 4, scale, dst + (32 * group) + (4 * k));
            }
        }
    }

    internal static void IQ3_S(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int k = 0; k < 64; k++)
        {
            int index = block[2 + k] | (((block[66 + (k >> 3)] >> (k & 7)) & 1) << 8);
            ulong mask = CodebookTables.Signs[block[74 + (k >> 1)]] >> (32 * (k & 1));
            int code = (block[106 + (k >> 4)] >> (4 * ((k >> 3) & 1))) & 15;
            float scale = d * (1 + (2 * code));
            Signed(CodebookTables.Iq3S[index], mask, 4, scale, dst + (4 * k));
        }
    }

    internal static void IQ1_S(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        for (int group = 0; group < 8; group++)
        {
            int high = Unsafe.ReadUnaligned<ushort>(block + 34 + (2 * group));
            float scale = d * ((2 * ((high >> 12) & 7)) + 1);
            int delta = (high & 0x8000) != 0 ? -1 : 1;
            for (int k = 0; k < 4; k++)
            {
                int index = block[2 + (4 * group) + k] | (((high >> (3 * k)) & 7) << 8);
                Shifted(CodebookTables.Iq1S[index], delta, scale, dst + (32 * group) + (8 * k));
            }
        }
    }

    internal static void IQ1_M(byte* block, float* dst)
    {
        ulong scales = Unsafe.ReadUnaligned<ulong>(block + 48);
        float d = BlockScales.HalfBits(IQ1_MScale(scales));
        for (int k = 0; k < 32; k++)
        {
            // Two 8-element entries share a 3-bit scale; four scales fill the low 12 bits of each 16-bit word.
            int pair = k >> 1;
            int code = (int)(scales >> ((16 * (pair >> 2)) + (3 * (pair & 3)))) & 7;
            int high = block[32 + pair] >> (4 * (k & 1));
            int index = block[k] | ((high & 7) << 8);
            Shifted(CodebookTables.Iq1S[index], (high & 8) != 0 ? -1 : 1, d * ((2 * code) + 1), dst + (8 * k));
        }
    }

    /// <summary>The half-precision factor of an IQ1_M block: the top four bits of each of its four scale words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort IQ1_MScale(ulong scales) =>
        (ushort)(((scales >> 12) & 0xF) | ((scales >> 24) & 0xF0) | ((scales >> 36) & 0xF00) | ((scales >> 48) & 0xF000));

    private static void Signed(ulong entry, ulong mask, int count, float scale, float* dst)
    {
        for (int j = 0; j < count; j++)
        {
            float value = scale * (byte)(entry >> (8 * j));
            dst[j] = ((mask >> (8 * j)) & 1) != 0 ? -value : value;
        }
    }

    private static void Shifted(ulong entry, int delta, float scale, float* dst)
    {
        for (int j = 0; j < 8; j++)
        {
            dst[j] = scale * (((sbyte)(entry >> (8 * j)) + delta) * 0.125f);
        }
    }
}
