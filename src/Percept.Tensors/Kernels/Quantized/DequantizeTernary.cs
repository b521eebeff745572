// Vector decoders of the ternary blocks of 256 elements: value = d * (trit - 1).
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>TQ1_0: 48 bytes of five trits, 4 bytes of four, F16 d. A byte is a binary fraction of five base-3 digits.</summary>
internal readonly unsafe struct TQ1_0Blocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 54;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 52);
        Vector128<byte> a = Vector128.Load(block);
        Vector128<byte> b = Vector128.Load(block + 16);
        Vector128<byte> c = Vector128.Load(block + 32);
        ushort power = 1;
        for (int digit = 0; digit < 5; digit++)
        {
            Vector128<ushort> powers = Vector128.Create(power);
            BlockVectors.Store(Trits(a, powers, powers), d, dst + (32 * digit));
            BlockVectors.Store(Trits(b, powers, powers), d, dst + (32 * digit) + 16);
            BlockVectors.Store(Trits(c, powers, powers), d, dst + 160 + (16 * digit));
            power *= 3;
        }

        Vector128<byte> tail = Vector128.Create(Unsafe.ReadUnaligned<uint>(block + 48)).AsByte();
        Vector128<ushort> first = Vector128.Create(1, 1, 1, 1, 3, 3, 3, 3).AsUInt16();
        Vector128<ushort> second = Vector128.Create(9, 9, 9, 9, 27, 27, 27, 27).AsUInt16();
        BlockVectors.Store(Trits(tail, first, second), d, dst + 240);
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.TQ1_0(block, dst);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Trits(Vector128<byte> packed, Vector128<ushort> lowPower, Vector128<ushort> highPower)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(packed);
        Vector128<ushort> mask = Vector128.Create((ushort)255);
        Vector128<ushort> three = Vector128.Create((ushort)3);
        low = (((low * lowPower) & mask) * three) >>> 8;
        high = (((high * highPower) & mask) * three) >>> 8;
        return Vector128.Narrow(low, high).AsSByte() - Vector128<sbyte>.One;
    }
}

/// <summary>TQ2_0: 64 bytes of four trits in two bits each, F16 d.</summary>
internal readonly unsafe struct TQ2_0Blocks : IBlockDecoder
{
    public static int Elements => 256;

    public static int Bytes => 66;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* block, float* dst)
    {
        float d = BlockScales.Half(block + 64);
        Vector128<byte> three = Vector128.Create((byte)3);
        Vector128<sbyte> one = Vector128<sbyte>.One;
        for (int part = 0; part < 4; part++)
        {
            Vector128<byte> packed = Vector128.Load(block + (16 * part));
            float* to = dst + (128 * (part >> 1)) + (16 * (part & 1));
            BlockVectors.Store((packed & three).AsSByte() - one, d, to);
            BlockVectors.Store(((packed.AsUInt16() >>> 2).AsByte() & three).AsSByte() - one, d, to + 32);
            BlockVectors.Store(((packed.AsUInt16() >>> 4).AsByte() & three).AsSByte() - one, d, to + 64);
            BlockVectors.Store(((packed.AsUInt16() >>> 6).AsByte() & three).AsSByte() - one, d, to + 96);
        }
    }

    public static void DecodeScalar(byte* block, float* dst) => DequantizeScalar.TQ2_0(block, dst);
}
