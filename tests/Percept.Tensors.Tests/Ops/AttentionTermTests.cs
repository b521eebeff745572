using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>What can be said in two ways gives the same, over several blocks of keys, forward and back.</summary>
[Trait("Level", "Simd")]
public class AttentionTermTests
{
    private const int Heads = 2, Queries = 70, Keys = 600, Width = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AMaskIsABiasOfMinusInfinity(bool scattered)
    {
        bool[] mask = new bool[Queries * Keys];
        float[] bias = new float[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            int q = i / Keys, k = i % Keys;
            mask[i] = q != 5 && (scattered ? (i * 7) % 11 < 4 : k is < 40 or (>= 200 and < 450) || k == 599);
            bias[i] = mask[i] ? 0 : float.NegativeInfinity;
        }

        AssertSame(
            default, new AttentionInputs { Mask = Tensor.From(mask, [1, 1, Queries, Keys]) },
            default, new AttentionInputs { Bias = Tensor.From(bias, [1, 1, Queries, Keys]) });
    }

    [Theory]
    [InlineData(100, 90)]
    [InlineData(7, 7)]
    [InlineData(1, 1)]
    public void SegmentsAreAMask(int queriesOfSegment, int keysOfSegment)
    {
        int[] queries = [.. Enumerable.Range(0, Queries).Select(i => i / queriesOfSegment % 50)];
        int[] keys = [.. Enumerable.Range(0, Keys).Select(j => (j / keysOfSegment) + (j % 97 == 0 ? 3 : 0))];
        bool[] mask = [.. Enumerable.Range(0, Queries * Keys).Select(i => queries[i / Keys] == keys[i % Keys])];
        AssertSame(
            default, new AttentionInputs
            {
                QuerySegments = Tensor.From(queries, [1, Queries]), KeySegments = Tensor.From(keys, [1, Keys]),
            },
            default, new AttentionInputs { Mask = Tensor.From(mask, [1, 1, Queries, Keys]) });
    }

    [Fact]
    public void SlopesAreABias()
    {
        float[] slopes = [0.25f, 0.0625f];
        const int Offset = 500;
        float[] bias = [.. Enumerable.Range(0, Heads * Queries * Keys).Select(
            n => slopes[n / Keys / Queries] * ((n % Keys) - (n / Keys % Queries) - Offset))];
        var options = new AttentionOptions { Offset = Offset, Causal = true };
        AssertSame(
            options, new AttentionInputs { Slopes = Tensor.From(slopes, [Heads]) },
            options, new AttentionInputs { Bias = Tensor.From(bias, [1, Heads, Queries, Keys]) });
    }

    [Theory]
    [InlineData(0, 20, 300, false)]
    [InlineData(0, 20, 300, true)]
    [InlineData(530, 5, 17, false)]
    [InlineData(530, 5, 17, true)]
    [InlineData(-20, 9, 0, false)]
    [InlineData(-20, 9, 40, true)]
    public void RangesAreAMask(int offset, int window, int prefix, bool capped)
    {
        bool[] mask = [.. Enumerable.Range(0, Queries * Keys).Select(n =>
        {
            int at = (n / Keys) + offset, j = n % Keys;
            return j < prefix || (j <= at && j > at - window);
        })];
        float? cap = capped ? 3f : null;
        AssertSame(
            new AttentionOptions { Causal = true, Offset = offset, Window = window, Prefix = prefix, SoftCap = cap }, default,
            new AttentionOptions { SoftCap = cap }, new AttentionInputs { Mask = Tensor.From(mask, [1, 1, Queries, Keys]) });
    }

