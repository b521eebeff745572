using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class LinearOpTests
{
    [Theory]
    [InlineData(1, 3, 7)]
    [InlineData(5, 1, 1)]
    [InlineData(17, 33, 31)]
    [InlineData(2, 64, 257)]
    public void LinearMatchesItsDefinition(int m, int outputs, int inputs) => GradientCheck.Run(
        t => Ops.Linear(t[0], t[1], t[2]),
        v => Product(v[0], v[1], m, outputs, inputs, v[2]),
        [
            (GradientCheck.Normal(m * inputs, 1), [m, inputs]),
            (GradientCheck.Normal(outputs * inputs, 2), [outputs, inputs]),
            (GradientCheck.Normal(outputs, 3), [outputs]),
        ],
        5e-4,
        12);

    /// <summary>All triples of odd sizes, none left out.</summary>
    [Fact]
    public void ProductsOfEveryOddSize()
    {
        int[] sizes = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257];
        float[] left = GradientCheck.Normal(257 * 257, 1), right = GradientCheck.Normal(257 * 257, 2);
        foreach (int m in sizes)
        {
            foreach (int n in sizes)
            {
                foreach (int k in sizes)
                {
                    using TensorScope scope = TensorScope.Open();
                    Tensor a = Tensor.From(left.AsSpan(0, m * k), [m, k]), b = Tensor.From(right.AsSpan(0, n * k), [n, k]);
                    float[] linear = Ops.Linear(a, b).ToArray<float>(), product = Ops.MatMul(a, Ops.Transpose(b)).ToArray<float>();
                    for (int i = 0; i < m * n; i++)
                    {
                        double wanted = 0;
                        for (int j = 0; j < k; j++)
                        {
                            wanted += (double)left[(i / n * k) + j] * right[(i % n * k) + j];
                        }

                        double room = 1e-6 * (10 + k);
                        Assert.True(Math.Abs(wanted - linear[i]) <= room && Math.Abs(wanted - product[i]) <= room,
                            $"{m}×{n}×{k} at {i}: linear {linear[i]}, product {product[i]}, expected {wanted}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 3, 7, 1)]
    [InlineData(17, 33, 31, 2)]
    [InlineData(9, 64, 257, 16)]
    [InlineData(112, 144, 160, 8)]
    [InlineData(0, 3, 7, 2)]
    public void ALowRankProductIsAddedToTheLinearLayer(int m, int outputs, int inputs, int rank) => GradientCheck.Run(
        t => Ops.LowRankLinear(t[0], t[1], t[2], t[3], t[4], 0.5f),
        v =>
        {
            double[] product = Product(Product(v[0], v[3], m, rank, inputs, new double[rank]), v[4], m, outputs, rank, new double[outputs]);
            return [.. Product(v[0], v[1], m, outputs, inputs, v[2]).Zip(product, (plain, low) => plain + (0.5 * low))];
        },
        [
            (GradientCheck.Normal(m * inputs, 1), [m, inputs]),
            (GradientCheck.Normal(outputs * inputs, 2), [outputs, inputs]),
            (GradientCheck.Normal(outputs, 3), [outputs]),
            (GradientCheck.Normal(rank * inputs, 4), [rank, inputs]),
            (GradientCheck.Normal(outputs * rank, 5), [outputs, rank]),
        ],
        5e-4,
        12);

    [Fact]
    public void GradientsOfFastProductsAreRoundedAsTheProductsAre()
    {
        const int M = 40, Outputs = 96, Inputs = 64;
        Tensor weight = Ops.Cast(Ops.RandomNormal([Outputs, Inputs], new RandomStream(1)), DType.BF16);
        Tensor upstream = Ops.RandomNormal([M, Outputs], new RandomStream(2));
        Tensor values = Ops.RandomNormal([M, Inputs], new RandomStream(3));
        Tensor Gradient(LinearPrecision precision)
        {
            Tensor input = Ops.Clone(values).RequireGrad();
            Gradients.Backward(Ops.Linear(input, weight, null, precision), upstream);
            return input.Grad!.Value;
        }

        float[] exact = Gradient(LinearPrecision.Exact).ToArray<float>(), fast = Gradient(LinearPrecision.Fast).ToArray<float>();
        double error = Math.Sqrt(exact.Zip(fast, (a, b) => (double)(a - b) * (a - b)).Sum() / exact.Sum(a => (double)a * a));
        Assert.InRange(error, 0, 4e-3);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void MatMulBroadcastsAndTransposes(bool transposeA, bool transposeB)
    {
        const int M = 5, K = 7, N = 3;
        int[] a = transposeA ? [2, 1, K, M] : [2, 1, M, K];
        int[] b = transposeB ? [3, N, K] : [3, K, N];
        GradientCheck.Run(
            t => Ops.MatMul(t[0], t[1], transposeA, transposeB, 0.5f),
            v =>
            {
                double[] result = new double[2 * 3 * M * N];
                for (int i = 0; i < result.Length; i++)
                {
                    int column = i % N, row = i / N % M, j = i / (N * M) % 3, outer = i / (N * M * 3);
                    for (int k = 0; k < K; k++)
                    {
                        double x = v[0][(outer * M * K) + (transposeA ? (k * M) + row : (row * K) + k)];
                        double y = v[1][(j * K * N) + (transposeB ? (column * K) + k : (k * N) + column)];
                        result[i] += 0.5 * x * y;
                    }
                }

                return result;
            },
            [(GradientCheck.Normal(2 * M * K, 4), a), (GradientCheck.Normal(3 * K * N, 5), b)]);
    }

    [Fact]
    public void VectorsLoseTheirAxis()
    {
        Tensor matrix = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        Assert.Equal([14f, 32f], Ops.MatMul(matrix, Tensor.From([1f, 2f, 3f], [3])).ToArray<float>());
        Assert.Equal([9f, 12f, 15f], Ops.MatMul(Tensor.From([1f, 2f], [2]), matrix).ToArray<float>());
        Tensor dot = Ops.MatMul(Tensor.From([1f, 2f], [2]), Tensor.From([3f, 4f], [2]));
        Assert.Equal(0, dot.Rank);
        Assert.Equal(11f, dot.Item());
    }

    /// <summary>Sizes whose rows fall into pieces in different ways, with and without biases, and sets that do not go together.</summary>
    [Theory]
    [InlineData(1, DType.Q4_0, DType.Q4_0, 544)]
    [InlineData(1, DType.Q8_0, DType.Q8_0, 288)]
    [InlineData(1, DType.Q4_K, DType.Q4_K, 2048)]
    [InlineData(1, DType.Q6_K, DType.Q6_K, 768)]
    [InlineData(1, DType.Q5_1, DType.Q5_1, 96)]
    [InlineData(1, DType.Q4_0, DType.Q8_0, 512)]
    [InlineData(3, DType.Q4_0, DType.Q4_0, 512)]
    [InlineData(1, DType.F32, DType.F32, 65)]
    public void LayersOfOneInputAreEachLayerAlone(int rows, DType type, DType lastType, int k)
    {
        foreach (LinearPrecision precision in (LinearPrecision[])[LinearPrecision.Fast, LinearPrecision.Exact])
        {
            foreach (int[] sizes in (int[][])[[1500, 257, 3], [1], [7, 1, 1, 900, 2, 33, 64, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]])
            {
                Tensor input = Tensor.From(GradientCheck.Normal(rows * k, 1), [rows, k]);
                Tensor[] weights = [.. sizes.Select((size, i) => Ops.Cast(
                    Tensor.From(GradientCheck.Normal(size * k, 10 + (ulong)i), [size, k]), i > 0 && i == sizes.Length - 1 ? lastType : type))];
                Tensor[] biases = [.. sizes.Select((size, i) => i % 2 == 0 ? Tensor.From(GradientCheck.Normal(size, 30 + (ulong)i), [size]) : default)];
                var outputs = new Tensor[sizes.Length];
                Ops.Linear(input, weights, biases, outputs, precision);
                for (int i = 0; i < sizes.Length; i++)
                {
                    Tensor alone = Ops.Linear(input, weights[i], biases[i].IsNone ? null : biases[i], precision);
                    Assert.Equal(alone.Shape, outputs[i].Shape);
                    Assert.Equal(alone.ToArray<float>(), outputs[i].ToArray<float>());
                }
            }
        }
    }

    [Fact]
    public void LayersOfOneInputKeepTheirGradientsAndTheirErrors()
    {
        Tensor input = Tensor.From(GradientCheck.Normal(64, 1), [1, 64]).RequireGrad();
        Tensor weight = Ops.Cast(Tensor.From(GradientCheck.Normal(4 * 64, 2), [4, 64]), DType.Q8_0);
        var outputs = new Tensor[2];
        Ops.Linear(input, [weight, weight], [default, default], outputs, LinearPrecision.Fast);
        Gradients.Backward(Ops.Add(outputs[0], outputs[1]), Ops.Ones([1, 4]));
        float[] twice = input.Grad!.Value.ToArray<float>();
        input.ZeroGrad();
        Gradients.Backward(Ops.Linear(input, weight, precision: LinearPrecision.Fast), Ops.Ones([1, 4]));
        Assert.Equal(input.Grad!.Value.ToArray<float>().Select(x => 2 * x), twice);

        Assert.Contains("biases", Assert.Throws<ShapeException>(() => Ops.Linear(input, [weight], [], new Tensor[1])).Message, StringComparison.Ordinal);
        Assert.Contains("outputs", Assert.Throws<ShapeException>(() => Ops.Linear(input, [weight], [default], new Tensor[2])).Message, StringComparison.Ordinal);
        Tensor wide = Ops.Cast(Ops.Zeros([4, 96]), DType.Q8_0);
        using GradientSwitch off = Gradients.Off();
        Assert.Throws<ShapeException>(() => Ops.Linear(input, [weight, wide], [default, default], new Tensor[2], LinearPrecision.Fast));
        Assert.Throws<ShapeException>(() => Ops.Linear(input, [weight], [Ops.Zeros([5])], new Tensor[1], LinearPrecision.Fast));
    }

    [Fact]
    public void WrongShapesAreNamed()
    {
        Tensor x = Ops.Zeros([2, 3]), w = Ops.Zeros([4, 5]);
        ShapeException error = Assert.Throws<ShapeException>(() => Ops.Linear(x, w));
        Assert.Equal("input", error.ParamName);
        Assert.Equal(1, error.Axis);
        Assert.Equal("5", error.Expected);
        Assert.Equal("3", error.Actual);
        Assert.Throws<ShapeException>(() => Ops.MatMul(x, w));
        Assert.Throws<DTypeException>(() => Ops.Linear(Ops.Zeros([2, 5], DType.I32), w));
        Assert.Throws<DTypeException>(() => Ops.Linear(Ops.Zeros([2, 5]), Ops.Zeros([4, 5], DType.I64)));
        Assert.Throws<ShapeException>(() => Ops.Linear(Ops.Zeros([2, 5]), w, Ops.Zeros([5])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(40)]
    public void QuantizedAndHalfWeightsEqualTheirValues(int m)
    {
        const int Rows = 33, Columns = 64;
        float[] values = GradientCheck.Normal(Rows * Columns, 8);
        foreach (DType type in (DType[])[DType.BF16, DType.F16, DType.Q8_0, DType.Q4_0])
        {
            byte[] bytes = new byte[type.ByteCount(values.Length)];
            Quantization.Quantize(type, values, bytes);
            float[] exact = new float[values.Length];
            Quantization.Dequantize(type, bytes, exact);
            Tensor weight = Tensor.FromBytes(bytes, [Rows, Columns], type);
            Tensor x = Tensor.From(GradientCheck.Normal(m * Columns, 9), [m, Columns]).RequireGrad();
            Tensor y = Ops.Linear(x, weight);
            double[] expected = Product(ToDouble(x.ToArray<float>()), ToDouble(exact), m, Rows, Columns, null);
            GradientCheck.AssertClose(expected, y.ToArray<float>(), 1e-5, $"{type}");
            if (m == 0)
            {
                Gradients.Discard();
                continue;
            }

            float[] upstream = GradientCheck.Normal(m * Rows, 10);
            Gradients.Backward(y, Tensor.From(upstream, [m, Rows]));
            double[] gradient = new double[m * Columns];
            for (int i = 0; i < gradient.Length; i++)
            {
                for (int r = 0; r < Rows; r++)
                {
                    gradient[i] += (double)upstream[(i / Columns * Rows) + r] * exact[(r * Columns) + (i % Columns)];
                }
            }

            GradientCheck.AssertClose(gradient, x.Grad!.Value.ToArray<float>(), 1e-5, $"gradient through {type}");
        }
    }

    [Fact]
    public void EmbeddingLooksUpAndAddsBack()
    {
        Tensor table = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], [3, 2]).RequireGrad();
        Tensor ids = Tensor.From([2L, 0L, 2L, 1L], [2, 2]);
        Tensor rows = Ops.Embedding(ids, table, paddingIndex: 1);
        Assert.Equal([5f, 6f, 1f, 2f, 5f, 6f, 3f, 4f], rows.ToArray<float>());
        Gradients.Backward(rows, Tensor.From([1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f], [2, 2, 2]));
        Assert.Equal([3f, 4f, 0f, 0f, 6f, 8f], table.Grad!.Value.ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Embedding(Tensor.From([3], [1]), table));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Embedding(Tensor.From([-1], [1]), table));
        Assert.Equal(0, Ops.Embedding(Tensor.From(Array.Empty<int>(), [0]), table).Count);
    }

    private static double[] ToDouble(float[] values) => [.. values.Select(v => (double)v)];

    private static double[] Product(double[] x, double[] w, int m, int rows, int columns, double[]? bias)
    {
        double[] y = new double[m * rows];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = bias is null ? 0 : bias[i % rows];
            for (int c = 0; c < columns; c++)
            {
                y[i] += x[(i / rows * columns) + c] * w[(i % rows * columns) + c];
            }
        }

        return y;
    }
}
