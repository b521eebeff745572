// Vector decoders of the 256-element K blocks: value = (d * scale) * code - (dmin * minimum), scale and minimum per
// group of 16 (Q2_K, Q3_K, Q6_K) or 32 elements. All group factors of a block are computed first, then 16 elements a
// step.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>Q2_K: 16 bytes of 4-bit scales and minimums, 64 bytes of 2-bit codes, F16 d and dmin.</summary>
internal readonly unsafe struct Q2_KBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 84;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        Unsafe.SkipInit(out FactorBuffer buffer);
        float* scales = FactorBuffer.Aligned(&buffer);
        float* mins = scales + 16;
        Vector128<byte> packedScales = Vector128.Load(block);
        BlockVectors.Store(BlockVectors.Low(packedScales).AsSByte(), BlockScales.Half(block + 80), scales);
        BlockVectors.Store(BlockVectors.High(packedScales).AsSByte(), -BlockScales.Half(block + 82), mins);

        Vector128<byte> three = Vector128.Create((byte)3);
        for (int part = 0; part < 4; part++)
        {
            // 16 bytes hold one half (part & 1) of the four 32-element groups of 128 elements.
            Vector128<byte> packed = Vector128.Load(block + 16 + (16 * part));
            int first = ((part & 2) << 2) + (part & 1);
            float* to = dst + (16 * first);
            BlockVectors.Store((packed & three).AsSByte(), scales[first], mins[first], to);
            Vector128<byte> codes = (packed.AsUInt16() >>> 2).AsByte() & three;
            BlockVectors.Store(codes.AsSByte(), scales[first + 2], mins[first + 2], to + 32);
            codes = (packed.AsUInt16() >>> 4).AsByte() & three;
            BlockVectors.Store(codes.AsSByte(), scales[first + 4], mins[first + 4], to + 64);
            codes = (packed.AsUInt16() >>> 6).AsByte() & three;
            BlockVectors.Store(codes.AsSByte(), scales[first + 6], mins[first + 6], to + 96);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q2_K(block, dst);
}

/// <summary>Q3_K: 32 bytes of third bits, 64 bytes of 2-bit codes, 12 bytes of 6-bit scales, F16 d.</summary>
internal readonly unsafe struct Q3_KBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 110;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        Unsafe.SkipInit(out FactorBuffer buffer);
        float* scales = FactorBuffer.Aligned(&buffer);
        Vector128<sbyte> packedScales = Scales(block + 96);
        BlockVectors.Store(packedScales, BlockScales.Half(block + 108), scales);

        Vector128<byte> three = Vector128.Create((byte)3);
        Vector128<byte> four = Vector128.Create((byte)4);
        Vector128<sbyte> bias = Vector128.Create((sbyte)4);
        for (int part = 0; part < 4; part++)
        {
            // As in Q2_K; the third bit of group g (of 32 elements) is bit g of the high bytes.
            Vector128<ushort> packed = Vector128.Load(block + 32 + (16 * part)).AsUInt16();
            Vector128<ushort> high = Vector128.Load(block + (16 * (part & 1))).AsUInt16();
            high = (part & 2) != 0 ? high >>> 2 : high << 2;
            int first = ((part & 2) << 2) + (part & 1);
            float* to = dst + (16 * first);
            Vector128<byte> codes = (packed.AsByte() & three) | (high.AsByte() & four);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first], to);
            codes = ((packed >>> 2).AsByte() & three) | ((high >>> 1).AsByte() & four);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first + 2], to + 32);
            codes = ((packed >>> 4).AsByte() & three) | ((high >>> 2).AsByte() & four);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first + 4], to + 64);
            codes = ((packed >>> 6).AsByte() & three) | ((high >>> 3).AsByte() & four);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first + 6], to + 96);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q3_K(block, dst);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Scales(byte* packed)
    {
        uint a = Unsafe.ReadUnaligned<uint>(packed);
        uint b = Unsafe.ReadUnaligned<uint>(packed + 4);
        uint top = Unsafe.ReadUnaligned<uint>(packed + 8);
        Vector128<uint> low = Vector128.Create(a, b, a >> 4, b >> 4) & Vector128.Create(0x0F0F0F0Fu);
        Vector128<uint> high = Vector128.Create(top << 4, top << 2, top, top >> 2) & Vector128.Create(0x30303030u);
        return (low | high).AsSByte() - Vector128.Create((sbyte)32);
    }
}

