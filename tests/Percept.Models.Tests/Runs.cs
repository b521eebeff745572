using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests;

/// <summary>Runs models in several ways, and compares what they give.</summary>
internal static class Runs
{
    /// <summary>Sequences of several lengths.</summary>
    internal static int[][] Sequences { get; } = [[3, 9, 1, 20, 7, 7, 31, 2, 11], [5], [8, 30, 2, 2, 19], [12, 4, 39]];

    /// <summary>The logits of a sequence in one pass without a cache: [T, V].</summary>
    internal static float[] Whole(ILanguageModel model, int[] tokens, CrossMemory? memory = null) =>
        Batch(model, [tokens], memory is null ? null : [memory])[0];

    /// <summary>The logits of sequences that go together in one pass without caches.</summary>
    internal static float[][] Batch(ILanguageModel model, int[][] sequences, CrossMemory[]? memories = null)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch(model.PositionAxes);
        foreach (int[] sequence in sequences)
        {
            batch.Add(sequence.Length);
        }

        SetMemories(batch, memories);
        return Step(model, batch, [.. sequences.SelectMany(sequence => sequence)]);
    }

    /// <summary>The logits of sequences whose tokens come in pieces, those of all sequences together, through caches.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="pieces">The size of each piece; the last one is taken again and again.</param>
    /// <param name="memories">What each sequence looks at.</param>
    /// <param name="type">How caches are stored.</param>
    internal static float[][] Cached(
        ILanguageModel model, int[][] sequences, int[] pieces, CrossMemory[]? memories = null, KvCacheType type = KvCacheType.F32)
    {
        using GradientSwitch off = Gradients.Off();
        KvCache[] caches = [.. sequences.Select(_ => new KvCache(model.CacheShapes, type))];
        List<float>[] logits = [.. sequences.Select(_ => new List<float>())];
        var batch = new SequenceBatch(model.PositionAxes);
        int longest = sequences.Max(sequence => sequence.Length);
        for (int done = 0, piece = 0; done < longest; piece++)
        {
            using TensorScope scope = TensorScope.Open();
            int size = pieces[Math.Min(piece, pieces.Length - 1)];
            int[] taking = [.. Enumerable.Range(0, sequences.Length).Where(i => done < sequences[i].Length)];
            batch.Clear();
            var tokens = new List<int>();
            foreach (int i in taking)
            {
                int[] part = sequences[i][done..Math.Min(done + size, sequences[i].Length)];
                batch.Add(part.Length, caches[i]);
                tokens.AddRange(part);
            }

            SetMemories(batch, memories is null ? null : [.. taking.Select(i => memories[i])]);
            float[][] parts = Step(model, batch, [.. tokens]);
            for (int i = 0; i < taking.Length; i++)
            {
                logits[taking[i]].AddRange(parts[i]);
            }

            done += size;
        }

        Array.ForEach(caches, cache => cache.Dispose());
        return [.. logits.Select(list => list.ToArray())];
    }

    /// <summary>Numbers that are the same but for rounding.</summary>
    internal static void Same(float[] expected, float[] actual, float tolerance = 1e-4f)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                MathF.Abs(expected[i] - actual[i]) <= tolerance * (1 + MathF.Abs(expected[i])),
                $"Number {i} is {actual[i]}, expected {expected[i]}.");
        }
    }

    internal static void Different(float[] one, float[] other) =>
        Assert.Contains(Enumerable.Range(0, one.Length), i => MathF.Abs(one[i] - other[i]) > 1e-3f);

    private static void SetMemories(SequenceBatch batch, CrossMemory[]? memories)
    {
        for (int i = 0; memories is not null && i < batch.Count; i++)
        {
            batch.SetMemory(i, memories[i]);
        }
    }

    private static float[][] Step(ILanguageModel model, SequenceBatch batch, int[] tokens)
    {
        Tensor logits = model.Logits(model.Forward(model.Embed(Tensor.From(tokens, [tokens.Length])), batch));
        Assert.Equal(model.VocabularySize, logits.Shape[1]);
        return
        [
            .. Enumerable.Range(0, batch.Count).Select(i => logits.Rows(batch.StartOf(i), batch.RowsOf(i)).ToArray<float>()),
        ];
    }
}
