using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

// Elementary functions as operations of one argument, each with its gradient and its plain twin in double.

/// <summary>e^x.</summary>
internal readonly struct ExpOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Exp<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, VectorMath.Exp<S, V>(x));

    public double ForwardScalar(double x) => Math.Exp(x);

    public double SlopeScalar(double x) => Math.Exp(x);
}

/// <summary>e^x − 1.</summary>
internal readonly struct Expm1Op : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Expm1<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, VectorMath.Exp<S, V>(x));

    public double ForwardScalar(double x) => ScalarMath.Expm1(x);

    public double SlopeScalar(double x) => Math.Exp(x);
}

/// <summary>ln x.</summary>
internal readonly struct LogOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Log<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Div(dy, x);

    public double ForwardScalar(double x) => Math.Log(x);

    public double SlopeScalar(double x) => 1 / x;
}

/// <summary>√x.</summary>
internal readonly struct SqrtOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Sqrt(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Div(S.Mul(S.Set(0.5f), dy), S.Sqrt(x));

    public double ForwardScalar(double x) => Math.Sqrt(x);

    public double SlopeScalar(double x) => 0.5 / Math.Sqrt(x);
}

/// <summary>√x of a variance: where it is 0 the slope counts as 0, since all that it is made of is at its mean.</summary>
internal readonly struct RootOfVarianceOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => default(SqrtOp).Forward<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct =>
        S.Select(S.Equal(x, S.Set(0f)), S.Set(0f), default(SqrtOp).Gradient<S, V>(x, dy));

    public double ForwardScalar(double x) => default(SqrtOp).ForwardScalar(x);

    public double SlopeScalar(double x) => x == 0 ? 0 : default(SqrtOp).SlopeScalar(x);
}

/// <summary>1/√x.</summary>
internal readonly struct RsqrtOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Div(S.Set(1f), S.Sqrt(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V r = S.Div(S.Set(1f), S.Sqrt(x));
        return S.Mul(dy, S.Mul(S.Set(-0.5f), S.Mul(r, S.Mul(r, r))));
    }

    public double ForwardScalar(double x) => 1 / Math.Sqrt(x);

    public double SlopeScalar(double x) => -0.5 / (x * Math.Sqrt(x));
}

/// <summary>1/x.</summary>
internal readonly struct ReciprocalOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Div(S.Set(1f), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V r = S.Div(S.Set(1f), x);
        return S.Mul(S.Sub(S.Set(0f), dy), S.Mul(r, r));
    }

    public double ForwardScalar(double x) => 1 / x;

    public double SlopeScalar(double x) => -1 / (x * x);
}

/// <summary>x².</summary>
internal readonly struct SquareOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Mul(x, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, S.Add(x, x));

    public double ForwardScalar(double x) => x * x;

    public double SlopeScalar(double x) => 2 * x;
}

/// <summary>x^exponent, as C's powf.</summary>
internal readonly struct PowOp(float exponent) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Pow<S, V>(x, exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        // The slope of x⁰ is 0 even where x^−1 is infinite.
        return exponent == 0 ? S.Set(0f) : S.Mul(S.Mul(dy, S.Set(exponent)), VectorMath.Pow<S, V>(x, exponent - 1));
    }

    public double ForwardScalar(double x) => Math.Pow(x, exponent);

    public double SlopeScalar(double x) => exponent == 0 ? 0 : exponent * Math.Pow(x, exponent - 1);
}

/// <summary>|x|; slope 0 at 0.</summary>
internal readonly struct AbsOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Abs(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V negated = S.And(S.Less(x, S.Set(0f)), S.Sub(S.Set(0f), dy));
        return S.Select(S.Less(S.Set(0f), x), dy, negated);
    }

    public double ForwardScalar(double x) => Math.Abs(x);

    public double SlopeScalar(double x) => x > 0 ? 1 : x < 0 ? -1 : 0;
}

/// <summary>−x.</summary>
internal readonly struct NegateOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Sub(S.Set(-0f), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Sub(S.Set(-0f), dy);

    public double ForwardScalar(double x) => -x;

    public double SlopeScalar(double x) => -1;
}

/// <summary>erf x.</summary>
internal readonly struct ErfOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Erf<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V e = VectorMath.ExpOfNegative<S, V>(S.Sub(S.Set(0f), S.Mul(x, x)));
        return S.Mul(dy, S.Mul(S.Set(1.12837917f), e));
    }

    public double ForwardScalar(double x) => 1 - (2 * ScalarMath.NormalCdf(-x * Math.Sqrt(2)));

    public double SlopeScalar(double x) => 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x);
}

/// <summary>sin x.</summary>
internal readonly struct SinOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.SinCos<S, V>(x, 0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, VectorMath.SinCos<S, V>(x, 1f));

    public double ForwardScalar(double x) => Math.Sin(x);

    public double SlopeScalar(double x) => Math.Cos(x);
}

/// <summary>cos x.</summary>
internal readonly struct CosOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.SinCos<S, V>(x, 1f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Sub(S.Set(0f), dy), VectorMath.SinCos<S, V>(x, 0f));

    public double ForwardScalar(double x) => Math.Cos(x);

    public double SlopeScalar(double x) => -Math.Sin(x);
}

/// <summary>min(max(x, low), high); the slope is 1 at the bounds.</summary>
internal readonly struct ClampOp(float low, float high) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Min(S.Set(high), S.Max(S.Set(low), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.And(S.And(S.LessOrEqual(S.Set(low), x), S.LessOrEqual(x, S.Set(high))), dy);

    public double ForwardScalar(double x) => Math.Min(high, Math.Max(low, x));

    public double SlopeScalar(double x) => x >= low && x <= high ? 1 : 0;
}

/// <summary>scale·x + shift.</summary>
internal readonly struct AffineOp(float scale, float shift) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Fma(x, S.Set(scale), S.Set(shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, S.Set(scale));

    public double ForwardScalar(double x) => (scale * x) + shift;

    public double SlopeScalar(double x) => scale;
}

/// <summary>⌊x⌋; slope 0.</summary>
internal readonly struct FloorOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Floor(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Set(0f);

    public double ForwardScalar(double x) => Math.Floor(x);

    public double SlopeScalar(double x) => 0;
}

/// <summary>Nearest integer, ties to even; slope 0.</summary>
internal readonly struct RoundOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Round(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Set(0f);

    public double ForwardScalar(double x) => Math.Round(x);

    public double SlopeScalar(double x) => 0;
}

/// <summary>−1, 0 or 1; slope 0.</summary>
internal readonly struct SignOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V negative = S.And(S.Less(x, S.Set(0f)), S.Set(-1f));
        V sign = S.Select(S.Less(S.Set(0f), x), S.Set(1f), negative);
        return S.Select(S.Equal(x, x), sign, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Set(0f);

    public double ForwardScalar(double x) => Math.Sign(x);

    public double SlopeScalar(double x) => 0;
}
