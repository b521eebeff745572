using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

// vpmaddubsw adds two products in 16 bits, which two of 255·127 overflow: quants above 127 go as their lower seven bits and
// their top bit, each of which fits (2·127·127 and 2·128·127).

/// <summary>Sixteen columns.</summary>
internal readonly unsafe struct PanelVector512(Vector512<int> sums) : IPanelVector<PanelVector512>
{
    private readonly Vector512<int> _sums = sums;

    public static int Columns => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Splat(int value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Dot(PanelVector512 sums, byte* panel, int activations, bool wide)
    {
        Vector512<byte> quants = Vector512.Load(panel);
        Vector512<sbyte> spread = Vector512.Create(activations).AsSByte();
        Vector512<short> ones = Vector512.Create((short)1);
        if (!wide)
        {
            Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(quants, spread);
            return new(sums._sums + Avx512BW.MultiplyAddAdjacent(pairs, ones));
        }

        Vector512<short> low = Avx512BW.MultiplyAddAdjacent(quants & Vector512.Create((byte)0x7F), spread);
        Vector512<short> top = Avx512BW.MultiplyAddAdjacent(quants & Vector512.Create((byte)0x80), spread);
        return new(sums._sums + Avx512BW.MultiplyAddAdjacent(low, ones) + Avx512BW.MultiplyAddAdjacent(top, ones));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* destination, PanelVector512 sums, float* scales, float factor) =>
        Vector512.FusedMultiplyAdd(
            Vector512.ConvertToSingle(sums._sums),
            Vector512.Load(scales) * Vector512.Create(factor),
            Vector512.Load(destination)).Store(destination);
}

/// <summary>Eight columns.</summary>
internal readonly unsafe struct PanelVector256(Vector256<int> sums) : IPanelVector<PanelVector256>
{
    private readonly Vector256<int> _sums = sums;

    public static int Columns => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Splat(int value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Dot(PanelVector256 sums, byte* panel, int activations, bool wide)
    {
        Vector256<byte> quants = Vector256.Load(panel);
        Vector256<sbyte> spread = Vector256.Create(activations).AsSByte();
        if (AvxVnni.IsSupported)
        {
            return new(AvxVnni.MultiplyWideningAndAdd(sums._sums, quants, spread));
        }

        Vector256<short> ones = Vector256.Create((short)1);
        if (!wide)
        {
            Vector256<short> pairs = Avx2.MultiplyAddAdjacent(quants, spread);
            return new(sums._sums + Avx2.MultiplyAddAdjacent(pairs, ones));
        }

        Vector256<short> low = Avx2.MultiplyAddAdjacent(quants & Vector256.Create((byte)0x7F), spread);
        Vector256<short> top = Avx2.MultiplyAddAdjacent(quants & Vector256.Create((byte)0x80), spread);
        return new(sums._sums + Avx2.MultiplyAddAdjacent(low, ones) + Avx2.MultiplyAddAdjacent(top, ones));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* destination, PanelVector256 sums, float* scales, float factor) =>
        Vector256.FusedMultiplyAdd(
            Vector256.ConvertToSingle(sums._sums),
            Vector256.Load(scales) * Vector256.Create(factor),
            Vector256.Load(destination)).Store(destination);
}

/// <summary>
/// Four columns on any 128-bit machine: products in 16 bits, of which each fits alone (255·127); the two dwords of a column
/// lie side by side until the end.
/// </summary>
internal readonly unsafe struct PanelVector128(Vector128<int> first, Vector128<int> second) : IPanelVector<PanelVector128>
{
    private readonly Vector128<int> _first = first;
    private readonly Vector128<int> _second = second;

    public static int Columns => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Splat(int value)
    {
        Vector128<int> even = Vector128.Create(value, 0, value, 0);
        return new(even, even);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Dot(PanelVector128 sums, byte* panel, int activations, bool wide)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(panel));
        Vector128<short> spread = Vector128.WidenLower(Vector128.Create(activations).AsSByte());
        return new(
            sums._first + Pairs((low.AsInt16() * spread).AsInt32()),
            sums._second + Pairs((high.AsInt16() * spread).AsInt32()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* destination, PanelVector128 sums, float* scales, float factor)
    {
        Vector128<int> first = sums._first + Vector128.Shuffle(sums._first, Vector128.Create(1, 0, 3, 2));
        Vector128<int> second = sums._second + Vector128.Shuffle(sums._second, Vector128.Create(1, 0, 3, 2));
        Vector128<int> all = Vector128.Create(
            Vector128.Shuffle(first, Vector128.Create(0, 2, 0, 2)).GetLower(),
            Vector128.Shuffle(second, Vector128.Create(0, 2, 0, 2)).GetLower());
        Vector128<float> products = Vector128.ConvertToSingle(all) * (Vector128.Load(scales) * Vector128.Create(factor));
        (Vector128.Load(destination) + products).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pairs(Vector128<int> words) => ((words << 16) >> 16) + (words >> 16);
}
