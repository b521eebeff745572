using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

// The activation functions of neural networks, each with its gradient and its plain twin in double.
// Values that saturate keep NaN: in Min and Max the data stands second.

/// <summary>max(x, 0); slope 0 at 0.</summary>
internal readonly struct ReluOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Max(S.Set(0f), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.And(S.Less(S.Set(0f), x), dy);

    public double ForwardScalar(double x) => x < 0 ? 0 : x;

    public double SlopeScalar(double x) => x > 0 ? 1 : 0;
}

/// <summary>max(x, 0)².</summary>
internal readonly struct ReluSquaredOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V r = S.Max(S.Set(0f), x);
        return S.Mul(r, r);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Mul(S.Set(2f), S.Max(S.Set(0f), x)), dy);

    public double ForwardScalar(double x) => x > 0 ? x * x : 0;

    public double SlopeScalar(double x) => x > 0 ? 2 * x : 0;
}

/// <summary>x above 0, else slope·x.</summary>
internal readonly struct LeakyReluOp(float slope) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Select(S.Less(S.Set(0f), x), x, S.Mul(x, S.Set(slope)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Select(S.Less(S.Set(0f), x), dy, S.Mul(dy, S.Set(slope)));

    public double ForwardScalar(double x) => x > 0 ? x : slope * x;

    public double SlopeScalar(double x) => x > 0 ? 1 : slope;
}

/// <summary>scale·x above 0, else scale·alpha·(e^x − 1); SELU is the one with its two constants.</summary>
internal readonly struct EluOp(float alpha, float scale) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V below = S.Mul(S.Set(alpha * scale), VectorMath.Expm1<S, V>(S.Min(S.Set(0f), x)));
        return S.Select(S.Less(S.Set(0f), x), S.Mul(x, S.Set(scale)), below);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V below = S.Mul(S.Set(alpha * scale), VectorMath.ExpOfNegative<S, V>(S.Min(S.Set(0f), x)));
        return S.Mul(dy, S.Select(S.Less(S.Set(0f), x), S.Set(scale), below));
    }

    public double ForwardScalar(double x) => x > 0 ? scale * x : scale * alpha * (Math.Exp(x) - 1);

    public double SlopeScalar(double x) => x > 0 ? scale : scale * alpha * Math.Exp(x);
}

/// <summary>min(max(x, 0), 6); slope 0 at both ends.</summary>
internal readonly struct Relu6Op : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Min(S.Set(6f), S.Max(S.Set(0f), x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.And(S.And(S.Less(S.Set(0f), x), S.Less(x, S.Set(6f))), dy);

    public double ForwardScalar(double x) => Math.Clamp(x, 0, 6);

    public double SlopeScalar(double x) => x > 0 && x < 6 ? 1 : 0;
}

/// <summary>x·min(max(x + 3, 0), 6)/6.</summary>
internal readonly struct HardSwishOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V inner = S.Min(S.Set(6f), S.Max(S.Set(0f), S.Add(x, S.Set(3f))));
        return S.Div(S.Mul(x, inner), S.Set(6f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V slope = S.Fma(x, S.Set(1f / 3f), S.Set(0.5f));
        slope = S.Select(S.Less(x, S.Set(3f)), slope, S.Set(1f));
        return S.Mul(dy, S.And(S.Less(S.Set(-3f), x), slope));
    }

    public double ForwardScalar(double x) => x * Math.Clamp(x + 3, 0, 6) / 6;

    public double SlopeScalar(double x) => x <= -3 ? 0 : x < 3 ? (x / 3) + 0.5 : 1;
}

/// <summary>min(max(x/6 + ½, 0), 1).</summary>
internal readonly struct HardSigmoidOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Min(S.Set(1f), S.Max(S.Set(0f), S.Fma(x, S.Set(1f / 6f), S.Set(0.5f))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V inside = S.And(S.Less(S.Set(-3f), x), S.Less(x, S.Set(3f)));
        return S.And(inside, S.Mul(dy, S.Set(1f / 6f)));
    }

    public double ForwardScalar(double x) => Math.Clamp((x / 6) + 0.5, 0, 1);

    public double SlopeScalar(double x) => x > -3 && x < 3 ? 1.0 / 6 : 0;
}

/// <summary>x·σ(x).</summary>
internal readonly struct SiluOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Max(S.Set(-87f), x), VectorMath.Sigmoid<S, V>(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V s = VectorMath.Sigmoid<S, V>(x);
        V slope = S.Fma(S.Mul(x, s), S.Sub(S.Set(1f), s), s);
        return S.Mul(dy, slope);
    }

    public double ForwardScalar(double x) => x / (1 + Math.Exp(-x));

    public double SlopeScalar(double x) => Slopes.Silu(x, 1);
}

