using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Activation functions. Their gradients are worked out from the saved input.</content>
public static partial class Ops
{
    /// <summary>max(x, 0); the gradient at 0 is 0.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Relu(Tensor input) => Unary(input, default(ReluOp));

    /// <summary>max(x, 0)².</summary>
    /// <param name="input">Float32.</param>
    public static Tensor ReluSquared(Tensor input) => Unary(input, default(ReluSquaredOp));

    /// <summary>x above 0, else slope·x.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="slope">The factor below 0.</param>
    public static Tensor LeakyRelu(Tensor input, float slope = 0.01f) => Unary(input, new LeakyReluOp(slope));

    /// <summary>x above 0, else alpha·(e^x − 1).</summary>
    /// <param name="input">Float32.</param>
    /// <param name="alpha">The limit far below 0 is −alpha.</param>
    public static Tensor Elu(Tensor input, float alpha = 1f) => Unary(input, new EluOp(alpha, 1f));

    /// <summary>The self-normalising ELU with its two constants (Klambauer et al., 2017).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Selu(Tensor input) => Unary(input, new EluOp(1.6732632423543772f, 1.0507009873554805f));

    /// <summary>min(max(x, 0), 6).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Relu6(Tensor input) => Unary(input, default(Relu6Op));

    /// <summary>x·σ(x), also called swish.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Silu(Tensor input) => Unary(input, default(SiluOp));

    /// <summary>x·Φ(x), the exact form with erf.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Gelu(Tensor input) => Unary(input, default(GeluOp));

    /// <summary>½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor GeluTanh(Tensor input) => Unary(input, default(GeluTanhOp));

    /// <summary>x·σ(1.702·x).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor QuickGelu(Tensor input) => Unary(input, default(QuickGeluOp));

    /// <summary>1/(1 + e^−x).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Sigmoid(Tensor input) => Unary(input, default(SigmoidOp));

    /// <summary>tanh x.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Tanh(Tensor input) => Unary(input, default(TanhOp));

    /// <summary>ln(1 + e^x); x itself above 20.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Softplus(Tensor input) => Unary(input, default(SoftplusOp));

    /// <summary>ln(1 + e^(beta·x))/beta; x itself where beta·x is above the threshold.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="beta">How steep the bend is; not 0.</param>
    /// <param name="threshold">From where on the function is taken as straight.</param>
    public static Tensor Softplus(Tensor input, float beta, float threshold = 20f)
    {
        ArgumentOutOfRangeException.ThrowIfZero(beta);
        return Unary(input, new BentSoftplusOp(beta, threshold));
    }

    /// <summary>ln σ(x), without overflow.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor LogSigmoid(Tensor input) => Unary(input, default(LogSigmoidOp));

    /// <summary>x·tanh(ln(1 + e^x)).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Mish(Tensor input) => Unary(input, default(MishOp));

    /// <summary>x·min(max(x + 3, 0), 6)/6.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor HardSwish(Tensor input) => Unary(input, default(HardSwishOp));

    /// <summary>min(max(x/6 + ½, 0), 1).</summary>
    /// <param name="input">Float32.</param>
    public static Tensor HardSigmoid(Tensor input) => Unary(input, default(HardSigmoidOp));

    /// <summary>cap·tanh(x/cap).</summary>
    /// <param name="input">Float32.</param>
    /// <param name="cap">The limit, above 0.</param>
    public static Tensor Softcap(Tensor input, float cap)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cap);
        return Unary(input, new SoftcapOp(cap));
    }

    private static unsafe Tensor Unary<TOp>(Tensor input, TOp op)
        where TOp : struct, IUnaryOp
    {
        RequireFloat32(input, nameof(input));
        Tensor result = Result(input.Shape);
        UnaryKernels.Map(op, input.Floats, result.Floats, input.Count);
        if (Tape.Wants(input))
        {
            Tape.Record(&UnaryGradient<TOp>, result, [input]).SaveState(op).LeavesOutputs();
        }

        return result;
    }

    private static unsafe void UnaryGradient<TOp>(TapeEntry entry)
        where TOp : struct, IUnaryOp
    {
        Tensor input = entry.Input(0);
        Tensor gradient = Result(input.Shape);
        UnaryKernels.MapGradient(entry.State<TOp>(), input.Floats, entry.OutputGrad().Floats, gradient.Floats, input.Count);
        entry.Add(0, gradient);
    }
}
