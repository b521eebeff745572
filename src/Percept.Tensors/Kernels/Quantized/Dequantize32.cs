// Vector decoders of the 32- and 64-element blocks: value = scale * code (+ minimum). A block's 16 bytes hold elements
// 0..15 in their low and 16..31 in their high nibbles. With AVX-512 the 16 possible values of a 4-bit block are computed
// once and looked up; else codes are widened and multiplied. Whole blocks only, so there is no remainder.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>Q4_0: F16 scale, 32 nibbles biased by 8.</summary>
internal readonly unsafe struct Q4_0Blocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 18;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        Vector128<byte> packed = Vector128.Load(block + 2);
        if (Avx512F.IsSupported)
        {
            Vector512<float> table = (BlockVectors.Steps() - Vector512.Create(8f)) * Vector512.Create(d);
            BlockVectors.StoreTable(packed, table, dst);
            return;
        }

        Vector128<sbyte> bias = Vector128.Create((sbyte)8);
        BlockVectors.Store(BlockVectors.Low(packed).AsSByte() - bias, d, dst);
        BlockVectors.Store(BlockVectors.High(packed).AsSByte() - bias, d, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q4_0(block, dst);
}

/// <summary>Q4_1: F16 scale and minimum, 32 nibbles.</summary>
internal readonly unsafe struct Q4_1Blocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 20;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        float m = BlockScales.Half(block + 2);
        Vector128<byte> packed = Vector128.Load(block + 4);
        if (Avx512F.IsSupported)
        {
            BlockVectors.StoreTable(packed, (BlockVectors.Steps() * Vector512.Create(d)) + Vector512.Create(m), dst);
            return;
        }

        BlockVectors.Store(BlockVectors.Low(packed).AsSByte(), d, m, dst);
        BlockVectors.Store(BlockVectors.High(packed).AsSByte(), d, m, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q4_1(block, dst);
}

/// <summary>Q5_0: F16 scale, 32 fifth bits, 32 nibbles; biased by 16.</summary>
internal readonly unsafe struct Q5_0Blocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 22;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        uint high = Unsafe.ReadUnaligned<uint>(block + 2);
        Vector128<byte> packed = Vector128.Load(block + 6);
        Vector128<sbyte> bias = Vector128.Create((sbyte)16);
        Vector128<byte> first = BlockVectors.Low(packed) | BlockVectors.FifthBits((ushort)high);
        Vector128<byte> second = BlockVectors.High(packed) | BlockVectors.FifthBits((ushort)(high >> 16));
        BlockVectors.Store(first.AsSByte() - bias, d, dst);
        BlockVectors.Store(second.AsSByte() - bias, d, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q5_0(block, dst);
}

/// <summary>Q5_1: F16 scale and minimum, 32 fifth bits, 32 nibbles.</summary>
internal readonly unsafe struct Q5_1Blocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 24;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        float m = BlockScales.Half(block + 2);
        uint high = Unsafe.ReadUnaligned<uint>(block + 4);
        Vector128<byte> packed = Vector128.Load(block + 8);
        Vector128<byte> first = BlockVectors.Low(packed) | BlockVectors.FifthBits((ushort)high);
        Vector128<byte> second = BlockVectors.High(packed) | BlockVectors.FifthBits((ushort)(high >> 16));
        BlockVectors.Store(first.AsSByte(), d, m, dst);
        BlockVectors.Store(second.AsSByte(), d, m, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q5_1(block, dst);
}

/// <summary>Q8_0: F16 scale, 32 signed bytes.</summary>
internal readonly unsafe struct Q8_0Blocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 34;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        BlockVectors.Store(Vector128.Load((sbyte*)block + 2), d, dst);
        BlockVectors.Store(Vector128.Load((sbyte*)block + 18), d, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q8_0(block, dst);
}

/// <summary>IQ4_NL: F16 scale, 32 nibbles that index a table.</summary>
internal readonly unsafe struct IQ4_NLBlocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 18;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        Vector128<byte> packed = Vector128.Load(block + 2);
        if (Avx512F.IsSupported)
        {
            Vector512<float> table = BlockVectors.TableValues(BlockScales.Iq4Values) * Vector512.Create(d);
            BlockVectors.StoreTable(packed, table, dst);
            return;
        }

        BlockVectors.Store(BlockVectors.Look(BlockScales.Iq4Values, BlockVectors.Low(packed)), d, dst);
        BlockVectors.Store(BlockVectors.Look(BlockScales.Iq4Values, BlockVectors.High(packed)), d, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ4_NL(block, dst);
}

/// <summary>MXFP4: E8M0 scale, 32 E2M1 nibbles.</summary>
internal readonly unsafe struct MXFP4Blocks : IBlockDecoder
{
    public static int Elements => 32;

    public static int Bytes => 17;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.HalvedE8M0(block[0]);
        Vector128<byte> packed = Vector128.Load(block + 1);
        if (Avx512F.IsSupported)
        {
            Vector512<float> table = BlockVectors.TableValues(BlockScales.Fp4Values) * Vector512.Create(d);
            BlockVectors.StoreTable(packed, table, dst);
            return;
        }

        BlockVectors.Store(BlockVectors.Look(BlockScales.Fp4Values, BlockVectors.Low(packed)), d, dst);
        BlockVectors.Store(BlockVectors.Look(BlockScales.Fp4Values, BlockVectors.High(packed)), d, dst + 16);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.MXFP4(block, dst);
}

/// <summary>NVFP4: 4 E4M3 scales, then per 16 elements 8 bytes: elements 0..7 low, 8..15 high nibbles.</summary>
internal readonly unsafe struct NVFP4Blocks : IBlockDecoder
{
    public static int Elements => 64;

    public static int Bytes => 36;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(byte* block, float* dst)
    {
        for (int group = 0; group < 4; group++)
        {
            ulong packed = Unsafe.ReadUnaligned<ulong>(block + 4 + (8 * group));
            Vector128<byte> codes = BlockVectors.Low(Vector128.Create(packed, packed >> 4).AsByte());
            float d = BlockScales.HalvedUE4M3(block[group]);
            BlockVectors.Store(BlockVectors.Look(BlockScales.Fp4Values, codes), d, dst + (16 * group));
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.NVFP4(block, dst);
}