/// <summary>x·σ(1.702·x).</summary>
internal readonly struct QuickGeluOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Max(S.Set(-87f), x), VectorMath.SigmoidOfNegated<S, V>(S.Mul(S.Set(-1.702f), x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V s = VectorMath.Sigmoid<S, V>(S.Mul(S.Set(1.702f), x));
        V slope = S.Fma(S.Mul(S.Mul(S.Set(1.702f), x), s), S.Sub(S.Set(1f), s), s);
        return S.Mul(dy, slope);
    }

    public double ForwardScalar(double x) => x / (1 + Math.Exp(-1.702 * x));

    public double SlopeScalar(double x) => Slopes.Silu(x, 1.702);
}

/// <summary>x·Φ(x) = max(x, 0) − |x|·Φ(−|x|), so that one exponential serves both signs and no tail cancels.</summary>
internal readonly struct GeluOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V t = S.Min(S.Set(14.5f), S.Abs(x));
        return S.Sub(S.Max(S.Set(0f), x), S.Mul(t, VectorMath.NormalTail<S, V>(t)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V t = S.Min(S.Set(14.5f), S.Abs(x));
        V tail = VectorMath.NormalTail<S, V>(t);
        V cumulative = S.Select(S.Less(S.Set(0f), x), S.Sub(S.Set(1f), tail), tail);
        V density = S.Mul(S.Set(0.398942280f), VectorMath.ExpInside<S, V>(S.Mul(S.Mul(t, t), S.Set(-0.5f))));
        return S.Mul(dy, S.Fma(S.Max(S.Set(-14.5f), S.Min(S.Set(14.5f), x)), density, cumulative));
    }

    public double ForwardScalar(double x) => x * ScalarMath.NormalCdf(x);

    public double SlopeScalar(double x) => ScalarMath.NormalCdf(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
}

/// <summary>½x·(1 + tanh u) = x·σ(2u) with u = √(2/π)·(x + 0.044715·x³).</summary>
internal readonly struct GeluTanhOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V square = S.Mul(x, x);
        V u = S.Mul(x, S.Fma(square, S.Set(-2f * 0.797884561f * 0.044715f), S.Set(-2f * 0.797884561f)));
        return S.Mul(S.Max(S.Set(-87f), x), VectorMath.SigmoidOfNegated<S, V>(u));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        // Beyond ±12 the slope is 0 or 1 to the last bit, and x³ cannot overflow.
        x = S.Max(S.Set(-12f), S.Min(S.Set(12f), x));
        V square = S.Mul(x, x);
        V twice = S.Mul(x, S.Fma(square, S.Set(2f * 0.797884561f * 0.044715f), S.Set(2f * 0.797884561f)));
        V s = VectorMath.Sigmoid<S, V>(twice);
        V inner = S.Fma(square, S.Set(6f * 0.797884561f * 0.044715f), S.Set(2f * 0.797884561f));
        V slope = S.Fma(S.Mul(S.Mul(x, s), S.Sub(S.Set(1f), s)), inner, s);
        return S.Mul(dy, slope);
    }

    public double ForwardScalar(double x) => 0.5 * x * (1 + Math.Tanh(Slopes.GeluInner(x)));

    public double SlopeScalar(double x) => Slopes.GeluTanh(x);
}

/// <summary>1/(1 + e^−x).</summary>
internal readonly struct SigmoidOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Sigmoid<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V s = VectorMath.Sigmoid<S, V>(x);
        return S.Mul(dy, S.Mul(s, S.Sub(S.Set(1f), s)));
    }

    public double ForwardScalar(double x) => 1 / (1 + Math.Exp(-x));

    public double SlopeScalar(double x) => Math.Exp(-Math.Abs(x)) / Math.Pow(1 + Math.Exp(-Math.Abs(x)), 2);
}

/// <summary>tanh x.</summary>
internal readonly struct TanhOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => VectorMath.Tanh<S, V>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V y = VectorMath.Tanh<S, V>(x);
        return S.Mul(dy, S.Mul(S.Sub(S.Set(1f), y), S.Add(S.Set(1f), y)));
    }

    public double ForwardScalar(double x) => Math.Tanh(x);

    public double SlopeScalar(double x) => 1 - Math.Pow(Math.Tanh(x), 2);
}

/// <summary>ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|); x itself above 20.</summary>
internal readonly struct SoftplusOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V small = VectorMath.Log1pOfUnit<S, V>(VectorMath.ExpOfNegative<S, V>(S.Sub(S.Set(0f), S.Abs(x))));
        return S.Select(S.Less(S.Set(20f), x), x, S.Add(S.Max(S.Set(0f), x), small));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, S.Select(S.Less(S.Set(20f), x), S.Set(1f), VectorMath.Sigmoid<S, V>(x)));

    public double ForwardScalar(double x) => Math.Max(x, 0) + ScalarMath.Log1p(Math.Exp(-Math.Abs(x)));

    public double SlopeScalar(double x) => x > 20 ? 1 : 1 / (1 + Math.Exp(-x));
}

