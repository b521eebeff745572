using Percept.Tensors.Autograd;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class AttentionOpTests
{
    public static TheoryData<string> Features =>
    [
        "plain", "causal", "offset", "window", "window-both", "prefix", "cap", "bias", "bias-shared", "mask", "sinks", "segments",
        "alibi", "lengths", "all",
    ];

    [Theory]
    [MemberData(nameof(Features))]
    public void EachFeatureMatchesItsDefinition(string feature)
    {
        foreach ((int queries, int keys) in (ReadOnlySpan<(int, int)>)[(5, 7), (19, 19)])
        {
            Check(new Case(feature, 2, 4, 2, queries, keys, 8, 5));
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 9, 3)]
    [InlineData(16, 17, 40)]
    [InlineData(31, 33, 64)]
    [InlineData(33, 257, 80)]
    [InlineData(64, 70, 8)]
    public void OddSizesMatchTheDefinition(int queries, int keys, int width)
    {
        Check(new Case("plain", 1, 2, 2, queries, keys, width, width), probes: queries > 16 ? 1 : 4);
        Check(new Case("offset", 1, 2, 1, queries, keys, width, 33), probes: queries > 16 ? 1 : 4);
    }

    [Theory]
    [MemberData(nameof(Features))]
    public void FeaturesHoldAcrossBlocksOfKeys(string feature)
    {
        // More keys than a block has, and queries of more than one tile whose last is not whole.
        var c = new Case(feature, 1, 2, 1, 40, 700, 4, 3);
        (AttentionOptions options, AttentionInputs inputs) = c.Settings();
        float[] q = GradientCheck.Normal(2 * 40 * 4, 71), k = GradientCheck.Normal(700 * 4, 72), v = GradientCheck.Normal(700 * 3, 73);
        int[] biasShape = c.BiasShape() ?? [1];
        float[] bias = GradientCheck.Normal(biasShape.Aggregate(1, (x, y) => x * y), 74), sinks = GradientCheck.Normal(2, 75);
        Tensor result = Ops.Attention(
            Tensor.From(q, [1, 2, 40, 4]), Tensor.From(k, [1, 1, 700, 4]), Tensor.From(v, [1, 1, 700, 3]), options, inputs with
            {
                Bias = c.BiasShape() is null ? null : Tensor.From(bias, [.. biasShape]),
                Sinks = c.HasSinks ? Tensor.From(sinks, [2]) : null,
            });
        double[][] exact = [.. new[] { q, k, v, bias, sinks }.Select(x => x.Select(e => (double)e).ToArray())];
        GradientCheck.AssertClose(c.Reference(exact), result.ToArray<float>(), 1e-5, feature);
    }

    [Fact]
    public void NoQueriesOrNoKeysGiveEmptyOrZeros()
    {
        Assert.Equal(0, Ops.Attention(Ops.Zeros([1, 2, 0, 4]), Ops.Zeros([1, 2, 3, 4]), Ops.Zeros([1, 2, 3, 4])).Count);
        Tensor none = Ops.Attention(Ops.Ones([1, 2, 3, 4]), Ops.Zeros([1, 2, 0, 4]), Ops.Zeros([1, 2, 0, 4]));
        Assert.All(none.ToArray<float>(), v => Assert.Equal(0f, v));
        Tensor hidden = Ops.Attention(
            Ops.Ones([1, 1, 20, 4]), Ops.Ones([1, 1, 20, 4]), Ops.Ones([1, 1, 20, 4]), null,
            new AttentionInputs { Mask = Ops.Zeros([1, 1, 1, 20], DType.Bool) });
        Assert.All(hidden.ToArray<float>(), v => Assert.Equal(0f, v));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void ABiasOfTheLowestFloatEverywhereIsSpreadEvenly(int queries)
    {
        Tensor v = Tensor.From(GradientCheck.Normal(300 * 4, 3), [1, 1, 300, 4]);
        Tensor bias = Ops.Full([1, 1, 1, 300], -3.4028235e38f);
        Tensor q = Tensor.From(GradientCheck.Normal(queries * 4, 4), [1, 1, queries, 4]);
        float[] y = Ops.Attention(q, v, v, null, new AttentionInputs { Bias = bias }).ToArray<float>();
        float[] values = v.ToArray<float>();
        for (int d = 0; d < 4; d++)
        {
            Assert.Equal(Enumerable.Range(0, 300).Average(j => values[(j * 4) + d]), y[d], 1e-5);
        }
    }

    [Fact]
    public void TimeFirstAndHalfKeysGiveTheSame()
    {
        const int T = 35, H = 4, D = 24;
        float[] q = GradientCheck.Normal(T * H * D, 5), k = GradientCheck.Normal(T * H * D, 6), v = GradientCheck.Normal(T * H * D, 7);
        float[] Turn(float[] x) => [.. Enumerable.Range(0, x.Length).Select(i => x[(((i / D / H) + (i / D % H * T)) * D) + (i % D)])];
        float[] heads = Ops.Attention(Tensor.From(q, [1, H, T, D]), Tensor.From(k, [1, H, T, D]), Tensor.From(v, [1, H, T, D])).ToArray<float>();
        float[] times = Ops.Attention(
            Tensor.From(Turn(q), [1, T, H, D]), Tensor.From(Turn(k), [1, T, H, D]), Tensor.From(Turn(v), [1, T, H, D]),
            new AttentionOptions { TimeFirst = true }).ToArray<float>();
        Assert.Equal(Turn(heads), times);
        foreach (int queries in (ReadOnlySpan<int>)[2, T])
        {
            Tensor few = Tensor.From(q, [1, H, T, D]).View([H, T, D]).Rows(0, 1).View([T, D]).Rows(0, queries).View([1, 1, queries, D]);
            Tensor keys = Ops.Cast(Tensor.From(k[..(T * D)], [1, 1, T, D]), DType.F16);
            Tensor exact = Ops.Attention(few, Ops.Cast(keys, DType.F32), Ops.Cast(keys, DType.F32));
            double[] expected = [.. exact.ToArray<float>().Select(x => (double)x)];
            GradientCheck.AssertClose(expected, Ops.Attention(few, keys, keys).ToArray<float>(), 1e-5, "half keys");
        }
    }

    [Theory]
    [InlineData(1, 1, 2, 700)]
    [InlineData(40, 1, 2, 700)]
    [InlineData(40, 1, 17, 61)]
    [InlineData(257, 3, 7, 257)]
    public void ResultsDoNotDependOnThreads(int queries, int batch, int keyHeads, int keys)
    {
        // Many key heads are items of their own but for the last ones, which threads share.
        Tensor q = Tensor.From(GradientCheck.Normal(batch * 2 * keyHeads * queries * 32, 8), [batch, 2 * keyHeads, queries, 32]);
        Tensor k = Tensor.From(GradientCheck.Normal(batch * keyHeads * keys * 32, 9), [batch, keyHeads, keys, 32]).RequireGrad();
        float[][] results = new float[2][], gradients = new float[2][];
        for (int i = 0; i < 2; i++)
        {
            WorkerPool.ThreadLimit = i == 0 ? 1 : 0;
            Tensor y = Ops.Attention(q, k, k, new AttentionOptions { Causal = true, AlignEnd = true });
            results[i] = y.ToArray<float>();
            Gradients.Backward(y, Ops.Ones(y.Shape));
            gradients[i] = k.Grad!.Value.ToArray<float>();
            k.ZeroGrad();
            WorkerPool.ThreadLimit = 0;
        }

        Assert.Equal(results[0], results[1]);
        Assert.Equal(gradients[0], gradients[1]);
    }

    [Fact]
    public void LongSequencesTakeMemoryForTheSequenceOnly()
    {
        const int T = 8_000, D = 16;
        using TensorScope scope = TensorScope.Open();
        Tensor q = Tensor.From(GradientCheck.Normal(T * D, 10), [1, 1, T, D]);
        TensorMemory.ResetPeak();
        long before = TensorMemory.PeakBytes;
        Tensor y = Ops.Attention(q, q, q, new AttentionOptions { Causal = true, Window = 500 });
        Assert.True(TensorMemory.PeakBytes - before < 16L << 20, $"{TensorMemory.PeakBytes - before} bytes for {T} places.");
        float[] values = q.ToArray<float>();
        double[] scores = [.. Enumerable.Range(T - 500, 500).Select(j => Enumerable.Range(0, D).Sum(d => (double)values[((T - 1) * D) + d] * values[(j * D) + d]) / 4)];
        double max = scores.Max(), total = scores.Sum(s => Math.Exp(s - max));
        double expected = scores.Select((s, j) => Math.Exp(s - max) / total * values[(T - 500 + j) * D]).Sum();
        Assert.Equal(expected, y.ToArray<float>()[(T - 1) * D], 1e-4);
    }

    [Fact]
    public void WrongArgumentsAreNamed()
    {
        Tensor q = Ops.Zeros([1, 4, 3, 8]), k = Ops.Zeros([1, 2, 5, 8]);
        Assert.Equal("key", Assert.Throws<ShapeException>(() => Ops.Attention(q, Ops.Zeros([1, 3, 5, 8]), k)).ParamName);
        Assert.Equal("key", Assert.Throws<ShapeException>(() => Ops.Attention(q, Ops.Zeros([1, 2, 5, 7]), k)).ParamName);
        Assert.Equal("value", Assert.Throws<ShapeException>(() => Ops.Attention(q, k, Ops.Zeros([1, 2, 4, 8]))).ParamName);
        Assert.Throws<ShapeException>(() => Ops.Attention(q, k, k, null, new AttentionInputs { Mask = Ops.Zeros([1, 1, 3, 4], DType.Bool) }));
        Assert.Throws<DTypeException>(() => Ops.Attention(q, k, k, null, new AttentionInputs { Mask = Ops.Zeros([1, 1, 3, 5]) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Attention(q, k, k, null, new AttentionInputs { KeyLengths = Tensor.From([6], [1]) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Attention(q, k, k, new AttentionOptions { Window = 0 }));
        Assert.Throws<ArgumentException>(() => Ops.Attention(q, k, k, null, new AttentionInputs { KeySegments = Tensor.From(new int[5], [1, 5]) }));
    }

    private static void Check(Case c, int probes = 12)
    {
        (AttentionOptions options, AttentionInputs inputs) = c.Settings();
        var tensors = new List<(float[], int[])>
        {
            (GradientCheck.Normal(c.Batch * c.Heads * c.Queries * c.Width, 61), [c.Batch, c.Heads, c.Queries, c.Width]),
            (GradientCheck.Normal(c.Batch * c.KeyHeads * c.Keys * c.Width, 62), [c.Batch, c.KeyHeads, c.Keys, c.Width]),
            (GradientCheck.Normal(c.Batch * c.KeyHeads * c.Keys * c.ValueWidth, 63), [c.Batch, c.KeyHeads, c.Keys, c.ValueWidth]),
        };
        if (c.BiasShape() is { } shape)
        {
            tensors.Add((GradientCheck.Normal(shape.Aggregate(1, (x, y) => x * y), 64), shape));
        }

        if (c.HasSinks)
        {
            tensors.Add((GradientCheck.Normal(c.Heads, 65), [c.Heads]));
        }

        GradientCheck.Run(
            t => Ops.Attention(t[0], t[1], t[2], options, inputs with
            {
                Bias = c.BiasShape() is null ? null : t[3],
                Sinks = c.HasSinks ? t[^1] : null,
            }),
            c.Reference,
            [.. tensors],
            3e-4,
            probes);
    }

    /// <summary>One problem, and its answer in double.</summary>
    private sealed record Case(string Feature, int Batch, int Heads, int KeyHeads, int Queries, int Keys, int Width, int ValueWidth)
    {
        internal bool HasSinks => Feature is "sinks" or "all";

        private int Offset => Feature is "offset" or "all" ? Keys - Queries : 0;

        private bool Has(string feature) => Feature == feature || Feature == "all";

        internal int[]? BiasShape() => Feature switch
        {
            "bias" => [Batch, Heads, Queries, Keys],
            "bias-shared" => [1, 1, 1, Keys],
            "all" => [1, Heads, Queries, Keys],
            _ => null,
        };

        internal (AttentionOptions Options, AttentionInputs Inputs) Settings() => (
            new AttentionOptions
            {
                Causal = Feature is "causal" or "offset" or "window" or "prefix" or "all",
                Offset = Offset,
                Window = Feature is "window" or "window-both" or "all" ? 3 : null,
                Prefix = Has("prefix") ? 2 : 0,
                SoftCap = Has("cap") ? 1.5f : null,
                Scale = Feature == "cap" ? 0.7f : null,
            },
            new AttentionInputs
            {
                Mask = Has("mask") ? Tensor.From(Mask(), [Batch, 1, Queries, Keys]) : null,
                Slopes = Has("alibi") ? Tensor.From(Enumerable.Range(0, Heads).Select(h => 0.1f * (h + 1)).ToArray(), [Heads]) : null,
                KeyLengths = Has("lengths") ? Tensor.From(Enumerable.Range(0, Batch).Select(b => Keys - b).ToArray(), [Batch]) : null,
                QuerySegments = Has("segments") ? Tensor.From(Enumerable.Range(0, Queries).Select(i => i / 3).ToArray(), [1, Queries]) : null,
                KeySegments = Has("segments") ? Tensor.From(Enumerable.Range(0, Keys).Select(j => j / 4).ToArray(), [1, Keys]) : null,
            });

        internal double[] Reference(double[][] v)
        {
            double[] output = new double[Batch * Heads * Queries * ValueWidth];
            (AttentionOptions options, _) = Settings();
            bool[] mask = Mask();
            int group = Heads / KeyHeads;
            for (int row = 0; row < Batch * Heads * Queries; row++)
            {
                int i = row % Queries, h = row / Queries % Heads, b = row / Queries / Heads, kv = (b * KeyHeads) + (h / group);
                double[] scores = new double[Keys];
                for (int j = 0; j < Keys; j++)
                {
                    double s = 0;
                    for (int d = 0; d < Width; d++)
                    {
                        s += v[0][(row * Width) + d] * v[1][(((kv * Keys) + j) * Width) + d];
                    }

                    s *= options.Scale ?? (1 / Math.Sqrt(Width));
                    s = options.SoftCap is { } cap ? cap * Math.Tanh(s / cap) : s;
                    s += Has("alibi") ? 0.1f * (h + 1) * (j - i - Offset) : 0;
                    s += Feature switch
                    {
                        "bias" => v[3][(row * Keys) + j],
                        "bias-shared" => v[3][j],
                        "all" => v[3][(((h * Queries) + i) * Keys) + j],
                        _ => 0,
                    };
                    bool seen = (!options.Causal || j <= i + Offset)
                        && (options.Window is not { } w || (j > i + Offset - w && j < i + Offset + w));
                    seen = (seen || j < options.Prefix) && (!Has("lengths") || j < Keys - b);
                    seen &= !Has("mask") || mask[(((b * Queries) + i) * Keys) + j];
                    seen &= !Has("segments") || i / 3 == j / 4;
                    scores[j] = seen ? s : double.NegativeInfinity;
                }

                double sink = HasSinks ? v[^1][h] : double.NegativeInfinity;
                double total = scores.Sum(Math.Exp) + Math.Exp(sink);
                for (int j = 0; j < Keys && total > 0; j++)
                {
                    for (int d = 0; d < ValueWidth; d++)
                    {
                        output[(row * ValueWidth) + d] += Math.Exp(scores[j]) / total * v[2][(((kv * Keys) + j) * ValueWidth) + d];
                    }
                }
            }

            return output;
        }

        private bool[] Mask() => [.. Enumerable.Range(0, Batch * Queries * Keys).Select(i => i % 5 != 1 && i % 7 != 3)];
    }
}
