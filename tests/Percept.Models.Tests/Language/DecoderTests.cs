using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>What holds of every decoder, whatever its numbers are.</summary>
public class DecoderTests
{
    public static TheoryData<string> Names() => [.. TinyDecoders.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ACacheChangesNothing(string name)
    {
        ILanguageModel model = Load(name);
        int[] tokens = Runs.Sequences[0];
        float[] whole = Runs.Whole(model, tokens);
        Assert.DoesNotContain(whole, float.IsNaN);
        Runs.Same(whole, Runs.Cached(model, [tokens], [tokens.Length])[0]);
        Runs.Same(whole, Runs.Cached(model, [tokens], [1])[0]);
        Runs.Same(whole, Runs.Cached(model, [tokens], [3, 1, 4, 1])[0]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ABatchIsItsSequences(string name)
    {
        ILanguageModel model = Load(name);
        float[][] singles = [.. Runs.Sequences.Select(tokens => Runs.Whole(model, tokens))];
        Compare(singles, Runs.Batch(model, Runs.Sequences));
        Compare(singles, Runs.Cached(model, Runs.Sequences, [2, 1, 3, 1]));
        int[][] block = [Runs.Sequences[0][..5], Runs.Sequences[2], Runs.Sequences[0][4..]];
        Compare([.. block.Select(tokens => Runs.Whole(model, tokens))], Runs.Batch(model, block));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LaterTokensChangeNothingBefore(string name)
    {
        ILanguageModel model = Load(name);
        int[] tokens = Runs.Sequences[0], other = [.. tokens[..6], 38, 1, 0];
        int before = 6 * model.VocabularySize;
        float[] one = Runs.Whole(model, tokens), two = Runs.Whole(model, other);
        Runs.Same(one[..before], two[..before]);
        Runs.Different(one[before..], two[before..]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PositionsMatter(string name)
    {
        ILanguageModel model = Load(name);
        float[] first = Runs.Whole(model, [4, 9, 13]), turned = Runs.Whole(model, [9, 4, 13]);
        Runs.Different(first[(2 * model.VocabularySize)..], turned[(2 * model.VocabularySize)..]);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("deepseek_v3")]
    [InlineData("opt")]
    public void ACacheOfHalfTheSizeIsNearlyTheSame(string name)
    {
        ILanguageModel model = Load(name);
        int[] tokens = Runs.Sequences[0];
        Runs.Same(Runs.Whole(model, tokens), Runs.Cached(model, [tokens], [4, 1], type: KvCacheType.F16)[0], 2e-2f);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("deepseek_v3")]
    [InlineData("mixtral")]
    [InlineData("gpt2")]
    public void GradientsOfABatchAreThoseOfItsSequences(string name)
    {
        ILanguageModel model = Load(name);
        using TensorScope scope = TensorScope.Open();
        int[] all = [.. Runs.Sequences.SelectMany(tokens => tokens)];
        Tensor embeddings, upstream;
        using (Gradients.Off())
        {
            embeddings = model.Embed(Tensor.From(all, [all.Length]));
            upstream = Ops.RandomNormal([all.Length, model.HiddenSize], new RandomStream(3));
        }

        float[] together = Gradient(model, embeddings, upstream, Runs.Sequences);
        var apart = new List<float>();
        int start = 0;
        foreach (int[] tokens in Runs.Sequences)
        {
            apart.AddRange(Gradient(
                model, embeddings.Rows(start, tokens.Length), upstream.Rows(start, tokens.Length), [tokens]));
            start += tokens.Length;
        }

        Assert.Contains(together, number => MathF.Abs(number) > 1e-3f);
        Runs.Same([.. apart], together);
    }

    [Fact]
    public void MorePositionsThanTheTableHasAreRefused()
    {
        ILanguageModel model = Load("gpt2");
        var error = Assert.Throws<ArgumentException>(() => Runs.Whole(model, new int[33]));
        Assert.Contains("position 32", error.Message, StringComparison.Ordinal);
        Assert.Contains("32 positions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACacheRefusesToLoseGradients()
    {
        ILanguageModel model = Load("llama");
        using TensorScope scope = TensorScope.Open();
        using var cache = new KvCache(model.CacheShapes);
        var batch = new SequenceBatch();
        batch.Add(2, cache);
        Tensor embeddings = Ops.RandomNormal([2, model.HiddenSize], new RandomStream(1)).RequireGrad();
        Assert.Throws<InvalidOperationException>(() => model.Forward(embeddings, batch));
        Gradients.Discard();
    }

    private static ILanguageModel Load(string name) => TinyDecoders.All[name]().Load().As<ILanguageModel>();

    private static void Compare(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Runs.Same(expected[i], actual[i]);
        }
    }

    private static float[] Gradient(ILanguageModel model, Tensor embeddings, Tensor upstream, int[][] sequences)
    {
        Tensor leaf = Ops.Clone(embeddings).RequireGrad();
        var batch = new SequenceBatch();
        foreach (int[] tokens in sequences)
        {
            batch.Add(tokens.Length);
        }

        Gradients.Backward(Ops.Sum(Ops.Multiply(model.Forward(leaf, batch), upstream)));
        return leaf.Grad!.Value.ToArray<float>();
    }
}
