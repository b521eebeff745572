// Vector decoders of the codebook blocks of 256 elements: grid entries are fetched one by one, signed and scaled 16 elements
// a step. Layouts are told at DequantizeScalar.Codebook.cs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>IQ2_XXS: F16 d, then per 32 elements 4 grid bytes, 4 x 7 sign bits and a 4-bit scale.</summary>
internal readonly unsafe struct IQ2_XXSBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 66;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        ulong* grid = CodebookTables.Iq2Xxs;
        ulong* masks = CodebookTables.EvenSigns;
        float d = BlockScales.Half(block);
        for (int group = 0; group < 8; group++)
        {
            byte* p = block + 2 + (8 * group);
            uint signs = Unsafe.ReadUnaligned<uint>(p + 4);
            float scale = d * (0.5f + (signs >> 28)) * 0.25f;
            ulong mask0 = masks[signs & 127];
            ulong mask1 = masks[(signs >> 7) & 127];
            BlockVectors.Store(BlockVectors.Signed(grid[p[0]], grid[p[1]], mask0, mask1), scale, dst + (32 * group));
            mask0 = masks[(signs >> 14) & 127];
            mask1 = masks[(signs >> 21) & 127];
            BlockVectors.Store(BlockVectors.Signed(grid[p[2]], grid[p[3]], mask0, mask1), scale, dst + (32 * group) + 16);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ2_XXS(block, dst);
}

/// <summary>IQ2_XS: F16 d, 32 words of 9 grid and 7 sign bits, 16 scales of 4 bits.</summary>
internal readonly unsafe struct IQ2_XSBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 74;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        ulong* grid = CodebookTables.Iq2Xs;
        ulong* masks = CodebookTables.EvenSigns;
        float d = BlockScales.Half(block);
        for (int group = 0; group < 16; group++)
        {
            uint words = Unsafe.ReadUnaligned<uint>(block + 2 + (4 * group));
            int code = (block[66 + (group >> 1)] >> (4 * (group & 1))) & 15;
            float scale = d * (0.5f + code) * 0.25f;
            ulong mask0 = masks[(words >> 9) & 127];
            ulong mask1 = masks[words >> 25];
            Vector128<sbyte> values = BlockVectors.Signed(grid[words & 511], grid[(words >> 16) & 511], mask0, mask1);
            BlockVectors.Store(values, scale, dst + (16 * group));
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ2_XS(block, dst);
}

/// <summary>IQ2_S: F16 d, 32 grid bytes, 32 sign bytes, 8 bytes of grid bits 8 and 9, 16 scales of 4 bits.</summary>
internal readonly unsafe struct IQ2_SBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 82;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        ulong* grid = CodebookTables.Iq2S;
        ulong* masks = CodebookTables.Signs;
        float d = BlockScales.Half(block);
        for (int group = 0; group < 16; group++)
        {
            int high = block[66 + (group >> 1)] >> (4 * (group & 1));
            int code = (block[74 + (group >> 1)] >> (4 * (group & 1))) & 15;
            float scale = d * (0.5f + code) * 0.25f;
            byte* p = block + 2 + (2 * group);
            ulong entry0 = grid[p[0] | ((high & 3) << 8)];
            ulong entry1 = grid[p[1] | ((high & 12) << 6)];
            BlockVectors.Store(
                BlockVectors.Signed(entry0, entry1, masks[p[32]], masks[p[33]]), scale, dst + (16 * group));
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ2_S(block, dst);
}

/// <summary>IQ3_XXS: F16 d, 64 grid bytes, then per 32 elements 4 x 7 sign bits and a 4-bit scale.</summary>
internal readonly unsafe struct IQ3_XXSBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 98;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        uint* grid = CodebookTables.Iq3Xxs;
        ulong* masks = CodebookTables.EvenSigns;
        float d = BlockScales.Half(block);
        for (int group = 0; group < 8; group++)
        {
            byte* p = block + 2 + (8 * group);
            uint signs = Unsafe.ReadUnaligned<uint>(block + 66 + (4 * group));
            float scale = d * (0.5f + (signs >> 28)) * 0.5f;
            ulong entry0 = grid[p[0]] | ((ulong)grid[p[1]] << 32);
            ulong entry1 = grid[p[2]] | ((ulong)grid[p[3]] << 32);
            ulong mask0 = masks[signs & 127];
            ulong mask1 = masks[(signs >> 7) & 127];
            BlockVectors.Store(BlockVectors.Signed(entry0, entry1, mask0, mask1), scale, dst + (32 * group));
            entry0 = grid[p[4]] | ((ulong)grid[p[5]] << 32);
            entry1 = grid[p[6]] | ((ulong)grid[p[7]] << 32);
            mask0 = masks[(signs >> 14) & 127];
            mask1 = masks[(signs >> 21) & 127];
            BlockVectors.Store(BlockVectors.Signed(entry0, entry1, mask0, mask1), scale, dst + (32 * group) + 16);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ3_XXS(block, dst);
}

