using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>Elementary functions over one vector, for every width.</summary>
/// <remarks>
/// Each is branch-free: range reduction, a polynomial fitted for the least greatest relative error (coefficients found by
/// the exchange algorithm of Remez in 30 digits), reconstruction. Errors given are the greatest found against double over the whole
/// range with a fused multiply-add; without one they grow by about half.
/// </remarks>
internal static class VectorMath
{
    private const float Log2E = 1.44269504f;
    private const float RoundMagic = 12582912f;

    // ln 2 in two parts; the first has 12 low zero bits, so n·high is exact for every n that occurs.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Ln2 = 0.693147182f;

    private const float ExpHighest = 89f;
    private const float ExpLowest = -104f;

    private const float SinCosLimit = 1e5f;

    /// <summary>e^x: x = n·ln2 + r, |r| ≤ ln2/2; 1 + r + r²·P(r), times 2^n. Relative error ≤ 2.2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Exp<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        x = S.Min(S.Set(ExpHighest), S.Max(S.Set(ExpLowest), x));
        V n = S.Sub(S.Fma(x, S.Set(Log2E), S.Set(RoundMagic)), S.Set(RoundMagic));
        V r = S.Fma(n, S.Set(-Ln2High), x);
        return ExpOfRest<S, V>(S.Fma(n, S.Set(-Ln2Low), r), n);
    }

    /// <summary>e^x for x ≤ 88 (or NaN): one clamp fewer, error as <see cref="ExpInside"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V ExpOfNegative<S, V>(V x)
        where S : ISimd<V>
        where V : struct => ExpInside<S, V>(S.Max(S.Set(ExpLowest), x));

    /// <summary>e^x for −120 ≤ x ≤ 120 (or NaN): no clamp. Relative error ≤ 1.8e-7 + |x|·2.8e-9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V ExpInside<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V n = S.Sub(S.Fma(x, S.Set(Log2E), S.Set(RoundMagic)), S.Set(RoundMagic));

        // ln 2 as a float is wrong by 1.9e-9 only, so one fused step does; unfused, n·ln2 would be rounded.
        V r = S.FusesMultiplyAdd
            ? S.Fma(n, S.Set(-Ln2), x)
            : S.Fma(n, S.Set(-Ln2Low), S.Fma(n, S.Set(-Ln2High), x));
        return ExpOfRest<S, V>(r, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpOfRest<S, V>(V r, V n)
        where S : ISimd<V>
        where V : struct
    {
        V p = S.Fma(S.Set(8.312519497e-03f), r, S.Set(4.189015664e-02f));
        p = S.Fma(p, r, S.Set(1.666711466e-01f));
        p = S.Fma(p, r, S.Set(4.999923150e-01f));
        p = S.Fma(p, r, S.Set(1f));
        p = S.Fma(p, r, S.Set(1f));
        return S.Scale(p, n);
    }

    /// <summary>e^x − 1, accurate also where it is small. Relative error ≤ 3e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Expm1<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        x = S.Min(S.Set(ExpHighest), S.Max(S.Set(ExpLowest), x));
        V n = S.Sub(S.Fma(x, S.Set(Log2E), S.Set(RoundMagic)), S.Set(RoundMagic));
        V r = S.Fma(n, S.Set(-Ln2High), x);
        r = S.Fma(n, S.Set(-Ln2Low), r);
        V p = S.Fma(S.Set(1.381459853e-03f), r, S.Set(8.368716878e-03f));
        p = S.Fma(p, r, S.Set(4.166838805e-02f));
        p = S.Fma(p, r, S.Set(1.666652063e-01f));
        p = S.Fma(p, r, S.Set(4.999999345e-01f));
        p = S.Fma(S.Mul(r, r), p, r);

        // (1 + p)·2^n − 1 with half the power, for 2^128 is no float.
        V half = S.Scale(S.Set(0.5f), n);
        V result = S.Fma(p, half, S.Sub(half, S.Set(0.5f)));
        return S.Add(result, result);
    }

    /// <summary>ln x: x = m·2^e, m in [√½, √2); f − f²/2 + f³·P(f) with f = m − 1. Relative error ≤ 1.5e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Log<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V denormal = S.Less(x, S.Set(1.17549435e-38f));
        V scaled = S.Select(denormal, S.Mul(x, S.Set(8388608f)), x);
        V e = S.Sub(S.Split(scaled, out V m), S.And(denormal, S.Set(23f)));
        V f = S.Sub(m, S.Set(1f));
        V p = S.Fma(S.Set(8.700448446e-02f), f, S.Set(-1.426749077e-01f));
        p = S.Fma(p, f, S.Set(1.491476509e-01f));
        p = S.Fma(p, f, S.Set(-1.657758408e-01f));
        p = S.Fma(p, f, S.Set(1.996306402e-01f));
        p = S.Fma(p, f, S.Set(-2.500133706e-01f));
        p = S.Fma(p, f, S.Set(3.333391073e-01f));
        V square = S.Mul(f, f);
        V low = S.Fma(S.Mul(p, f), square, S.Mul(e, S.Set(Ln2Low)));
        low = S.Fma(square, S.Set(-0.5f), low);
        V result = S.Fma(e, S.Set(Ln2High), S.Add(f, low));

        // 0 gives −∞, below 0 and NaN give NaN, ∞ stays.
        result = S.Select(S.Equal(x, S.Set(float.PositiveInfinity)), x, result);
        result = S.Select(S.Equal(x, S.Set(0f)), S.Set(float.NegativeInfinity), result);
        return S.Select(S.LessOrEqual(S.Set(0f), x), result, S.Set(float.NaN));
    }

    /// <summary>ln(1 + u) for 0 ≤ u ≤ 1, accurate also where u is small. Relative error ≤ 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Log1pOfUnit<S, V>(V u)
        where S : ISimd<V>
        where V : struct
    {
        // What 1 + u loses by rounding comes back to first order.
        V w = S.Add(S.Set(1f), u);
        V lost = S.Sub(u, S.Sub(w, S.Set(1f)));
        return S.Add(Log<S, V>(w), S.Div(lost, w));
    }

    /// <summary>1/(1 + e^−x); 0 below x = −87, where it is less than 1.7e-38.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Sigmoid<S, V>(V x)
        where S : ISimd<V>
        where V : struct => SigmoidOfNegated<S, V>(S.Sub(S.Set(0f), x));

    /// <summary>1/(1 + e^u), the sigmoid of −u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V SigmoidOfNegated<S, V>(V u)
        where S : ISimd<V>
        where V : struct
    {
        V e = ExpInside<S, V>(S.Min(S.Set(87f), S.Max(S.Set(-87f), u)));
        return S.Select(S.Less(S.Set(87f), u), S.Set(0f), S.Reciprocal(S.Add(S.Set(1f), e)));
    }

    /// <summary>tanh x = −m/(m + 2) with m = e^(−2|x|) − 1, and the sign of x. Relative error ≤ 4e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Tanh<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V m = Expm1<S, V>(S.Mul(S.Abs(x), S.Set(-2f)));
        V t = S.Mul(m, S.Reciprocal(S.Add(m, S.Set(2f))));
        return S.Or(S.Abs(t), S.And(x, S.Set(-0f)));
    }

    /// <summary>
    /// The normal distribution's lower tail Φ(−t) for 0 ≤ t ≤ 14.5, as 2^P(t): absolute error ≤ 1.7e-7, relative error
    /// ≤ 1 % up to t = 5; beyond it only falls off as steeply.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V NormalTail<S, V>(V t)
        where S : ISimd<V>
        where V : struct
    {
        // P is kept in powers of 2, so that the whole part comes off exactly. Even and odd powers: two shorter chains.
        V s = S.Mul(t, t);
        V even = S.Fma(S.Set(-3.107182615e-7f), s, S.Set(-2.491639163e-5f));
        V odd = S.Fma(S.Set(7.11383712e-6f), s, S.Set(-0.0005403371065f));
        even = S.Fma(even, s, S.Set(0.00759932136f));
        odd = S.Fma(odd, s, S.Set(-0.05286529141f));
        even = S.Fma(even, s, S.Set(-0.4590896693f));
        odd = S.Fma(odd, s, S.Set(-1.151118903f));
        even = S.Fma(even, s, S.Set(-0.9999997501f));
        V p = S.Fma(odd, t, even);
        V n = S.Sub(S.Add(p, S.Set(RoundMagic)), S.Set(RoundMagic));
        V r = S.Sub(p, n);
        V e = S.Fma(S.Set(0.001330025545f), r, S.Set(0.009669718438f));
        e = S.Fma(e, r, S.Set(0.05550560059f));
        e = S.Fma(e, r, S.Set(0.2402228147f));
        e = S.Fma(e, r, S.Set(0.6931471806f));
        e = S.Fma(e, r, S.Set(1f));
        return S.Scale(e, n);
    }

    /// <summary>erf x: an odd polynomial below 1, else 1 − 2Φ(−√2·|x|) with the sign of x. Absolute error ≤ 3e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Erf<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V a = S.Abs(x);
        V s = S.Mul(x, x);
        V p = S.Fma(S.Set(-5.631422537e-04f), s, S.Set(4.917551530e-03f));
        p = S.Fma(p, s, S.Set(-2.671131142e-02f));
        p = S.Fma(p, s, S.Set(1.128018012e-01f));
        p = S.Fma(p, s, S.Set(-3.761232619e-01f));
        p = S.Fma(p, s, S.Set(1.283791225e-01f));
        V small = S.Fma(p, x, x);

        V tail = NormalTail<S, V>(S.Min(S.Set(14.5f), S.Mul(a, S.Set(1.41421356f))));
        V large = S.Or(S.Fma(tail, S.Set(-2f), S.Set(1f)), S.And(x, S.Set(-0f)));
        return S.Select(S.Less(a, S.Set(1f)), small, large);
    }

    /// <summary>sin x (shift 0) or cos x (shift 1). Absolute error ≤ 1.5e-7.</summary>
    /// <remarks>x = n·π/2 + r with π/2 in three parts; quadrant n mod 4 selects polynomial and sign. Beyond |x| = 10⁵ in double.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V SinCos<S, V>(V x, float quadrantShift)
        where S : ISimd<V>
        where V : struct
    {
        V beyond = S.Less(S.Set(SinCosLimit), S.Abs(x));
        if (S.Sum(S.And(beyond, S.Set(1f))) > 0)
        {
            return SinCosFar<S, V>(x, quadrantShift);
        }

        V n = S.Round(S.Mul(x, S.Set(0.636619772f)));
        V r = S.Fma(n, S.Set(-1.5703125f), x);
        r = S.Fma(n, S.Set(-4.837512969970703e-4f), r);
        r = S.Fma(n, S.Set(-7.549789954891882e-8f), r);
        V s = S.Mul(r, r);
        V sin = S.Fma(S.Set(-1.951723463e-04f), s, S.Set(8.332177686e-03f));
        sin = S.Fma(sin, s, S.Set(-1.666665494e-01f));
        sin = S.Fma(S.Mul(sin, s), r, r);
        V cos = S.Fma(S.Set(2.443837955e-05f), s, S.Set(-1.388736691e-03f));
        cos = S.Fma(cos, s, S.Set(4.166664685e-02f));
        cos = S.Fma(S.Mul(cos, s), s, S.Fma(s, S.Set(-0.5f), S.Set(1f)));

        V k = S.Add(n, S.Set(quadrantShift));
        V quadrant = S.Sub(k, S.Mul(S.Floor(S.Mul(k, S.Set(0.25f))), S.Set(4f)));
        V odd = S.Or(S.Equal(quadrant, S.Set(1f)), S.Equal(quadrant, S.Set(3f)));
        V value = S.Select(odd, cos, sin);
        return S.Select(S.Less(quadrant, S.Set(2f)), value, S.Sub(S.Set(0f), value));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe V SinCosFar<S, V>(V x, float quadrantShift)
        where S : ISimd<V>
        where V : struct
    {
        float* lanes = stackalloc float[S.Width];
        S.Store(lanes, x);
        for (int i = 0; i < S.Width; i++)
        {
            lanes[i] = (float)(quadrantShift == 0 ? Math.Sin(lanes[i]) : Math.Cos(lanes[i]));
        }

        return S.Load(lanes);
    }

    /// <summary>x to the power of a constant, lane by lane, with the special cases of C's powf.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static unsafe V Pow<S, V>(V x, float exponent)
        where S : ISimd<V>
        where V : struct
    {
        float* lanes = stackalloc float[S.Width];
        S.Store(lanes, x);
        for (int i = 0; i < S.Width; i++)
        {
            lanes[i] = MathF.Pow(lanes[i], exponent);
        }

        return S.Load(lanes);
    }
}
