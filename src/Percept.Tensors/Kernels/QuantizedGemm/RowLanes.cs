using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>One row at a time, in a general register: the scalar form and the form of machines without 512-bit vectors.</summary>
internal readonly unsafe struct RowLane(uint bits) : IRowLanes<RowLane>
{
    private readonly uint _bits = bits;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane Splat(uint value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load4(byte** rows, nint offset, out RowLane d0, out RowLane d1, out RowLane d2, out RowLane d3)
    {
        byte* source = rows[0] + offset;
        d0 = new(Unsafe.ReadUnaligned<uint>(source));
        d1 = new(Unsafe.ReadUnaligned<uint>(source + 4));
        d2 = new(Unsafe.ReadUnaligned<uint>(source + 8));
        d3 = new(Unsafe.ReadUnaligned<uint>(source + 12));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, RowLane value) => *(uint*)destination = value._bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreScaled(byte* destination, RowLane value, RowLane factor) =>
        *(float*)destination = (int)value._bits * BitConverter.UInt32BitsToSingle(factor._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane LowHalf(RowLane value) =>
        new(BitConverter.SingleToUInt32Bits(BlockScales.HalfBits((ushort)value._bits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane Negate(RowLane value) => new(value._bits ^ 0x8000_0000u);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane LookUp(RowLane indices, byte* table)
    {
        uint i = indices._bits;
        return new(
            table[i & 15]
            | ((uint)table[(i >> 8) & 15] << 8)
            | ((uint)table[(i >> 16) & 15] << 16)
            | ((uint)table[(i >> 24) & 15] << 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane operator &(RowLane left, RowLane right) => new(left._bits & right._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane operator |(RowLane left, RowLane right) => new(left._bits | right._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane operator ^(RowLane left, RowLane right) => new(left._bits ^ right._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane operator <<(RowLane value, int count) => new(value._bits << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane operator >>>(RowLane value, int count) => new(value._bits >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLane operator >>(RowLane value, int count) => new((uint)((int)value._bits >> count));
}

/// <summary>Sixteen rows at a time, in one 512-bit vector; loading transposes 16 rows of 16 bytes.</summary>
internal readonly unsafe struct RowLanes16(Vector512<uint> bits) : IRowLanes<RowLanes16>
{
    private readonly Vector512<uint> _bits = bits;

    public static int Rows => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 Splat(uint value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load4(
        byte** rows, nint offset, out RowLanes16 d0, out RowLanes16 d1, out RowLanes16 d2, out RowLanes16 d3)
    {
        Vector512<uint> z0 = Quarter(rows, offset);
        Vector512<uint> z1 = Quarter(rows + 1, offset);
        Vector512<uint> z2 = Quarter(rows + 2, offset);
        Vector512<uint> z3 = Quarter(rows + 3, offset);
        Vector512<ulong> low01 = Avx512F.UnpackLow(z0, z1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(z2, z3).AsUInt64();
        Vector512<ulong> high01 = Avx512F.UnpackHigh(z0, z1).AsUInt64();
        Vector512<ulong> high23 = Avx512F.UnpackHigh(z2, z3).AsUInt64();
        d0 = new(Avx512F.UnpackLow(low01, low23).AsUInt32());
        d1 = new(Avx512F.UnpackHigh(low01, low23).AsUInt32());
        d2 = new(Avx512F.UnpackLow(high01, high23).AsUInt32());
        d3 = new(Avx512F.UnpackHigh(high01, high23).AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, RowLanes16 value) => value._bits.Store((uint*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreScaled(byte* destination, RowLanes16 value, RowLanes16 factor) =>
        (Vector512.ConvertToSingle(value._bits.AsInt32()) * factor._bits.AsSingle()).Store((float*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 LowHalf(RowLanes16 value)
    {
        // Bits moved into place denote the value times 2^-112; an exponent of all ones stays one.
        Vector512<int> moved = ((value._bits << 16).AsInt32() >> 3) & Vector512.Create(unchecked((int)0x8FFFE000));
        Vector512<float> scaled = moved.AsSingle() * Vector512.Create(5.192296858534828e33f);
        Vector512<uint> special = Vector512.Equals(value._bits & Vector512.Create(0x7C00u), Vector512.Create(0x7C00u));
        return new(scaled.AsUInt32() | (special & Vector512.Create(0x7F80_0000u)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 Negate(RowLanes16 value) => new(value._bits ^ Vector512.Create(0x8000_0000u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 LookUp(RowLanes16 indices, byte* table)
    {
        Vector512<byte> tables = Avx512F.BroadcastVector128ToVector512((uint*)table).AsByte();
        return new(Avx512BW.Shuffle(tables, indices._bits.AsByte()).AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 operator &(RowLanes16 left, RowLanes16 right) => new(left._bits & right._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 operator |(RowLanes16 left, RowLanes16 right) => new(left._bits | right._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 operator ^(RowLanes16 left, RowLanes16 right) => new(left._bits ^ right._bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 operator <<(RowLanes16 value, int count) => new(value._bits << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 operator >>>(RowLanes16 value, int count) => new(value._bits >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowLanes16 operator >>(RowLanes16 value, int count) => new((value._bits.AsInt32() >> count).AsUInt32());

    /// <summary>16 bytes each of rows 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Quarter(byte** rows, nint offset)
    {
        // Inserts into a widened vector: Vector512.Create of two halves goes through memory.
        Vector256<byte> low = Avx2.InsertVector128(
            Vector128.Load(rows[0] + offset).ToVector256Unsafe(), Vector128.Load(rows[4] + offset), 1);
        Vector256<byte> high = Avx2.InsertVector128(
            Vector128.Load(rows[8] + offset).ToVector256Unsafe(), Vector128.Load(rows[12] + offset), 1);
        return Avx512F.InsertVector256(low.ToVector512Unsafe(), high, 1).AsUInt32();
    }
}