/// <summary>With z = beta·x: (max(z, 0) + ln(1 + e^−|z|))/beta; x itself where z is above the threshold.</summary>
internal readonly struct BentSoftplusOp(float beta, float threshold) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V z = S.Mul(S.Set(beta), x);
        V small = VectorMath.Log1pOfUnit<S, V>(VectorMath.ExpOfNegative<S, V>(S.Sub(S.Set(0f), S.Abs(z))));
        V bent = S.Div(S.Add(S.Max(S.Set(0f), z), small), S.Set(beta));
        return S.Select(S.Less(S.Set(threshold), z), x, bent);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V z = S.Mul(S.Set(beta), x);
        return S.Mul(dy, S.Select(S.Less(S.Set(threshold), z), S.Set(1f), VectorMath.Sigmoid<S, V>(z)));
    }

    public double ForwardScalar(double x) => beta * x > threshold
        ? x
        : (Math.Max(beta * x, 0) + ScalarMath.Log1p(Math.Exp(-Math.Abs(beta * x)))) / beta;

    public double SlopeScalar(double x) => beta * x > threshold ? 1 : 1 / (1 + Math.Exp(-beta * x));
}

/// <summary>ln σ(x) = min(x, 0) − ln(1 + e^−|x|).</summary>
internal readonly struct LogSigmoidOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V small = VectorMath.Log1pOfUnit<S, V>(VectorMath.ExpOfNegative<S, V>(S.Sub(S.Set(0f), S.Abs(x))));
        return S.Sub(S.Min(S.Set(0f), x), small);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, VectorMath.Sigmoid<S, V>(S.Sub(S.Set(0f), x)));

    public double ForwardScalar(double x) => Math.Min(x, 0) - ScalarMath.Log1p(Math.Exp(-Math.Abs(x)));

    public double SlopeScalar(double x) => 1 / (1 + Math.Exp(x));
}

/// <summary>x·tanh(ln(1 + e^x)) = x·n/(n + 2) with n = e^x·(e^x + 2); x itself above 20.</summary>
internal readonly struct MishOp : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct
    {
        V e = VectorMath.Exp<S, V>(S.Min(S.Set(20f), x));
        V n = S.Mul(e, S.Add(e, S.Set(2f)));
        return S.Select(S.Less(S.Set(20f), x), x, S.Mul(S.Mul(x, n), S.Reciprocal(S.Add(n, S.Set(2f)))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V e = VectorMath.Exp<S, V>(S.Min(S.Set(20f), x));
        V n = S.Mul(e, S.Add(e, S.Set(2f)));
        V inverse = S.Reciprocal(S.Add(n, S.Set(2f)));
        V t = S.Mul(n, inverse);
        V bend = S.Mul(S.Mul(S.Set(2f), inverse), S.Add(S.Set(1f), t));
        V slope = S.Fma(S.Mul(S.Max(S.Set(-104f), x), bend), S.Div(e, S.Add(S.Set(1f), e)), t);
        return S.Mul(dy, S.Select(S.Less(S.Set(20f), x), S.Set(1f), slope));
    }

    public double ForwardScalar(double x) => x * Math.Tanh(Math.Max(x, 0) + ScalarMath.Log1p(Math.Exp(-Math.Abs(x))));

    public double SlopeScalar(double x) => Slopes.Mish(x);
}

/// <summary>cap·tanh(x/cap).</summary>
internal readonly struct SoftcapOp(float cap) : IUnaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Set(cap), VectorMath.Tanh<S, V>(S.Mul(x, S.Set(1f / cap))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct
    {
        V t = VectorMath.Tanh<S, V>(S.Mul(x, S.Set(1f / cap)));
        return S.Mul(dy, S.Mul(S.Sub(S.Set(1f), t), S.Add(S.Set(1f), t)));
    }

    public double ForwardScalar(double x) => cap * Math.Tanh(x / cap);

    public double SlopeScalar(double x) => 1 - Math.Pow(Math.Tanh(x / cap), 2);
}

/// <summary>Slopes of the plain twins that do not fit a line.</summary>
internal static class Slopes
{
    internal static double Silu(double x, double rate)
    {
        double s = 1 / (1 + Math.Exp(-rate * x));
        return s + (rate * x * s * (1 - s));
    }

    internal static double GeluInner(double x) => Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x));

    internal static double GeluTanh(double x)
    {
        double t = Math.Tanh(GeluInner(x));
        return (0.5 * (1 + t)) + (0.5 * x * (1 - (t * t)) * Math.Sqrt(2 / Math.PI) * (1 + (3 * 0.044715 * x * x)));
    }

    internal static double Mish(double x)
    {
        double t = Math.Tanh(Math.Max(x, 0) + ScalarMath.Log1p(Math.Exp(-Math.Abs(x))));
        return t + (x * (1 - (t * t)) / (1 + Math.Exp(-x)));
    }
}
