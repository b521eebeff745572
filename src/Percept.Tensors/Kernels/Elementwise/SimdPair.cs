using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>Two vectors.</summary>
internal struct VectorPair<V>(V lower, V upper)
    where V : struct
{
    internal V Lower = lower;
    internal V Upper = upper;
}

/// <summary>
/// Float arithmetic on two vectors at a time, for long chains of operations: the two are independent and stand side by side in
/// the code, so that the processor's window holds twice the work that does not wait.
/// </summary>
/// <remarks>Lane by lane the same results as <typeparamref name="S"/>. For levels with registers enough (512 bits).</remarks>
internal readonly unsafe struct SimdPair<S, V> : ISimd<VectorPair<V>>
    where S : ISimd<V>
    where V : struct
{
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * S.Width;
    }

    public static bool FusesMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => S.FusesMultiplyAdd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Load(float* source) =>
        new(S.Load(source), S.Load(source + S.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, VectorPair<V> value)
    {
        S.Store(destination, value.Lower);
        S.Store(destination + S.Width, value.Upper);
    }

    public static VectorPair<V> LoadPartial(float* source, nint count, float fill) => count < S.Width
        ? new(S.LoadPartial(source, count, fill), S.Set(fill))
        : new(S.Load(source), S.LoadPartial(source + S.Width, count - S.Width, fill));

    public static void StorePartial(float* destination, VectorPair<V> value, nint count)
    {
        if (count < S.Width)
        {
            S.StorePartial(destination, value.Lower, count);
            return;
        }

        S.Store(destination, value.Lower);
        S.StorePartial(destination + S.Width, value.Upper, count - S.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Set(float value) =>
        new(S.Set(value), S.Set(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Add(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Add(a.Lower, b.Lower), S.Add(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Sub(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Sub(a.Lower, b.Lower), S.Sub(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Mul(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Mul(a.Lower, b.Lower), S.Mul(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Div(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Div(a.Lower, b.Lower), S.Div(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Min(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Min(a.Lower, b.Lower), S.Min(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Max(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Max(a.Lower, b.Lower), S.Max(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Less(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Less(a.Lower, b.Lower), S.Less(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> LessOrEqual(VectorPair<V> a, VectorPair<V> b) =>
        new(S.LessOrEqual(a.Lower, b.Lower), S.LessOrEqual(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Equal(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Equal(a.Lower, b.Lower), S.Equal(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> And(VectorPair<V> a, VectorPair<V> b) =>
        new(S.And(a.Lower, b.Lower), S.And(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Or(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Or(a.Lower, b.Lower), S.Or(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Scale(VectorPair<V> a, VectorPair<V> b) =>
        new(S.Scale(a.Lower, b.Lower), S.Scale(a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Fma(VectorPair<V> a, VectorPair<V> b, VectorPair<V> c) =>
        new(S.Fma(a.Lower, b.Lower, c.Lower), S.Fma(a.Upper, b.Upper, c.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Reciprocal(VectorPair<V> a) =>
        new(S.Reciprocal(a.Lower), S.Reciprocal(a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Sqrt(VectorPair<V> a) =>
        new(S.Sqrt(a.Lower), S.Sqrt(a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Abs(VectorPair<V> a) =>
        new(S.Abs(a.Lower), S.Abs(a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Floor(VectorPair<V> a) =>
        new(S.Floor(a.Lower), S.Floor(a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Round(VectorPair<V> a) =>
        new(S.Round(a.Lower), S.Round(a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Select(VectorPair<V> mask, VectorPair<V> a, VectorPair<V> b) =>
        new(S.Select(mask.Lower, a.Lower, b.Lower), S.Select(mask.Upper, a.Upper, b.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<V> Split(VectorPair<V> a, out VectorPair<V> mantissa)
    {
        V lower = S.Split(a.Lower, out V lowerMantissa), upper = S.Split(a.Upper, out V upperMantissa);
        mantissa = new(lowerMantissa, upperMantissa);
        return new(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(VectorPair<V> a) =>
        S.Sum(S.Add(a.Lower, a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(VectorPair<V> a) =>
        S.MaxAcross(S.Max(a.Lower, a.Upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinAcross(VectorPair<V> a) =>
        S.MinAcross(S.Min(a.Lower, a.Upper));
}
