using Percept.Tensors.Autograd;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class AttentionPackedTests
{
    private const int D = 12;
    private const int Dv = 20;
    private static readonly int[] s_counts = [5, 33, 0, 1, 300];

    [Theory]
    [InlineData(2, 2, false)]
    [InlineData(2, 1, true)]
    [InlineData(6, 6, true)]
    [InlineData(8, 2, false)]
    [InlineData(8, 2, true)]
    public void EachSequenceIsAttentionOfItsOwn(int heads, int keyHeads, bool masked)
    {
        using TensorScope scope = TensorScope.Open();
        int rows = s_counts.Sum();
        float[][] inputs =
        [
            GradientCheck.Normal(rows * heads * D, 1), GradientCheck.Normal(rows * keyHeads * D, 2),
            GradientCheck.Normal(rows * keyHeads * Dv, 3), GradientCheck.Normal(rows * heads * Dv, 4),
        ];
        var options = new AttentionOptions { Causal = true, AlignEnd = true, TimeFirst = true, SoftCap = 3 };
        Tensor[] whole = Leaves(inputs, 0, rows, heads, keyHeads, batched: false);
        Tensor[] masks = masked ? [.. s_counts.Select((count, i) => i % 2 == 1 ? Mask(count, heads) : default)] : [];
        Tensor y = Ops.AttentionPacked(whole[0], whole[1], whole[2], s_counts, masks, options);
        Gradients.Backward(y, Tensor.From(inputs[3], y.Shape));

        var expected = new List<float>[4];
        for (int i = 0; i < 4; i++)
        {
            expected[i] = [];
        }

        for (int i = 0, start = 0; i < s_counts.Length; start += s_counts[i++])
        {
            Tensor[] own = Leaves(inputs, start, s_counts[i], heads, keyHeads, batched: true);
            bool hides = masked && !masks[i].IsNone;
            Tensor part = Ops.Attention(
                own[0], own[1], own[2], hides ? options with { Causal = false, AlignEnd = false } : options,
                new AttentionInputs { Mask = hides ? masks[i] : null });
            if (s_counts[i] > 0)
            {
                Gradients.Backward(part, Tensor.From(Of(inputs[3], start, s_counts[i], heads * Dv), part.Shape));
                expected[0].AddRange(part.ToArray<float>());
                for (int j = 0; j < 3; j++)
                {
                    expected[1 + j].AddRange(own[j].Grad!.Value.ToArray<float>());
                }
            }
        }

        Close(expected[0], y, "out");
        Close(expected[1], whole[0].Grad!.Value, "query");
        Close(expected[2], whole[1].Grad!.Value, "key");
        Close(expected[3], whole[2].Grad!.Value, "value");
    }

    [Fact]
    public void ResultsDoNotDependOnThreadsOrOnWhatIsRecorded()
    {
        using TensorScope scope = TensorScope.Open();
        int rows = s_counts.Sum();
        float[] values = GradientCheck.Normal(rows * 6 * D, 5);
        var results = new List<float[]>();
        foreach (int threads in (ReadOnlySpan<int>)[1, 0])
        {
            try
            {
                WorkerPool.ThreadLimit = threads;
                Tensor x = Tensor.From(values, [rows, 6, D]).RequireGrad();
                Tensor y = Ops.AttentionPacked(x, x, x, s_counts, [], new AttentionOptions { Causal = true });
                Gradients.Backward(y, Ops.Ones(y.Shape));
                results.Add(x.Grad!.Value.ToArray<float>());
                results.Add(y.ToArray<float>());
            }
            finally
            {
                WorkerPool.ThreadLimit = 0;
            }
        }

        using GradientSwitch off = Gradients.Off();
        Tensor plain = Tensor.From(values, [rows, 6, D]);
        results.Add(Ops.AttentionPacked(plain, plain, plain, s_counts, [], new AttentionOptions { Causal = true }).ToArray<float>());
        Assert.Equal(results[0], results[2]);
        Assert.Equal(results[1], results[3]);
        Assert.Equal(results[1], results[4]);
    }

    /// <summary>Gradients lie in the layout of their tensors, whatever the order of heads and time, and whichever are wanted.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void GradientsOfBothLayoutsAreTheSame(int keyHeads)
    {
        using TensorScope scope = TensorScope.Open();
        const int B = 2, H = 4, T = 21;
        int[] heads = [H, keyHeads, keyHeads], widths = [D, D, Dv];
        float[][] inputs = [.. heads.Select((h, i) => GradientCheck.Normal(B * h * T * widths[i], (ulong)(20 + i)))];
        Tensor upstream = Tensor.From(GradientCheck.Normal(B * H * T * Dv, 24), [B, H, T, Dv]);
        for (int wanted = 1; wanted < 8; wanted++)
        {
            Tensor[] plain = new Tensor[3], turned = new Tensor[3];
            for (int i = 0; i < 3; i++)
            {
                plain[i] = Tensor.From(inputs[i], [B, heads[i], T, widths[i]]);
                turned[i] = Ops.Clone(Ops.Permute(plain[i], [0, 2, 1, 3]));
                if ((wanted & (1 << i)) != 0)
                {
                    plain[i] = plain[i].RequireGrad();
                    turned[i] = turned[i].RequireGrad();
                }
            }

            var options = new AttentionOptions { Causal = true };
            Gradients.Backward(Ops.Attention(plain[0], plain[1], plain[2], options), upstream);
            Gradients.Backward(
                Ops.Attention(turned[0], turned[1], turned[2], options with { TimeFirst = true }), Ops.Permute(upstream, [0, 2, 1, 3]));
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal((wanted & (1 << i)) != 0, plain[i].Grad is not null);
                if (plain[i].Grad is { } gradient)
                {
                    Assert.Equal(Ops.Permute(gradient, [0, 2, 1, 3]).ToArray<float>(), turned[i].Grad!.Value.ToArray<float>());
                }
            }
        }
    }

    [Fact]
    public void WithoutQueryHeadsGradientsAreZeros()
    {
        for (int i = 0; i < 4; i++)
        {
            using TensorScope scope = TensorScope.Open();
            Ops.Full([7, 2, D], float.NaN).Dispose();
            Tensor key = Ops.Ones([7, 2, D]).RequireGrad();
            Tensor y = Ops.AttentionPacked(Ops.Zeros([7, 0, D]), key, key, [3, 4], [], new AttentionOptions());
            Gradients.Backward(y, Ops.Zeros(y.Shape));
            Assert.All(key.Grad!.Value.ToArray<float>(), v => Assert.Equal(0f, v));
        }
    }

    [Fact]
    public void WrongArgumentsAreNamed()
    {
        Tensor rows = Ops.Ones([4, 2, 3]);
        var options = new AttentionOptions();
        Assert.Equal("query", Assert.Throws<ShapeException>(() => Ops.AttentionPacked(rows, rows, rows, [1, 2], [], options)).ParamName);
        Assert.Equal("key", Assert.Throws<ShapeException>(
            () => Ops.AttentionPacked(rows, Ops.Ones([3, 2, 3]), Ops.Ones([3, 2, 3]), [4], [], options)).ParamName);
        Assert.Equal("masks", Assert.Throws<ShapeException>(
            () => Ops.AttentionPacked(rows, rows, rows, [2, 2], [default], options)).ParamName);
        Assert.Equal("Mask", Assert.Throws<ShapeException>(
            () => Ops.AttentionPacked(rows, rows, rows, [4], [Ops.Zeros([1, 1, 3, 3], DType.Bool)], options)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.AttentionPacked(rows, rows, rows, [5, -1], [], options));
    }

    private static Tensor[] Leaves(float[][] inputs, int start, int count, int heads, int keyHeads, bool batched)
    {
        Tensor Leaf(int i, int h, int width)
        {
            Shape shape = batched ? [1, count, h, width] : [count, h, width];
            return Tensor.From(Of(inputs[i], start, count, h * width), shape).RequireGrad();
        }

        return [Leaf(0, heads, D), Leaf(1, keyHeads, D), Leaf(2, keyHeads, Dv)];
    }

    private static float[] Of(float[] values, int start, int count, int width) => values[(start * width)..((start + count) * width)];

    /// <summary>Every head hides other keys; the first row sees none.</summary>
    private static Tensor Mask(int count, int heads)
    {
        var seen = new bool[heads * count * count];
        for (int h = 0; h < heads; h++)
        {
            for (int i = 1; i < count; i++)
            {
                for (int j = 0; j < count; j++)
                {
                    seen[(((h * count) + i) * count) + j] = (i * 7 / (j + h + 1)) % 3 != 1;
                }
            }
        }

        return Tensor.From(seen, [1, heads, count, count]);
    }

    private static void Close(List<float> expected, Tensor actual, string what) =>
        GradientCheck.AssertClose([.. expected.Select(x => (double)x)], actual.ToArray<float>(), 2e-6, what);
}