    [Fact]
    public void SeparateHeadsHaveTheGradientsOfManyTogether()
    {
        // One head is divided into ranges of keys; sixteen are not.
        const int Many = 16;
        float[] q = GradientCheck.Normal(Queries * Width, 1), k = GradientCheck.Normal(Keys * Width, 2), dy = GradientCheck.Normal(Queries * Width, 3);
        float[][] one = Run(1, q, k, dy), many = Run(Many, q, k, dy);
        for (int i = 0; i < one.Length; i++)
        {
            double[] expected = [.. many[i].Take(one[i].Length).Select(x => (double)x)];
            GradientCheck.AssertClose(expected, one[i], 2e-5, $"gradient {i}");
        }

        static float[][] Run(int count, float[] q, float[] k, float[] dy)
        {
            Tensor query = Repeat(q, count, Queries).RequireGrad(), key = Repeat(k, count, Keys).RequireGrad();
            Tensor value = Repeat(k, count, Keys).RequireGrad();
            Tensor y = Ops.Attention(query, key, value, new AttentionOptions { Causal = true, AlignEnd = true });
            Gradients.Backward(y, Repeat(dy, count, Queries));
            return [query.Grad!.Value.ToArray<float>(), key.Grad!.Value.ToArray<float>(), value.Grad!.Value.ToArray<float>()];
        }

        static Tensor Repeat(float[] x, int count, int rows) =>
            Tensor.From(Enumerable.Repeat(x, count).SelectMany(a => a).ToArray(), [1, count, rows, Width]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void ABiasOfTheLowestFloatEverywhereSpreadsGradientsEvenly(int queries)
    {
        Tensor q = Tensor.From(GradientCheck.Normal(queries * Width, 4), [1, 1, queries, Width]).RequireGrad();
        Tensor k = Tensor.From(GradientCheck.Normal(300 * Width, 5), [1, 1, 300, Width]);
        Tensor v = Tensor.From(GradientCheck.Normal(300 * Width, 6), [1, 1, 300, Width]).RequireGrad();
        float[] dy = GradientCheck.Normal(queries * Width, 7);
        Tensor y = Ops.Attention(q, k, v, null, new AttentionInputs { Bias = Ops.Full([1, 1, 1, 300], -3.4028235e38f) });
        Gradients.Backward(y, Tensor.From(dy, [1, 1, queries, Width]));
        double[] expected = [.. Enumerable.Range(0, 300 * Width).Select(
            n => Enumerable.Range(0, queries).Sum(i => (double)dy[(i * Width) + (n % Width)]) / 300)];
        GradientCheck.AssertClose(expected, v.Grad!.Value.ToArray<float>(), 1e-5, "value");
        Assert.All(q.Grad!.Value.ToArray<float>(), x => Assert.True(float.IsFinite(x)));
    }

    private static void AssertSame(
        AttentionOptions options, AttentionInputs inputs, AttentionOptions otherOptions, AttentionInputs otherInputs)
    {
        float[][] expected = Run(otherOptions, otherInputs), actual = Run(options, inputs);
        for (int i = 0; i < expected.Length; i++)
        {
            GradientCheck.AssertClose([.. expected[i].Select(x => (double)x)], actual[i], 2e-5, $"result {i}");
        }
    }

    private static float[][] Run(AttentionOptions options, AttentionInputs inputs)
    {
        Tensor q = Tensor.From(GradientCheck.Normal(Heads * Queries * Width, 11), [1, Heads, Queries, Width]).RequireGrad();
        Tensor k = Tensor.From(GradientCheck.Normal(Heads * Keys * Width, 12), [1, Heads, Keys, Width]).RequireGrad();
        Tensor v = Tensor.From(GradientCheck.Normal(Heads * Keys * Width, 13), [1, Heads, Keys, Width]).RequireGrad();
        Tensor y = Ops.Attention(q, k, v, options, inputs);
        Gradients.Backward(y, Tensor.From(GradientCheck.Normal(Heads * Queries * Width, 14), y.Shape));
        return [y.ToArray<float>(), q.Grad!.Value.ToArray<float>(), k.Grad!.Value.ToArray<float>(), v.Grad!.Value.ToArray<float>()];
    }
}
