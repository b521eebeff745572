using System.Security.Cryptography;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training.Tests.Distributed;

/// <summary>A small Llama that learns texts of different lengths, of which different numbers of tokens are supervised.</summary>
internal static class TinyTraining
{
    internal const int Steps = 20;
    internal const int Batch = 6;

    private const int Samples = 24;

    /// <summary>Trains, each rank on its share of every batch.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <returns>The loss of each step over all ranks, and a digest of the weights behind the last one.</returns>
    internal static (double[] Losses, string Weights) Run(ICommunicator ranks)
    {
        string folder = Path.Combine(
            CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"), "text", "llama", "default", "checkpoint");
        LoadedModel loaded = ModelLoader.Load(folder, new LoadOptions { Trains = static _ => true });
        ILanguageModel model = loaded.As<ILanguageModel>();
        IReadOnlyList<Parameter> parameters = loaded.Report.Trained;
        var reducer = new GradientReducer(ranks, bucketElements: 5000);
        if (ranks.Rank > 0)
        {
            // What the other ranks begin with is rank 0's, whatever was there.
            parameters[0].Value.Writable<float>().Fill(1);
        }

        reducer.ShareWeights(parameters);
        Tensor[] first = [.. parameters.Select(parameter => Ops.Zeros(parameter.Value.Shape).KeepAlways())];
        Tensor[] second = [.. parameters.Select(parameter => Ops.Zeros(parameter.Value.Shape).KeepAlways())];
        var losses = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            int[] order = [.. Enumerable.Range(0, Batch).Select(i => ((step * Batch) + i) * 7 % Samples)];
            losses[step] = Step(reducer, model, parameters, ShardedOrder.Of(ranks).Share(order));
            using GradientSwitch off = Gradients.Off();
            for (int i = 0; i < parameters.Count; i++)
            {
                Tensor value = parameters[i].Value;
                Ops.AdamUpdate(value, value.Grad!.Value, first[i], second[i], new AdamStep(step + 1, 3e-3));
                value.ZeroGrad();
            }
        }

        return (losses, Digest(parameters));
    }

    /// <summary>The gradients of a share, summed over the ranks.</summary>
    /// <returns>The mean loss of a supervised token over all ranks.</returns>
    private static double Step(GradientReducer reducer, ILanguageModel model, IReadOnlyList<Parameter> parameters, int[] samples)
    {
        var batch = new SequenceBatch();
        var ids = new List<long>();
        var targets = new List<long>();
        foreach (int sample in samples)
        {
            (long[] text, long[] wanted) = Sample(sample, model.VocabularySize);
            batch.Add(text.Length);
            ids.AddRange(text);
            targets.AddRange(wanted);
        }

        double tokens = reducer.Sum(targets.Count(target => target >= 0));
        double loss = 0;
        if (samples.Length > 0)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor hidden = model.Forward(model.Embed(Tensor.From(ids.ToArray(), [ids.Count])), batch);
            Tensor share = Ops.CrossEntropy(
                model.Logits(hidden), Tensor.From(targets.ToArray(), [targets.Count]), new CrossEntropyOptions { Divisor = tokens });
            loss = share.Span<float>()[0];
            Gradients.Backward(share);
        }

        reducer.Reduce(parameters);
        return reducer.Sum(loss);
    }

    /// <summary>A text of 4 to 16 tokens with a pattern that can be learnt; the first half is not supervised.</summary>
    private static (long[] Ids, long[] Targets) Sample(int number, int vocabulary)
    {
        var random = new RandomStream(11, (ulong)number);
        int length = 4 + random.NextInt32(13);
        long[] ids = new long[length], targets = new long[length];
        ids[0] = random.NextInt32(vocabulary);
        for (int i = 1; i < length; i++)
        {
            ids[i] = ((ids[i - 1] * 5) + number) % vocabulary;
        }

        for (int i = 0; i < length; i++)
        {
            targets[i] = i + 1 < length && i >= length / 2 ? ids[i + 1] : -100;
        }

        return (ids, targets);
    }

    private static string Digest(IReadOnlyList<Parameter> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in parameters)
        {
            hash.AppendData(parameter.Value.Bytes());
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
