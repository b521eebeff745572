using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Gradients, by differences in double, of ops that other tests look at the values of only.</summary>
[Trait("Level", "Simd")]
public sealed class EveryGradientTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    /// <summary>Ops that move elements: where each comes from is read off what the op does to a tensor of places.</summary>
    [Theory]
    [InlineData("pixel_shuffle", new[] { 2, 8, 3, 5 })]
    [InlineData("pixel_unshuffle", new[] { 1, 3, 4, 6 })]
    [InlineData("patchify", new[] { 2, 3, 4, 6 })]
    [InlineData("patchify_last", new[] { 2, 3, 4, 6 })]
    [InlineData("unpatchify", new[] { 1, 6, 12 })]
    [InlineData("window_partition", new[] { 1, 4, 6, 3 })]
    [InlineData("window_reverse", new[] { 6, 2, 2, 3 })]
    [InlineData("transpose", new[] { 3, 17, 9 })]
    [InlineData("clone", new[] { 33 })]
    [InlineData("reshape", new[] { 3, 7 })]
    [InlineData("chunk", new[] { 7, 3 })]
    [InlineData("sort", new[] { 3, 17 })]
    public void MovedElementsTakeTheirGradientsAlong(string name, int[] shape)
    {
        Func<Tensor, Tensor> op = name switch
        {
            "pixel_shuffle" => t => Ops.PixelShuffle(t, 2),
            "pixel_unshuffle" => t => Ops.PixelUnshuffle(t, 2),
            "patchify" => t => Ops.Patchify(t, 2),
            "patchify_last" => t => Ops.Patchify(t, 2, PatchOrder.RowColumnChannel),
            "unpatchify" => t => Ops.Unpatchify(t, 2, 4, 6),
            "window_partition" => t => Ops.WindowPartition(t, 2, 1),
            "window_reverse" => t => Ops.WindowReverse(t, 2, 4, 6, 1),
            "transpose" => t => Ops.Transpose(t),
            "clone" => Ops.Clone,
            "reshape" => t => Ops.Reshape(t, [7, 3]),
            "chunk" => t => Ops.Chunk(t, 3, 0)[1],
            _ => t => Ops.Sort(t, 0, descending: true).Values,
        };
        int count = (int)Shape.Create(shape).Count;
        float[] places = [.. Enumerable.Range(0, count).Select(i => (float)i)];
        float[] values = name == "sort" ? places : GradientCheck.Normal(count, 3);
        int[] from = [.. op(Tensor.From(places, Shape.Create(shape))).ToArray<float>().Select(v => (int)v)];
        Assert.Equal(from.Length, from.Distinct().Count());
        GradientCheck.Run(t => op(t[0]), v => [.. from.Select(i => v[0][i])], [(values, shape)]);
    }

    [Fact]
    public void WhatIsDroppedHasNoGradientAndTheRestIsScaled()
    {
        float[] factors = Ops.Dropout(Ops.Ones([4, 33]), 0.25f, new RandomStream(1)).ToArray<float>();
        Assert.Contains(0f, factors);
        GradientCheck.Run(
            t => Ops.Dropout(t[0], 0.25f, new RandomStream(1)), v => [.. v[0].Zip(factors, (x, f) => x * f)],
            [(GradientCheck.Normal(4 * 33, 2), [4, 33])]);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void PoolsOfOneAndThreeAxes(int axes, bool maximum)
    {
        int[] size = axes == 1 ? [1, 1, 17] : [3, 4, 7];
        int[] kernel = axes == 1 ? [1, 1, 3] : [2, 2, 3];
        int[] count = [.. size.Zip(kernel, (n, k) => ((n - k) / Math.Min(2, k)) + 1)];
        int[] shape = [2, 3, .. axes == 1 ? size[2..] : size];
        var options = new PoolOptions { Kernel = axes == 1 ? 3 : (2, 2, 3), Stride = 2 };
        float[] values = Distinct(2 * 3 * size.Aggregate(1, (a, b) => a * b));
        GradientCheck.Run(
            t => (axes, maximum) switch
            {
                (1, true) => Ops.MaxPool1d(t[0], options),
                (1, false) => Ops.AvgPool1d(t[0], options),
                (_, true) => Ops.MaxPool3d(t[0], options),
                _ => Ops.AvgPool3d(t[0], options),
            },
            v => Pool(v[0], size, count, maximum, (axis, i) => (i * Math.Min(2, kernel[axis]), (i * Math.Min(2, kernel[axis])) + kernel[axis])),
            [(values, shape)]);

        int[] wanted = axes == 1 ? [1, 1, 5] : [2, 3, 4];
        GradientCheck.Run(
            t => (axes, maximum) switch
            {
                (1, true) => Ops.AdaptiveMaxPool1d(t[0], 5),
                (1, false) => Ops.AdaptiveAvgPool1d(t[0], 5),
                (_, true) => Ops.AdaptiveMaxPool3d(t[0], (2, 3, 4)),
                _ => Ops.AdaptiveAvgPool3d(t[0], (2, 3, 4)),
            },
            v => Pool(v[0], size, wanted, maximum, (axis, i) =>
                (i * size[axis] / wanted[axis], (((i + 1) * size[axis]) + wanted[axis] - 1) / wanted[axis])),
            [(values, shape)]);
    }

    [Theory]
    [InlineData(GateActivation.Sigmoid)]
    [InlineData(GateActivation.Silu)]
    [InlineData(GateActivation.Gelu)]
    [InlineData(GateActivation.GeluTanh)]
    [InlineData(GateActivation.Relu)]
    public void GatesOfEveryKind(GateActivation activation)
    {
        Func<double, double> f = activation switch
        {
            GateActivation.Sigmoid => x => 1 / (1 + Math.Exp(-x)),
            GateActivation.Silu => x => x / (1 + Math.Exp(-x)),
            GateActivation.Gelu => x => x * ScalarMath.NormalCdf(x),
            GateActivation.GeluTanh => x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
            _ => x => Math.Max(x, 0),
        };
        foreach (int n in (ReadOnlySpan<int>)[0, 1, 7, 17, 33])
        {
            (float[], int[]) gate = (GradientCheck.Normal(3 * n, 1), [3, n]), up = (GradientCheck.Normal(3 * n, 2), [3, n]);
            double[] Wanted(double[][] v) => [.. v[0].Select((g, i) => f(g) * v[1][i])];
            GradientCheck.Run(t => Ops.Gated(t[0], t[1], activation), Wanted, [gate, up]);
            GradientCheck.Run(t => Ops.Glu(Ops.Concat([t[0], t[1]], 1), 1, activation, gateFirst: true), Wanted, [gate, up]);
            if (activation is GateActivation.Gelu or GateActivation.GeluTanh)
            {
                GradientCheck.Run(t => Ops.GeGlu(t[0], t[1], activation == GateActivation.GeluTanh), Wanted, [gate, up]);
            }
        }
    }

    [Fact]
    public void LeastAndGreatestValuesAndTheirPlaces()
    {
        (float[], int[]) input = (Distinct(5 * 9), [5, 9]);
        double[] Of(double[] x, bool least) => [.. x.Chunk(9).Select(row => least ? row.Min() : row.Max())];
        GradientCheck.Run(t => Ops.Min(t[0], 1).Values, v => Of(v[0], true), [input]);
        GradientCheck.Run(t => Ops.Max(t[0], 1).Values, v => Of(v[0], false), [input]);
        Tensor x = Tensor.From(input.Item1, [5, 9]);
        long[] places = [.. input.Item1.Chunk(9).Select(row => (long)Array.IndexOf(row, row.Min()))];
        Assert.Equal(places, Ops.ArgMin(x).ToArray<long>());
        Assert.Equal(places, Ops.Min(x, 1).Indices.ToArray<long>());
    }

    /// <summary>In a row of equal values the root's slope has no bound; the gradient is 0, as PyTorch's.</summary>
    [Fact]
    public void TheDeviationOfEqualValuesHasNoGradient()
    {
        Tensor x = Tensor.From([2f, 2f, 2f, 1f, 2f, 4f], [2, 3]).RequireGrad();
        Gradients.Backward(Ops.Sum(Ops.StandardDeviation(x, [1])));
        float[] gradient = x.Grad!.Value.ToArray<float>();
        Assert.Equal([0f, 0f, 0f], gradient[..3]);
        double mean = 7.0 / 3, deviation = Math.Sqrt((Math.Pow(1 - mean, 2) + Math.Pow(2 - mean, 2) + Math.Pow(4 - mean, 2)) / 2);
        GradientCheck.AssertClose([.. new[] { 1, 2, 4 }.Select(v => (v - mean) / (2 * deviation))], gradient[3..], 1e-6, "gradient");
    }

    /// <summary>A gradient goes through a type of less precision and back, and through what moves elements in between.</summary>
    [Theory]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    [InlineData(DType.F64)]
    public void AGradientGoesThroughOtherFloatingTypes(DType type)
    {
        Tensor x = Tensor.From(GradientCheck.Normal(4 * 6, 1), [4, 6]).RequireGrad();
        Tensor upstream = Tensor.From(GradientCheck.Normal(3 * 4, 2), [3, 4]);
        Tensor narrow = Ops.Cast(x, type);
        Assert.Equal(type, narrow.DType);
        Assert.True(narrow.RequiresGrad);
        Tensor moved = Ops.Transpose(Ops.Slice(Ops.Reshape(narrow, [4, 6]), 1, 1, 4));
        Tensor picked = Ops.IndexSelect(Ops.Concat([moved, moved], 0), Tensor.From([5, 0, 1], [3]), 0);
        Gradients.Backward(Ops.Cast(picked, DType.F32), upstream);
        float[] u = upstream.ToArray<float>(), wanted = new float[24];
        int[] column = [3, 1, 2];
        for (int i = 0; i < 3; i++)
        {
            for (int r = 0; r < 4; r++)
            {
                wanted[(r * 6) + column[i]] = u[(i * 4) + r];
            }
        }

        Assert.Equal(wanted, x.Grad!.Value.ToArray<float>());
    }

    [Fact]
    public void ACastToBlocksRefusesAGradient()
    {
        Tensor x = Ops.Ones([2, 32]).RequireGrad();
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Ops.Cast(x, DType.Q8_0));
        Assert.Contains("'input'", error.Message, StringComparison.Ordinal);
        Assert.Equal(DType.Q8_0, Ops.Cast(Ops.Detach(x), DType.Q8_0).DType);
        Assert.False(Ops.Cast(x, DType.I32).RequiresGrad);
    }

    [Theory]
    [InlineData(new[] { 2, 3, 5 })]
    [InlineData(new[] { 3, 5 })]
    [InlineData(new[] { 5 })]
    [InlineData(new[] { 2, 1, 5 })]
    [InlineData(new[] { 1, 3, 1 })]
    [InlineData(new int[0])]
    public void AMaskedSoftmaxGivesTheMaskItsGradient(int[] shape)
    {
        int[] whole = [2, 3, 5];
        GradientCheck.Run(
            t => Ops.SoftmaxMasked(t[0], t[1], 0.7f),
            v =>
            {
                double[] e = [.. Enumerable.Range(0, 30).Select(i =>
                    Math.Exp((0.7f * v[0][i]) + v[1][ElementwiseOpTests.At(i, Shape.Create(whole), shape)]))];
                return [.. e.Select((x, i) => x / e.Skip(i / 5 * 5).Take(5).Sum())];
            },
            [(GradientCheck.Normal(30, 1), whole), (GradientCheck.Normal((int)Shape.Create(shape).Count, 2), shape)]);
    }

    [Fact]
    public void ConvolutionsOfOneAxis()
    {
        (float[], int[]) x = (GradientCheck.Normal(2 * 3 * 9, 1), [2, 3, 9]);
        (float[], int[]) w = (GradientCheck.Normal(4 * 3 * 3, 2), [4, 3, 3]), bias = (GradientCheck.Normal(4, 3), [4]);
        GradientCheck.Run(
            t => Ops.Conv1d(t[0], t[1], t[2], new ConvOptions { Padding = 1, Stride = 2 }),
            v =>
            {
                double[] y = new double[2 * 4 * 5];
                Taps((n, o, c, i, j, k) => y[(((n * 4) + o) * 5) + j] += v[0][(((n * 3) + c) * 9) + i] * v[1][(((o * 3) + c) * 3) + k]);
                return [.. y.Select((value, i) => value + v[2][i / 5 % 4])];
            },
            [x, w, bias]);

        // The transposed one goes from the outputs' places to the inputs'.
        GradientCheck.Run(
            t => Ops.ConvTranspose1d(t[0], t[1], t[2], new ConvOptions { Padding = 1, Stride = 2 }),
            v =>
            {
                double[] y = new double[2 * 3 * 9];
                Taps((n, o, c, i, j, k) => y[(((n * 3) + c) * 9) + i] += v[0][(((n * 4) + o) * 5) + j] * v[1][(((o * 3) + c) * 3) + k]);
                return [.. y.Select((value, i) => value + v[2][i / 9 % 3])];
            },
            [(GradientCheck.Normal(2 * 4 * 5, 4), [2, 4, 5]), w, (GradientCheck.Normal(3, 5), [3])]);

        static void Taps(Action<int, int, int, int, int, int> visit)
        {
            for (int n = 0; n < 2; n++)
            {
                for (int o = 0; o < 4; o++)
                {
                    for (int j = 0; j < 5; j++)
                    {
                        for (int c = 0; c < 3; c++)
                        {
                            for (int k = 0; k < 3; k++)
                            {
                                int i = (2 * j) - 1 + k;
                                if (i is >= 0 and < 9)
                                {
                                    visit(n, o, c, i, j, k);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void TablesAndLossesOfWords()
    {
        int[] ids = [2, 0, 2, 3];
        GradientCheck.Run(
            t => Ops.Embedding(Tensor.From(ids, [4]), t[0]),
            v => [.. ids.SelectMany(id => v[0].Skip(id * 5).Take(5))],
            [(GradientCheck.Normal(4 * 5, 1), [4, 5])]);

        long[] labels = [1, 2, -100, 0];
        GradientCheck.Run(
            t => Ops.CausalLanguageModelLoss(t[0], Tensor.From(labels, [1, 4])),
            v =>
            {
                double sum = 0;
                foreach ((int row, int label) in (ReadOnlySpan<(int, int)>)[(0, 2), (2, 0)])
                {
                    double[] logits = v[0][(row * 3)..((row * 3) + 3)];
                    sum += Math.Log(logits.Sum(Math.Exp)) - logits[label];
                }

                return [sum / 2];
            },
            [(GradientCheck.Normal(4 * 3, 2), [1, 4, 3])]);
    }

    /// <summary>A packed batch over caches of every type equals attention of each sequence alone.</summary>
    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void SequencesOverCachesOfTheirOwn(DType type)
    {
        const int Heads = 4, KeyHeads = 2, Width = 16;
        int[] counts = [1, 3, 0, 9], lengths = [33, 3, 5, 17];
        foreach (int? window in (ReadOnlySpan<int?>)[null, 4])
        {
            using TensorScope scope = TensorScope.Open();
            Tensor query = Tensor.From(GradientCheck.Normal(13 * Heads * Width, 1), [13, Heads, Width]);
            Tensor[] keys = [.. lengths.Select((n, i) => Cache(n, (ulong)i + 2))], values = [.. lengths.Select((n, i) => Cache(n, (ulong)i + 9))];
            float[] actual = Ops.AttentionSequences(query, counts, keys, values, window: window).ToArray<float>();
            int start = 0;
            for (int i = 0; i < counts.Length; start += counts[i++])
            {
                if (counts[i] == 0)
                {
                    continue;
                }

                Tensor own = query.Rows(start, counts[i]).View([1, counts[i], Heads, Width]);
                double[] wanted = [.. Ops.Attention(
                    own, keys[i], values[i],
                    new AttentionOptions { Causal = true, AlignEnd = true, TimeFirst = true, Window = window }).ToArray<float>()];
                int row = Heads * Width;
                GradientCheck.AssertClose(wanted, actual[(start * row)..((start + counts[i]) * row)], 1e-5, $"sequence {i}");
            }

            Assert.Throws<ShapeException>(() => Ops.AttentionSequences(query, [1, 3, 0, 8], keys, values));
            Assert.Throws<InvalidOperationException>(
                () => Ops.AttentionSequences(Ops.Clone(query).RequireGrad(), counts, keys, values));

            Tensor Cache(int length, ulong seed) =>
                Ops.Cast(Tensor.From(GradientCheck.Normal(length * KeyHeads * Width, seed), [1, length, KeyHeads, Width]), type);
        }
    }

    /// <summary>Values whose order no small step changes.</summary>
    private static float[] Distinct(int count)
    {
        float[] values = [.. Enumerable.Range(0, count).Select(i => 0.1f * i)];
        new Random(5).Shuffle(values);
        return values;
    }

    private static double[] Pool(double[] x, int[] size, int[] count, bool maximum, Func<int, int, (int From, int To)> range)
    {
        var y = new List<double>();
        foreach (double[] plane in x.Chunk(size[0] * size[1] * size[2]))
        {
            for (int i = 0; i < count[0] * count[1] * count[2]; i++)
            {
                (int From, int To) a = range(0, i / (count[1] * count[2])), b = range(1, i / count[2] % count[1]), c = range(2, i % count[2]);
                IEnumerable<double> cell =
                    from p in Enumerable.Range(a.From, a.To - a.From)
                    from q in Enumerable.Range(b.From, b.To - b.From)
                    from r in Enumerable.Range(c.From, c.To - c.From)
                    select plane[(((p * size[1]) + q) * size[2]) + r];
                y.Add(maximum ? cell.Max() : cell.Average());
            }
        }

        return [.. y];
    }
}