/// <summary>Q4_K: F16 d and dmin, 12 bytes of 6-bit scales and minimums, 128 bytes of nibbles.</summary>
internal readonly unsafe struct Q4_KBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 144;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        Unsafe.SkipInit(out FactorBuffer buffer);
        float* scales = FactorBuffer.Aligned(&buffer);
        float* mins = scales + 16;
        Factors(block, scales, mins);
        for (int pair = 0; pair < 4; pair++)
        {
            // 32 bytes: the low nibbles are group 2 * pair, the high ones the next group.
            Vector128<byte> a = Vector128.Load(block + 16 + (32 * pair));
            Vector128<byte> b = Vector128.Load(block + 32 + (32 * pair));
            float* to = dst + (64 * pair);
            if (Avx512F.IsSupported)
            {
                Vector512<float> steps = BlockVectors.Steps();
                Vector512<float> table =
                    (steps * Vector512.Create(scales[2 * pair])) + Vector512.Create(mins[2 * pair]);
                Vector512<int> index0 = Avx512F.ConvertToVector512Int32(a);
                Vector512<int> index1 = Avx512F.ConvertToVector512Int32(b);
                Avx512F.PermuteVar16x32(table, index0).Store(to);
                Avx512F.PermuteVar16x32(table, index1).Store(to + 16);
                table = (steps * Vector512.Create(scales[(2 * pair) + 1])) + Vector512.Create(mins[(2 * pair) + 1]);
                Avx512F.PermuteVar16x32(table, index0 >>> 4).Store(to + 32);
                Avx512F.PermuteVar16x32(table, index1 >>> 4).Store(to + 48);
                continue;
            }

            float scale = scales[2 * pair];
            float min = mins[2 * pair];
            BlockVectors.Store(BlockVectors.Low(a).AsSByte(), scale, min, to);
            BlockVectors.Store(BlockVectors.Low(b).AsSByte(), scale, min, to + 16);
            scale = scales[(2 * pair) + 1];
            min = mins[(2 * pair) + 1];
            BlockVectors.Store(BlockVectors.High(a).AsSByte(), scale, min, to + 32);
            BlockVectors.Store(BlockVectors.High(b).AsSByte(), scale, min, to + 48);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q4_K(block, dst);

    /// <summary>
    /// The eight d * scale and the eight -dmin * minimum of a Q4_K or Q5_K block (16 floats are written each).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Factors(byte* block, float* scales, float* mins)
    {
        uint a = Unsafe.ReadUnaligned<uint>(block + 4);
        uint b = Unsafe.ReadUnaligned<uint>(block + 8);
        uint c = Unsafe.ReadUnaligned<uint>(block + 12);
        uint scaleTop = (c & 0x0F0F0F0F) | ((a >> 2) & 0x30303030);
        uint minTop = ((c >> 4) & 0x0F0F0F0F) | ((b >> 2) & 0x30303030);
        Vector128<sbyte> scaleCodes = Vector128.Create(a & 0x3F3F3F3F, scaleTop, 0, 0).AsSByte();
        Vector128<sbyte> minCodes = Vector128.Create(b & 0x3F3F3F3F, minTop, 0, 0).AsSByte();
        BlockVectors.Store(scaleCodes, BlockScales.Half(block), scales);
        BlockVectors.Store(minCodes, -BlockScales.Half(block + 2), mins);
    }
}

/// <summary>Q5_K: as Q4_K with 32 bytes of fifth bits before the nibbles.</summary>
internal readonly unsafe struct Q5_KBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 176;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        Unsafe.SkipInit(out FactorBuffer buffer);
        float* scales = FactorBuffer.Aligned(&buffer);
        float* mins = scales + 16;
        Q4_KBlocks.Factors(block, scales, mins);

        Vector128<ushort> high0 = Vector128.Load(block + 16).AsUInt16();
        Vector128<ushort> high1 = Vector128.Load(block + 32).AsUInt16();
        Vector128<byte> bit = Vector128.Create((byte)16);
        for (int pair = 0; pair < 4; pair++)
        {
            // The fifth bit of group g is bit g of the high bytes; they move right by two bits a round.
            Vector128<byte> a = Vector128.Load(block + 48 + (32 * pair));
            Vector128<byte> b = Vector128.Load(block + 64 + (32 * pair));
            float* to = dst + (64 * pair);
            float scale = scales[2 * pair];
            float min = mins[2 * pair];
            Vector128<byte> codes = BlockVectors.Low(a) | ((high0 << 4).AsByte() & bit);
            BlockVectors.Store(codes.AsSByte(), scale, min, to);
            codes = BlockVectors.Low(b) | ((high1 << 4).AsByte() & bit);
            BlockVectors.Store(codes.AsSByte(), scale, min, to + 16);
            scale = scales[(2 * pair) + 1];
            min = mins[(2 * pair) + 1];
            codes = BlockVectors.High(a) | ((high0 << 3).AsByte() & bit);
            BlockVectors.Store(codes.AsSByte(), scale, min, to + 32);
            codes = BlockVectors.High(b) | ((high1 << 3).AsByte() & bit);
            BlockVectors.Store(codes.AsSByte(), scale, min, to + 48);
            high0 >>>= 2;
            high1 >>>= 2;
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q5_K(block, dst);
}

