using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Functions of one number.</content>
public static partial class Ops
{
    /// <summary>e^x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Exp(Tensor input) => Unary(input, default(ExpOp));

    /// <summary>e^x − 1, accurate for small x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Expm1(Tensor input) => Unary(input, default(Expm1Op));

    /// <summary>ln x; −∞ at 0, NaN below.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Log(Tensor input) => Unary(input, default(LogOp));

    /// <summary>√x; NaN below 0.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Sqrt(Tensor input) => Unary(input, default(SqrtOp));

    /// <summary>1/√x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Rsqrt(Tensor input) => Unary(input, default(RsqrtOp));

    /// <summary>1/x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Reciprocal(Tensor input) => Unary(input, default(ReciprocalOp));

    /// <summary>x².</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Square(Tensor input) => Unary(input, default(SquareOp));

    /// <summary>|x|; the gradient at 0 is 0.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Abs(Tensor input) => Unary(input, default(AbsOp));

    /// <summary>−x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Negate(Tensor input) => Unary(input, default(NegateOp));

    /// <summary>erf x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Erf(Tensor input) => Unary(input, default(ErfOp));

    /// <summary>sin x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Sin(Tensor input) => Unary(input, default(SinOp));

    /// <summary>cos x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Cos(Tensor input) => Unary(input, default(CosOp));

    /// <summary>⌊x⌋; the gradient is 0.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Floor(Tensor input) => Unary(input, default(FloorOp));

    /// <summary>The nearest integer, ties to even; the gradient is 0 (see <see cref="StraightThrough(Tensor)"/>).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Round(Tensor input) => Unary(input, default(RoundOp));

    /// <summary>−1, 0 or 1; the gradient is 0.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Sign(Tensor input) => Unary(input, default(SignOp));

    /// <summary>x to a constant power, as C's powf.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="exponent">The power.</param>
    public static Tensor Power(Tensor input, float exponent) => exponent switch
    {
        1f => Unary(input, new AffineOp(1f, 0f)),
        2f => Square(input),
        0.5f => Sqrt(input),
        -0.5f => Rsqrt(input),
        -1f => Reciprocal(input),
        _ => Unary(input, new PowOp(exponent)),
    };

    /// <summary>min(max(x, low), high); values equal to a bound pass the gradient on.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value; where it is below <paramref name="low"/>, it is the result.</param>
    public static Tensor Clamp(Tensor input, float low = float.NegativeInfinity, float high = float.PositiveInfinity) =>
        Unary(input, new ClampOp(low, high));

    /// <summary>scale·x + shift.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="shift">What is added.</param>
    public static Tensor Affine(Tensor input, float scale, float shift) => Unary(input, new AffineOp(scale, shift));

    /// <summary>x + addend.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="addend">The number added to every element.</param>
    public static Tensor Add(Tensor input, float addend) => Unary(input, new AffineOp(1f, addend));
}