/// <summary>IQ3_S: F16 d, 64 grid bytes, 8 bytes of grid bit 8, 32 sign bytes, 8 scales of 4 bits.</summary>
internal readonly unsafe struct IQ3_SBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 110;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        uint* grid = CodebookTables.Iq3S;
        ulong* masks = CodebookTables.Signs;
        float d = BlockScales.Half(block);
        for (int group = 0; group < 16; group++)
        {
            byte* p = block + 2 + (4 * group);
            byte* signs = block + 74 + (2 * group);
            int high = block[66 + (group >> 1)] << (8 - (4 * (group & 1)));
            int code = (block[106 + (group >> 2)] >> (2 * (group & 2))) & 15;
            float scale = d * (1 + (2 * code));
            ulong entry0 = grid[p[0] | (high & 256)] | ((ulong)grid[p[1] | ((high >> 1) & 256)] << 32);
            ulong entry1 = grid[p[2] | ((high >> 2) & 256)] | ((ulong)grid[p[3] | ((high >> 3) & 256)] << 32);
            BlockVectors.Store(
                BlockVectors.Signed(entry0, entry1, masks[signs[0]], masks[signs[1]]), scale, dst + (16 * group));
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ3_S(block, dst);
}

/// <summary>IQ1_S: F16 d, 32 grid bytes, then per 32 elements a word of 4 x 3 grid bits, a 3-bit scale and the shift.</summary>
internal readonly unsafe struct IQ1_SBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 50;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        ulong* grid = CodebookTables.Iq1S;
        float d = BlockScales.Half(block);
        for (int group = 0; group < 8; group++)
        {
            byte* p = block + 2 + (4 * group);
            int high = Unsafe.ReadUnaligned<ushort>(block + 34 + (2 * group));

            // Entries are eight times the values, so the shift is +-1; dividing by eight is exact.
            float scale = d * ((2 * ((high >> 12) & 7)) + 1) * 0.125f;
            Vector128<sbyte> delta = Vector128.Create((sbyte)((high & 0x8000) != 0 ? -1 : 1));
            ulong entry0 = grid[p[0] | ((high & 7) << 8)];
            ulong entry1 = grid[p[1] | (((high >> 3) & 7) << 8)];
            BlockVectors.Store(Vector128.Create(entry0, entry1).AsSByte() + delta, scale, dst + (32 * group));
            entry0 = grid[p[2] | (((high >> 6) & 7) << 8)];
            entry1 = grid[p[3] | (((high >> 9) & 7) << 8)];
            BlockVectors.Store(Vector128.Create(entry0, entry1).AsSByte() + delta, scale, dst + (32 * group) + 16);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ1_S(block, dst);
}

/// <summary>IQ1_M: 32 grid bytes, 32 nibbles of 3 grid bits and the shift, four words of 4 x 3-bit scales and 4 bits of d.</summary>
internal readonly unsafe struct IQ1_MBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 56;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        ulong* grid = CodebookTables.Iq1S;
        ulong scales = Unsafe.ReadUnaligned<ulong>(block + 48);
        float d = BlockScales.HalfBits(DequantizeScalar.IQ1_MScale(scales)) * 0.125f;
        for (int group = 0; group < 16; group++)
        {
            int code = (int)(scales >> ((16 * (group >> 2)) + (3 * (group & 3)))) & 7;
            int high = block[32 + group];
            ulong entry0 = grid[block[2 * group] | ((high & 7) << 8)];
            ulong entry1 = grid[block[(2 * group) + 1] | ((high & 0x70) << 4)];
            const ulong Ones = 0x0101010101010101;
            ulong delta0 = (high & 8) != 0 ? ulong.MaxValue : Ones;
            ulong delta1 = (high & 0x80) != 0 ? ulong.MaxValue : Ones;
            Vector128<sbyte> values =
                Vector128.Create(entry0, entry1).AsSByte() + Vector128.Create(delta0, delta1).AsSByte();
            BlockVectors.Store(values, d * ((2 * code) + 1), dst + (16 * group));
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ1_M(block, dst);
}
