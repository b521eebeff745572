using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Four columns on any 128-bit machine: products in 16 bits, of which each fits alone (255·127); the two dwords of a column
/// lie side by side until the end.
/// </summary>
internal readonly unsafe struct PanelVector128(Vector128<int> first, Vector128<int> second)
{
    private readonly Vector128<int> _first = first;
    private readonly Vector128<int> _second = second;

    /// <summary>How many columns a value covers.</summary>
    internal const int Columns = 4;

    /// <summary>Every column the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PanelVector128 Splat(int value)
    {
        Vector128<int> even = Vector128.Create(value, 0, value, 0);
        return new(even, even);
    }

    /// <summary>Adds the products of four unsigned quants of each column with the same four signed activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PanelVector128 Dot(PanelVector128 sums, byte* panel, int activations)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(panel));
        Vector128<short> spread = Vector128.WidenLower(Vector128.Create(activations).AsSByte());
        return new(
            sums._first + Pairs((low.AsInt16() * spread).AsInt32()),
            sums._second + Pairs((high.AsInt16() * spread).AsInt32()));
    }

    /// <summary>destination += sums · (scales · factor).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddScaled(float* destination, PanelVector128 sums, float* scales, float factor)
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