/// <summary>
/// Q6_K: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales, F16 d; codes biased by 32.
/// </summary>
internal readonly unsafe struct Q6_KBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 210;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        Unsafe.SkipInit(out FactorBuffer buffer);
        float* scales = FactorBuffer.Aligned(&buffer);
        BlockVectors.Store(Vector128.Load((sbyte*)block + 192), BlockScales.Half(block + 208), scales);

        Vector128<byte> mask = Vector128.Create((byte)0x30);
        Vector128<sbyte> bias = Vector128.Create((sbyte)32);
        for (int part = 0; part < 4; part++)
        {
            // 16 elements (part & 1) of each of the four groups of 32 in 128 elements (part >> 1).
            byte* low = block + (64 * (part >> 1)) + (16 * (part & 1));
            Vector128<byte> a = Vector128.Load(low);
            Vector128<byte> b = Vector128.Load(low + 32);
            Vector128<ushort> high = Vector128.Load(block + 128 + (16 * part)).AsUInt16();
            int first = ((part & 2) << 2) + (part & 1);
            float* to = dst + (16 * first);
            Vector128<byte> codes = BlockVectors.Low(a) | ((high << 4).AsByte() & mask);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first], to);
            codes = BlockVectors.Low(b) | ((high << 2).AsByte() & mask);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first + 2], to + 32);
            codes = BlockVectors.High(a) | (high.AsByte() & mask);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first + 4], to + 64);
            codes = BlockVectors.High(b) | ((high >>> 2).AsByte() & mask);
            BlockVectors.Store(codes.AsSByte() - bias, scales[first + 6], to + 96);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.Q6_K(block, dst);
}

/// <summary>IQ4_XS: F16 d, 8 scales of 6 bits (low nibbles and high pairs apart), 128 bytes of table indices.</summary>
internal readonly unsafe struct IQ4_XSBlocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 136;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block);
        int high = Unsafe.ReadUnaligned<ushort>(block + 2);
        uint low = Unsafe.ReadUnaligned<uint>(block + 4);
        for (int group = 0; group < 8; group++)
        {
            float scale = d * ((int)((low & 15) | (uint)((high & 3) << 4)) - 32);
            low >>= 4;
            high >>= 2;
            Vector128<byte> packed = Vector128.Load(block + 8 + (16 * group));
            float* to = dst + (32 * group);
            if (Avx512F.IsSupported)
            {
                Vector512<float> table = BlockVectors.TableValues(BlockScales.Iq4Values) * Vector512.Create(scale);
                BlockVectors.StoreTable(packed, table, to);
                continue;
            }

            BlockVectors.Store(BlockVectors.Look(BlockScales.Iq4Values, BlockVectors.Low(packed)), scale, to);
            BlockVectors.Store(BlockVectors.Look(BlockScales.Iq4Values, BlockVectors.High(packed)), scale, to + 16);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.IQ4_XS(block, dst);
}

/// <summary>Room on the stack for the factors of a block: 32 floats that do not cross a cache line unevenly.</summary>
/// <remarks>
/// They are stored 64 bytes at once and read back singly, which is slow where the store crosses a line.
/// </remarks>
internal struct FactorBuffer
{
    private Vector512<float> _first;
    private Vector512<float> _second;
    private Vector512<float> _third;

    /// <summary>The first 64-byte border inside a buffer on the stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe float* Aligned(FactorBuffer* buffer) => (float*)(((nint)buffer + 63) & ~63);
}
