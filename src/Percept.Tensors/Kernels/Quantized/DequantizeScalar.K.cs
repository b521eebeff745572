// Scalar decoders of the 256-element K blocks: groups of 16 or 32 elements share a small integer scale (and minimum),
// those share one or two half-precision factors. value = (d * scale) * code - (dmin * minimum).
namespace Percept.Tensors.Kernels;

internal static unsafe partial class DequantizeScalar
{
    internal static void Q2_K(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 80);
        float dmin = BlockScales.Half(block + 82);
        for (int group = 0; group < 16; group++)
        {
            float scale = d * (block[group] & 15);
            float min = dmin * (block[group] >> 4);
            byte* packed = block + 16 + (32 * (group >> 3)) + (16 * (group & 1));
            int shift = group & 6;
            for (int j = 0; j < 16; j++)
            {
                dst[(16 * group) + j] = (scale * ((packed[j] >> shift) & 3)) - min;
            }
        }
    }

    internal static void Q3_K(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 108);
        for (int group = 0; group < 16; group++)
        {
            float scale = d * BlockScales.ScaleK3(block + 96, group);
            byte* packed = block + 32 + (32 * (group >> 3)) + (16 * (group & 1));
            byte* high = block + (16 * (group & 1));
            int shift = group & 6;
            for (int j = 0; j < 16; j++)
            {
                int code = ((packed[j] >> shift) & 3) | (((high[j] >> (group >> 1)) & 1) << 2);
                dst[(16 * group) + j] = scale * (code - 4);
            }
        }
    }

    internal static void Q4_K(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        float dmin = BlockScales.Half(block + 2);
        for (int group = 0; group < 8; group++)
        {
            float scale = d * BlockScales.ScaleK4(block + 4, group);
            float min = dmin * BlockScales.MinK4(block + 4, group);
            byte* packed = block + 16 + (32 * (group >> 1));
            int shift = 4 * (group & 1);
            for (int j = 0; j < 32; j++)
            {
                dst[(32 * group) + j] = (scale * ((packed[j] >> shift) & 15)) - min;
            }
        }
    }

    internal static void Q5_K(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        float dmin = BlockScales.Half(block + 2);
        byte* high = block + 16;
        for (int group = 0; group < 8; group++)
        {
            float scale = d * BlockScales.ScaleK4(block + 4, group);
            float min = dmin * BlockScales.MinK4(block + 4, group);
            byte* packed = block + 48 + (32 * (group >> 1));
            int shift = 4 * (group & 1);
            for (int j = 0; j < 32; j++)
            {
                int code = ((packed[j] >> shift) & 15) | (((high[j] >> group) & 1) << 4);
                dst[(32 * group) + j] = (scale * code) - min;
            }
        }
    }

    internal static void Q6_K(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 208);
        for (int group = 0; group < 16; group++)
        {
            // Groups 0..7 lie in the first 64 low and 32 high bytes, 8..15 in the second.
            float scale = d * (sbyte)block[192 + group];
            int half = group >> 3;
            int quarter = (group >> 1) & 3;
            byte* low = block + (64 * half) + (32 * (quarter & 1)) + (16 * (group & 1));
            byte* high = block + 128 + (32 * half) + (16 * (group & 1));
            int lowShift = 4 * (quarter >> 1);
            for (int j = 0; j < 16; j++)
            {
                int code = ((low[j] >> lowShift) & 15) | (((high[j] >> (2 * quarter)) & 3) << 4);
                dst[(16 * group) + j] = scale * (code - 32);
            }
        }
    }

    internal static void IQ4_XS(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        int high = block[2] | (block[3] << 8);
        for (int group = 0; group < 8; group++)
        {
            int scale = ((block[4 + (group >> 1)] >> (4 * (group & 1))) & 15) | (((high >> (2 * group)) & 3) << 4);
            Nibbles16(block + 8 + (16 * group), d * (scale - 32), dst + (32 * group));
        }
    }
}
