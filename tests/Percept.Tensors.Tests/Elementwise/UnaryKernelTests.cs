using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests.Elementwise;

[Trait("Level", "Simd")]
public sealed unsafe class UnaryKernelTests
{
    private static readonly int[] s_sizes = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257];

    // name, forward absolute and relative tolerance, gradient absolute tolerance, range of arguments
    public static TheoryData<string> Names =>
    [
        "relu", "relu2", "leaky_relu", "elu", "selu", "relu6", "hard_swish", "hard_sigmoid", "silu", "quick_gelu", "gelu", "gelu_tanh",
        "sigmoid", "tanh", "softplus", "log_sigmoid", "mish", "softcap", "exp", "expm1", "log", "sqrt", "rsqrt", "reciprocal",
        "square", "pow", "abs", "negate", "erf", "sin", "cos", "clamp", "affine", "floor", "round", "sign",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void AgreesWithTwin(string name)
    {
        switch (name)
        {
            case "relu": Check(default(ReluOp)); break;
            case "relu2": Check(default(ReluSquaredOp)); break;
            case "leaky_relu": Check(new LeakyReluOp(0.1f)); break;
            case "elu": Check(new EluOp(1f, 1f)); break;
            case "selu": Check(new EluOp(1.6732632f, 1.050701f)); break;
            case "relu6": Check(default(Relu6Op), high: 12); break;
            case "hard_swish": Check(default(HardSwishOp)); break;
            case "hard_sigmoid": Check(default(HardSigmoidOp)); break;
            case "silu": Check(default(SiluOp), low: -100, high: 100); break;
            case "quick_gelu": Check(default(QuickGeluOp), low: -60, high: 60); break;
            case "gelu": Check(default(GeluOp), low: -20, high: 20); break;
            case "gelu_tanh": Check(default(GeluTanhOp), low: -20, high: 20); break;
            case "sigmoid": Check(default(SigmoidOp), low: -100, high: 100); break;
            case "tanh": Check(default(TanhOp), absolute: 0); break;
            case "softplus": Check(default(SoftplusOp), low: -30, high: 30, absolute: 1e-12); break;
            case "log_sigmoid": Check(default(LogSigmoidOp), low: -60, high: 60, absolute: 1e-12); break;
            case "mish": Check(default(MishOp), low: -30, high: 30); break;
            case "softcap": Check(new SoftcapOp(5f), low: -40, high: 40); break;
            case "exp": Check(default(ExpOp), low: -90, high: 88, absolute: 1e-44, gradient: 1e-5); break;
            case "expm1": Check(default(Expm1Op), low: -5, high: 5, absolute: 0); break;
            case "log": Check(default(LogOp), low: 1e-3, high: 1000); break;
            case "sqrt": Check(default(SqrtOp), low: 1e-3, high: 1000); break;
            case "rsqrt": Check(default(RsqrtOp), low: 1e-1, high: 1000); break;
            case "reciprocal": Check(default(ReciprocalOp), low: 0.1, high: 100); break;
            case "square": Check(default(SquareOp)); break;
            case "pow": Check(new PowOp(2.5f), low: 0.01, high: 10); break;
            case "abs": Check(default(AbsOp)); break;
            case "negate": Check(default(NegateOp)); break;
            case "erf": Check(default(ErfOp), low: -6, high: 6); break;
            case "sin": Check(default(SinOp), low: -2000, high: 2000); break;
            case "cos": Check(default(CosOp), low: -2000, high: 2000); break;
            case "clamp": Check(new ClampOp(-1f, 1.5f)); break;
            case "affine": Check(new AffineOp(1.5f, -0.25f)); break;
            case "floor": Check(default(FloorOp)); break;
            case "round": Check(default(RoundOp)); break;
            default: Check(default(SignOp)); break;
        }
    }

    [Fact]
    public void ExpIsAccurateOverItsWholeRange()
    {
        const int Count = 40_000;
        using var x = new FloatBuffer(Count);
        for (int i = 0; i < Count; i++)
        {
            x.Span[i] = -87.3f + (i * (176.0f / Count));
        }

        using var y = new FloatBuffer(Count);
        UnaryKernels.Map(default(ExpOp), x.Pointer, y.Pointer, Count);
        double worst = 0;
        for (int i = 0; i < Count; i++)
        {
            double exact = Math.Exp(x.Span[i]);
            if (exact < float.MaxValue)
            {
                worst = Math.Max(worst, Math.Abs(y.Span[i] - exact) / exact);
            }
        }

        Assert.True(worst <= 3e-7, FormattableString.Invariant($"greatest relative error {worst:E2}"));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(0f)]
    [InlineData(1000f)]
    [InlineData(-1000f)]
    [InlineData(-103f)]
    [InlineData(-88f)]
    [InlineData(1e-40f)]
    public void EdgesFollowTheBaseLibrary(float value)
    {
        Assert.Equal(MathF.Exp(value), One(default(ExpOp), value), 1e-37);
        Assert.Equal(MathF.Tanh(value), One(default(TanhOp), value), 1e-6);
        Assert.Equal(MathF.Log(value), One(default(LogOp), value), 1e-5);
        Assert.Equal(float.IsNaN(value) ? value : MathF.Max(0, value), One(default(ReluOp), value));
        Assert.Equal(MathF.Sin(value), One(default(SinOp), value), 1e-6);
        Assert.Equal(1 / (1 + MathF.Exp(-value)), One(default(SigmoidOp), value), 1e-7);
        Assert.Equal(float.IsNaN(value) ? value : Math.Clamp(value, -2f, 2f), One(new ClampOp(-2f, 2f), value));
        if (!float.IsNaN(value))
        {
            Assert.Equal(value > 0 ? value : 0, One(default(GeluOp), value), 1e-7);
            Assert.Equal(Math.Sign(value), One(default(ErfOp), value), value == 0 ? 0 : 1.0 - Math.Min(1, Math.Abs(value)));
        }
        else
        {
            Assert.True(float.IsNaN(One(default(GeluOp), value)) && float.IsNaN(One(default(ErfOp), value)));
        }
    }

    [Fact]
    public void LargeArraysAreTheSameForEveryThreadCount()
    {
        const int Count = 100_003;
        using FloatBuffer x = FloatBuffer.Random(Count, 5);
        using var many = new FloatBuffer(Count);
        using var one = new FloatBuffer(Count);
        UnaryKernels.Map(default(GeluOp), x.Pointer, many.Pointer, Count);
        Threading.WorkerPool.ThreadLimit = 1;
        UnaryKernels.Map(default(GeluOp), x.Pointer, one.Pointer, Count);
        Threading.WorkerPool.ThreadLimit = 0;
        one.AssertClose(many, 0, 0);
        using var twin = new FloatBuffer(Count);
        UnaryKernels.MapScalar(default(GeluOp), x.Pointer, twin.Pointer, Count);
        many.AssertClose(twin, 4e-7, 3e-7);
    }

    private static float One<TOp>(TOp op, float value)
        where TOp : struct, IUnaryOp
    {
        // In the middle of a full vector and alone: both ways must agree.
        using var x = new FloatBuffer(35);
        x.Span.Fill(0.5f);
        x.Span[20] = value;
        UnaryKernels.Map(op, x.Pointer, x.Pointer, 35);
        float alone;
        UnaryKernels.Map(op, &value, &alone, 1);
        Assert.Equal(BitConverter.SingleToInt32Bits(alone) & 0x7fffffff, BitConverter.SingleToInt32Bits(x.Span[20]) & 0x7fffffff);
        return alone;
    }

    private static void Check<TOp>(
        TOp op, double low = -6, double high = 6, double absolute = 4e-7, double relative = 6e-7, double gradient = 3e-6)
        where TOp : struct, IUnaryOp
    {
        foreach (int size in s_sizes)
        {
            using FloatBuffer x = FloatBuffer.Random(size, 11 + size, low, high);
            if (size > 4)
            {
                x.Span[3] = low < 0 ? 0f : x.Span[3];
                x.Span[2] = (float)Math.Clamp(1, low, high);
                x.Span[1] = (float)Math.Clamp(1e-6, low, high);
            }

            using FloatBuffer dy = FloatBuffer.Random(size, 12 + size, -1, 1);
            using var expected = new FloatBuffer(size);
            UnaryKernels.MapScalar(op, x.Pointer, expected.Pointer, size);
            using var y = new FloatBuffer(size);
            UnaryKernels.Map(op, x.Pointer, y.Pointer, size);
            y.AssertClose(expected, absolute, relative, typeof(TOp).Name);

            using FloatBuffer inPlace = x.Copy();
            UnaryKernels.Map(op, inPlace.Pointer, inPlace.Pointer, size);
            inPlace.AssertClose(y, 0, 0, typeof(TOp).Name + " in place");

            UnaryKernels.MapGradientScalar(op, x.Pointer, dy.Pointer, expected.Pointer, size);
            UnaryKernels.MapGradient(op, x.Pointer, dy.Pointer, dy.Pointer, size);
            dy.AssertClose(expected, gradient, 3e-6, typeof(TOp).Name + " gradient");
        }
    }
}
