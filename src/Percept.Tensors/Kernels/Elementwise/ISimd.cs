namespace Percept.Tensors.Kernels;

/// <summary>
/// One vector width of float arithmetic. Kernels are written once over this interface and instantiated for 512, 256 and
/// 128 bits and for a single float, so that widths do not multiply code.
/// </summary>
/// <typeparam name="V">The vector of floats: a <c>VectorN&lt;float&gt;</c>, or <see cref="float"/> itself.</typeparam>
/// <remarks>
/// Comparisons give lanes of all ones or all zeros. <see cref="Min"/> and <see cref="Max"/> return their second operand
/// when either is NaN, which lets a clamp keep NaN by putting the data second.
/// </remarks>
internal unsafe interface ISimd<V>
    where V : struct
{
    static abstract int Width { get; }

    /// <summary>Whether <see cref="Fma"/> rounds once.</summary>
    static abstract bool FusesMultiplyAdd { get; }

    static abstract V Load(float* source);

    static abstract void Store(float* destination, V value);

    /// <summary>Loads the first <paramref name="count"/> lanes (fewer than <see cref="Width"/>), the others are <paramref name="fill"/>.</summary>
    static abstract V LoadPartial(float* source, nint count, float fill);

    static abstract void StorePartial(float* destination, V value, nint count);

    static abstract V Set(float value);

    static abstract V Add(V a, V b);

    static abstract V Sub(V a, V b);

    static abstract V Mul(V a, V b);

    static abstract V Div(V a, V b);

    /// <summary>a·b + c, in one rounding where the machine can.</summary>
    static abstract V Fma(V a, V b, V c);

    static abstract V Min(V a, V b);

    static abstract V Max(V a, V b);

    /// <summary>1/a to the last bit but one, for normal a whose reciprocal is normal.</summary>
    static abstract V Reciprocal(V a);

    static abstract V Sqrt(V a);

    static abstract V Abs(V a);

    static abstract V Floor(V a);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract V Round(V a);

    static abstract V Less(V a, V b);

    static abstract V LessOrEqual(V a, V b);

    static abstract V Equal(V a, V b);

    static abstract V And(V a, V b);

    static abstract V Or(V a, V b);

    /// <summary>Lanes of <paramref name="a"/> where the mask is set, else of <paramref name="b"/>.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary><paramref name="a"/>·2^<paramref name="n"/> for integral n in −300…300, rounded once, denormals and overflow right.</summary>
    static abstract V Scale(V a, V n);

    /// <summary>Splits a positive normal number into mantissa in [√½, √2) and exponent.</summary>
    static abstract V Split(V a, out V mantissa);

    /// <summary>The sum of the lanes, pairwise in a fixed order.</summary>
    static abstract float Sum(V a);

    static abstract float MaxAcross(V a);

    static abstract float MinAcross(V a);
}
