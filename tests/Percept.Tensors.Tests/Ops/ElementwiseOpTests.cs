using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class ElementwiseOpTests
{

    public static TheoryData<string> UnaryNames =>
    [
        "relu", "leaky", "elu", "selu", "relu6", "silu", "gelu", "gelu_tanh", "quick_gelu", "sigmoid", "tanh", "softplus", "log_sigmoid",
        "mish", "hard_swish", "softcap", "exp", "log", "sqrt", "rsqrt", "reciprocal", "square", "power", "erf", "sin", "cos",
        "clamp", "abs", "affine", "relu_squared", "hard_sigmoid", "expm1", "negate", "scale", "own_square", "floor", "round", "sign",
    ];

    [Theory]
    [MemberData(nameof(UnaryNames))]
    public void UnaryOpsMatchTheirDefinition(string name)
    {
        (Func<Tensor, Tensor> op, Func<double, double> f, bool positive) = name switch
        {
            "relu" => Case(Ops.Relu, x => Math.Max(x, 0), false),
            "leaky" => Case(t => Ops.LeakyRelu(t, 0.2f), x => x > 0 ? x : 0.2f * x, false),
            "elu" => Case(t => Ops.Elu(t, 1.5f), x => x > 0 ? x : 1.5 * (Math.Exp(x) - 1), false),
            "selu" => Case(Ops.Selu, x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), false),
            "relu6" => Case(Ops.Relu6, x => Math.Clamp(x, 0, 6), false),
            "silu" => Case(Ops.Silu, x => x / (1 + Math.Exp(-x)), false),
            "gelu" => Case(Ops.Gelu, x => x * ScalarMath.NormalCdf(x), false),
            "gelu_tanh" => Case(Ops.GeluTanh, x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))), false),
            "quick_gelu" => Case(Ops.QuickGelu, x => x / (1 + Math.Exp(-1.702 * x)), false),
            "sigmoid" => Case(Ops.Sigmoid, x => 1 / (1 + Math.Exp(-x)), false),
            "tanh" => Case(Ops.Tanh, Math.Tanh, false),
            "softplus" => Case(Ops.Softplus, x => Math.Log(1 + Math.Exp(x)), false),
            "log_sigmoid" => Case(Ops.LogSigmoid, x => -Math.Log(1 + Math.Exp(-x)), false),
            "mish" => Case(Ops.Mish, x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))), false),
            "hard_swish" => Case(Ops.HardSwish, x => x * Math.Clamp(x + 3, 0, 6) / 6, false),
            "softcap" => Case(t => Ops.Softcap(t, 2f), x => 2 * Math.Tanh(x / 2), false),
            "exp" => Case(Ops.Exp, Math.Exp, false),
            "log" => Case(Ops.Log, Math.Log, true),
            "sqrt" => Case(Ops.Sqrt, Math.Sqrt, true),
            "rsqrt" => Case(Ops.Rsqrt, x => 1 / Math.Sqrt(x), true),
            "reciprocal" => Case(Ops.Reciprocal, x => 1 / x, true),
            "square" => Case(t => Ops.Power(t, 2f), x => x * x, false),
            "power" => Case(t => Ops.Power(t, 2.5f), x => Math.Pow(x, 2.5), true),
            "erf" => Case(Ops.Erf, x => (2 * ScalarMath.NormalCdf(x * Math.Sqrt(2))) - 1, false),
            "sin" => Case(Ops.Sin, Math.Sin, false),
            "cos" => Case(Ops.Cos, Math.Cos, false),
            "clamp" => Case(t => Ops.Clamp(t, -0.5f, 1f), x => Math.Clamp(x, -0.5, 1), false),
            "abs" => Case(Ops.Abs, Math.Abs, false),
            "relu_squared" => Case(Ops.ReluSquared, x => x > 0 ? x * x : 0, false),
            "hard_sigmoid" => Case(Ops.HardSigmoid, x => Math.Clamp(x + 3, 0, 6) / 6, false),
            "expm1" => Case(Ops.Expm1, x => Math.Exp(x) - 1, false),
            "negate" => Case(Ops.Negate, x => -x, false),
            "scale" => Case(t => Ops.Scale(t, -1.5f), x => -1.5 * x, false),
            "own_square" => Case(Ops.Square, x => x * x, false),
            "floor" => Case(Ops.Floor, Math.Floor, false),
            "round" => Case(Ops.Round, Math.Round, false),
            "sign" => Case(Ops.Sign, x => Math.Sign(x), false),
            _ => Case(t => Ops.Affine(t, 2f, -1f), x => (2 * x) - 1, false),
        };
        float[] values = GradientCheck.Normal(3 * 11, 5, 2f);
        if (positive)
        {
            values = [.. values.Select(v => 0.3f + Math.Abs(v))];
        }

        GradientCheck.Run(t => op(t[0]), v => [.. v[0].Select(f)], [(values, [3, 11])]);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("subtract")]
    [InlineData("multiply")]
    [InlineData("divide")]
    [InlineData("maximum")]
    [InlineData("minimum")]
    [InlineData("power")]
    [InlineData("atan2")]
    public void BinaryOpsStretchAndSumTheirGradients(string name)
    {
        (Func<Tensor, Tensor, Tensor> op, Func<double, double, double> f) = name switch
        {
            "add" => Case(Ops.Add, (a, b) => a + b),
            "subtract" => Case(Ops.Subtract, (a, b) => a - b),
            "multiply" => Case(Ops.Multiply, (a, b) => a * b),
            "divide" => Case(Ops.Divide, (a, b) => a / b),
            "maximum" => Case(Ops.Maximum, Math.Max),
            "minimum" => Case(Ops.Minimum, Math.Min),
            "power" => Case(Ops.Power, Math.Pow),
            _ => Case(Ops.Atan2, Math.Atan2),
        };
        foreach ((int[] left, int[] right) in (ReadOnlySpan<(int[], int[])>)[
            ([2, 1, 4, 3], [5, 1, 3]), ([3, 33], [33]), ([3, 33], [3, 1]), ([2, 3, 5], [3, 1]), ([4], []), ([2, 0], [1, 1]), ([1, 17], [9, 1])])
        {
            Shape shape = Shape.Broadcast(Shape.Create(left), Shape.Create(right));
            float[] a = [.. GradientCheck.Normal((int)Shape.Create(left).Count, 1).Select(v => 0.5f + Math.Abs(v))];
            float[] b = [.. GradientCheck.Normal((int)Shape.Create(right).Count, 2).Select(v => 0.6f + Math.Abs(v))];
            GradientCheck.Run(
                t => op(t[0], t[1]),
                v => [.. Enumerable.Range(0, (int)shape.Count).Select(i => f(v[0][At(i, shape, left)], v[1][At(i, shape, right)]))],
                [(a, left), (b, right)]);
        }
    }

    [Fact]
    public void TiesShareAndBoundsPass()
    {
        Tensor a = Tensor.From([1f, 2f, 3f], [3]).RequireGrad();
        Tensor b = Tensor.From([1f, 3f, 2f], [3]).RequireGrad();
        Autograd.Gradients.Backward(Ops.Maximum(a, b), Ops.Ones([3]));
        Assert.Equal([0.5f, 0f, 1f], a.Grad!.Value.ToArray<float>());
        Assert.Equal([0.5f, 1f, 0f], b.Grad!.Value.ToArray<float>());
        Tensor c = Tensor.From([-2f, -1f, 0f, 1f, 2f], [5]).RequireGrad();
        Autograd.Gradients.Backward(Ops.Clamp(c, -1f, 1f), Ops.Ones([5]));
        Assert.Equal([0f, 1f, 1f, 1f, 0f], c.Grad!.Value.ToArray<float>());
        Tensor d = Tensor.From([-1f, 0f, 2f], [3]).RequireGrad();
        Autograd.Gradients.Backward(Ops.Add(Ops.Abs(d), Ops.Relu(d)), Ops.Ones([3]));
        Assert.Equal([-1f, 0f, 2f], d.Grad!.Value.ToArray<float>());
        Assert.True(float.IsNaN(Ops.Maximum(Tensor.From([float.NaN], [1]), Tensor.From([1f], [1])).Item()));
        Assert.True(float.IsNaN(Ops.Maximum(Tensor.From([1f], [1]), Tensor.From([float.NaN], [1])).Item()));
    }

    [Fact]
    public void ChoiceFollowsTheCondition()
    {
        Tensor condition = Tensor.From([true, false, false, true, true, false], [2, 3]);
        GradientCheck.Run(
            t => Ops.Where(condition, t[0], t[1]),
            v => [v[0][0], v[1][1], v[1][2], v[0][3], v[0][4], v[1][2]],
            [(GradientCheck.Normal(6, 1), [2, 3]), (GradientCheck.Normal(3, 2), [3])]);
        GradientCheck.Run(
            t => Ops.MaskedFill(t[0], condition, -7f),
            v => [-7, v[0][1], v[0][2], -7, -7, v[0][5]],
            [(GradientCheck.Normal(6, 3), [2, 3])]);
        GradientCheck.Run(
            t => Ops.Lerp(t[0], t[1], t[2]),
            v => [.. v[0].Select((a, i) => a + (v[2][0] * (v[1][i] - a)))],
            [(GradientCheck.Normal(4, 3), [4]), (GradientCheck.Normal(4, 4), [4]), (GradientCheck.Normal(1, 5), [])]);
    }

    [Fact]
    public void ComparisonsIntegersAndLogic()
    {
        Tensor a = Tensor.From([1f, 2f, float.NaN], [3]);
        Tensor b = Tensor.From([2f], [1]);
        Assert.Equal([true, false, false], Ops.Less(a, b).ToArray<bool>());
        Assert.Equal([true, true, false], Ops.LessOrEqual(a, b).ToArray<bool>());
        Assert.Equal([false, true, false], Ops.Equal(a, b).ToArray<bool>());
        Assert.Equal([true, false, true], Ops.NotEqual(a, b).ToArray<bool>());
        Assert.Equal([false, false, false], Ops.Greater(a, b).ToArray<bool>());
        Assert.Equal([false, true, false], Ops.GreaterOrEqual(a, b).ToArray<bool>());
        Tensor i = Tensor.From([-7L, 7L, 3L], [3]);
        Tensor j = Tensor.From([2L], [1]);
        Assert.Equal([-4L, 3L, 1L], Ops.FloorDivide(i, j).ToArray<long>());
        Assert.Equal([1L, 1L, 1L], Ops.Remainder(i, j).ToArray<long>());
        Assert.Equal([-9L, 5L, 1L], Ops.Subtract(i, j).ToArray<long>());
        Assert.Equal([-14, 14], Ops.Multiply(Tensor.From([-7, 7], [2]), Tensor.From([2], [])).ToArray<int>());
        Assert.Equal([2L, 7L, 3L], Ops.Maximum(i, j).ToArray<long>());
        Assert.Throws<DivideByZeroException>(() => Ops.FloorDivide(i, Tensor.From([0L], [1])));
        Tensor p = Tensor.From([true, true, false, false], [2, 2]);
        Tensor q = Tensor.From([true, false], [2]);
        Assert.Equal([true, false, false, false], Ops.LogicalAnd(p, q).ToArray<bool>());
        Assert.Equal([true, true, true, false], Ops.LogicalOr(p, q).ToArray<bool>());
        Assert.Equal([false, true, true, false], Ops.LogicalXor(p, q).ToArray<bool>());
        Assert.Equal([false, true], Ops.LogicalNot(q).ToArray<bool>());
        Assert.Equal([true, false], Ops.All(p, 1).ToArray<bool>());
        Assert.Equal([true, true], Ops.Any(p, 0).ToArray<bool>());
        Assert.Throws<DTypeException>(() => Ops.Add(a, i));
        Assert.Throws<ShapeException>(() => Ops.Add(a, Ops.Ones([2])));
    }

    [Fact]
    public void GatedUnits()
    {
        static double Silu(double x) => x / (1 + Math.Exp(-x));
        GradientCheck.Run(
            t => Ops.SwiGlu(t[0], t[1]),
            v => [.. v[0].Select((g, i) => Silu(g) * v[1][i])],
            [(GradientCheck.Normal(37, 1), [37]), (GradientCheck.Normal(37, 2), [37])]);
        GradientCheck.Run(
            t => Ops.Glu(t[0], 1),
            v => [.. Enumerable.Range(0, 24).Select(i => (v[0][(i / 12 * 24) + (i % 12)], v[0][(i / 12 * 24) + 12 + (i % 12)]))
                .Select(p => p.Item1 / (1 + Math.Exp(-p.Item2)))],
            [(GradientCheck.Normal(48, 3), [2, 6, 4])]);
        GradientCheck.Run(
            t => Ops.Glu(t[0], -1, GateActivation.Gelu, gateFirst: true),
            v => [.. Enumerable.Range(0, 15).Select(i => (v[0][(i / 5 * 10) + (i % 5)], v[0][(i / 5 * 10) + 5 + (i % 5)]))
                .Select(p => p.Item1 * ScalarMath.NormalCdf(p.Item1) * p.Item2)],
            [(GradientCheck.Normal(30, 4), [3, 10])]);
        Assert.Throws<ShapeException>(() => Ops.Glu(Ops.Ones([3])));
    }

    [Fact]
    public void RandomAndStraightThrough()
    {
        Tensor ones = Ops.Ones([1000]).RequireGrad();
        Tensor dropped = Ops.Dropout(ones, 0.25f, new RandomStream(1));
        float[] values = dropped.ToArray<float>();
        Assert.All(values, v => Assert.True(v is 0f || Math.Abs(v - (4f / 3f)) < 1e-6));
        Assert.InRange(values.Count(v => v == 0), 190, 310);
        Autograd.Gradients.Backward(dropped, Ops.Ones([1000]));
        Assert.Equal(values, ones.Grad!.Value.ToArray<float>());
        Tensor x = Tensor.From([0.5f, 1.5f, -2.3f], [3]).RequireGrad();
        Tensor rounded = Ops.StraightThrough(x);
        Assert.Equal([0f, 2f, -2f], rounded.ToArray<float>());
        Autograd.Gradients.Backward(rounded, Tensor.From([1f, 2f, 3f], [3]));
        Assert.Equal([1f, 2f, 3f], x.Grad!.Value.ToArray<float>());
    }

    private static (Func<Tensor, Tensor> Op, Func<double, double> F, bool Positive) Case(
        Func<Tensor, Tensor> op, Func<double, double> f, bool positive) => (op, f, positive);

    private static (Func<Tensor, Tensor, Tensor> Op, Func<double, double, double> F) Case(
        Func<Tensor, Tensor, Tensor> op, Func<double, double, double> f) => (op, f);

    /// <summary>The element of a stretched operand that stands at a flat place of the result.</summary>
    internal static int At(int flat, in Shape result, int[] operand)
    {
        int at = 0;
        int step = 1;
        for (int i = 1; i <= result.Rank; i++)
        {
            int size = result[result.Rank - i];
            int place = flat % size;
            flat /= size;
            if (i <= operand.Length && operand[^i] > 1)
            {
                at += place * step;
                step *= operand[^i];
            }
        }

        return at;
    }
}
