using Percept.Tensors.Autograd;
using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <summary>A small decoder trained and run: it learns, memory stays flat, and nothing is allocated once it runs.</summary>
[Collection(MemoryCollection.Name)]
public sealed class TrainingLoopTests : IDisposable
{
    private const int Vocabulary = 32, Width = 32, Heads = 2, Length = 12, Inner = 64;

    private static readonly Func<Layer, Tensor, Tensor> s_layer = static (layer, x) => layer.Forward(x);

    public void Dispose() => Gradients.Discard();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void ItLearnsWithoutAllocating(bool scoped, bool checkpointed)
    {
        var model = new Decoder();
        Tensor ids = Tensor.From(Enumerable.Range(0, Length).Select(i => i * 7 % Vocabulary).ToArray(), [1, Length]);
        float first = 0, last = 0;
        long held = 0, allocated = 0;
        for (int step = 1; step <= 120; step++)
        {
            last = scoped ? ScopedStep(model, ids, step) : Step(model, ids, step, checkpointed);
            first = step == 1 ? last : first;
            if (step == 60)
            {
                (held, allocated) = (TensorMemory.InUseBytes + TensorMemory.IdleBytes, GC.GetAllocatedBytesForCurrentThread());
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        Assert.True(TensorMemory.InUseBytes + TensorMemory.IdleBytes <= held + 65536, "Native memory grew.");
        Assert.True(first > 3 && last < 0.1f * first, $"The loss went from {first} to {last}.");
    }

    /// <summary>What ops make for themselves ends with the step, whether the step has begun with them or not.</summary>
    [Fact]
    public void OpsLeaveNothingToTheCollector()
    {
        Tensor w = Tensor.From(Enumerable.Range(0, 32).Select(i => (i % 7 * 0.1f) - 0.3f).ToArray(), [4, 8]).RequireGrad();
        Tensor x = Tensor.From(Enumerable.Range(0, 24).Select(i => (i % 5 * 0.2f) - 0.4f).ToArray(), [3, 8]);
        Tensor q = Tensor.From(Enumerable.Range(0, 32).Select(i => i % 3 * 0.1f).ToArray(), [1, 2, 4, 4]).RequireGrad();
        Tensor mask = Tensor.From([true, false, false, true], [4]), ids = Tensor.From([1, 2, 3], [3]), rows = Tensor.From([1, 0, 1, 1], [4]);
        Tensor ones = Ops.Ones([3]), half = Tensor.From([0.3f], [1]), noise = Ops.Zeros([3, 4]), tokens = Tensor.From([0, 1, 2, 3], [1, 4]);
        var random = new RandomStream(3);
        Shape whole = [1, 4, 8], column = [4, 1];
        (string Name, Func<Tensor> Loss)[] steps =
        [
            ("dropout", () => Ops.Sum(Ops.Dropout(Ops.Linear(x, w), 0.3f, random))),
            ("dropout of a weight", () => Ops.Sum(Ops.Dropout(w, 0.3f, random))),
            ("masked fill", () => Ops.Sum(Ops.MaskedFill(Ops.Linear(x, w), mask, 2f))),
            ("cosine", () => Ops.Sum(Ops.CosineSimilarity(w, Ops.Reshape(Ops.Sum(w, [1]), column)))),
            ("cosine loss", () => Ops.CosineEmbeddingLoss(Ops.Linear(x, w), noise, ones)),
            ("triplet", () => Ops.TripletMarginLoss(Ops.Linear(x, w), noise, noise, swap: true)),
            ("ranking", () => Ops.MarginRankingLoss(Ops.Sum(Ops.Linear(x, w), [1]), ones, ones)),
            ("lerp", () => Ops.Sum(Ops.Lerp(w, w, half))),
            ("gumbel", () => Ops.Sum(Ops.Square(Ops.GumbelSoftmax(Ops.Linear(x, w), noise, 1f, true)))),
            ("cross entropy of a weight", () => Ops.CrossEntropy(w, rows)),
            ("cross entropy", () => Ops.CrossEntropy(Ops.Linear(x, w), ids)),
            ("language", () => Ops.CausalLanguageModelLoss(Ops.Reshape(w, whole), tokens)),
            ("attention of weights", () => Ops.Sum(Ops.Attention(q, q, q))),
            ("weight norm", () => Ops.Sum(Ops.WeightNorm(w, Ops.Sum(w, [1])))),
        ];
        var left = new List<string>();
        foreach ((string name, Func<Tensor> loss) in steps)
        {
            long held = 0, allocated = 0;
            for (int step = 0; step < 60; step++)
            {
                if (step == 30)
                {
                    (held, allocated) = (TensorMemory.InUseBytes, GC.GetAllocatedBytesForCurrentThread());
                }

                Gradients.Backward(loss());
                w.ZeroGrad();
                q.ZeroGrad();
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread() - allocated, native = TensorMemory.InUseBytes - held;
            if (bytes > 0 || native > 0)
            {
                left.Add($"{name}: {bytes / 30} bytes of the heap and {native / 30} of tensors a step");
            }
        }

        Assert.Empty(left);
    }

    [Fact]
    public void AFrozenPartGetsNoGradientMemory()
    {
        var model = new Decoder();
        model.Embedding.RequireGrad(false);
        foreach (Tensor weight in model.Layers[0].Weights)
        {
            weight.RequireGrad(false);
        }

        Tensor ids = Tensor.From(Enumerable.Range(0, Length).ToArray(), [1, Length]);
        Tensor hidden = Ops.Embedding(ids, model.Embedding);
        Tensor frozen = model.Layers[0].Forward(hidden);
        Assert.Equal(0, Gradients.RecordedOps);
        Gradients.Backward(model.Loss(model.Layers[1].Forward(frozen), ids));
        Assert.All(model.Layers[0].Weights, weight => Assert.Null(weight.Grad));
        Assert.All(model.Layers[1].Weights, weight => Assert.NotNull(weight.Grad));
    }

    [Fact]
    public void CheckpointedGradientsEqualPlainOnes()
    {
        var model = new Decoder();
        Tensor ids = Tensor.From(Enumerable.Range(0, Length).ToArray(), [1, Length]);
        Gradients.Backward(model.Run(ids, false));
        float[][] plain = [.. model.Parameters.Select(p => p.Grad!.Value.ToArray<float>())];
        foreach (Tensor parameter in model.Parameters)
        {
            parameter.ZeroGrad();
        }

        Gradients.Backward(model.Run(ids, true));
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i], model.Parameters[i].Grad!.Value.ToArray<float>());
        }
    }

    [Fact]
    public void DecodingAllocatesNothing()
    {
        var model = new Decoder();
        Tensor keys = Ops.Zeros([1, Heads, 64, Width / Heads]), values = Ops.Zeros([1, Heads, 64, Width / Heads]);
        Tensor lengths = Tensor.From([0], [1]);
        Tensor id = Tensor.From([1], [1, 1]);

        // Constant shapes outside the loop: unoptimised code makes an array of a literal.
        Shape one = [1, Heads, 1, Width / Heads], row = [1, Width];
        long allocated = 0;
        using (Gradients.Off())
        {
            for (int t = 0; t < 200; t++)
            {
                using TensorScope scope = TensorScope.Open();
                Tensor x = Ops.Embedding(id, model.Embedding);
                Tensor q = Ops.Reshape(Ops.Linear(x, model.Layers[0].Weights[0]), one);
                lengths.Writable<int>()[0] = (t % 64) + 1;
                Tensor y = Ops.Attention(q, keys, values, null, new AttentionInputs { KeyLengths = lengths });
                Tensor logits = Ops.Linear(Ops.RmsNorm(Ops.Reshape(y, row)), model.Embedding);
                id.Writable<int>()[0] = Best(logits);
                if (t == 100)
                {
                    allocated = GC.GetAllocatedBytesForCurrentThread();
                }
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private static int Best(Tensor logits)
    {
        Tensor best = Ops.ArgMax(logits);
        return best.DType == DType.I64 ? (int)best.Span<long>()[0] : best.Span<int>()[0];
    }

    private static float ScopedStep(Decoder model, Tensor ids, int step)
    {
        using TensorScope scope = TensorScope.Open();
        return Step(model, ids, step, false);
    }

    private static float Step(Decoder model, Tensor ids, int step, bool checkpointed)
    {
        Tensor loss = model.Run(ids, checkpointed);
        Gradients.Backward(loss);
        for (int i = 0; i < model.Parameters.Length; i++)
        {
            Tensor parameter = model.Parameters[i];
            Ops.AdamUpdate(parameter, parameter.Grad!.Value, model.First[i], model.Second[i], new AdamStep(step, 0.01));
            parameter.ZeroGrad();
        }

        return loss.Item();
    }

    private sealed class Layer
    {
        private readonly Tensor _cos;
        private readonly Tensor _sin;

        internal Layer(RandomStream random, Tensor cos, Tensor sin)
        {
            _cos = cos;
            _sin = sin;
            Weights =
            [
                Weight(random, Width, Width), Weight(random, Width, Width), Weight(random, Width, Width), Weight(random, Width, Width),
                Weight(random, Inner, Width), Weight(random, Inner, Width), Weight(random, Width, Inner),
                Ops.Ones([Width]).RequireGrad(), Ops.Ones([Width]).RequireGrad(),
            ];
        }

        internal Tensor[] Weights { get; }

        internal static Tensor Weight(RandomStream random, int rows, int columns)
        {
            Tensor weight = Ops.RandomNormal([rows, columns], random);
            Ops.ScaleInPlace(weight, 0.15f);
            return weight.RequireGrad();
        }

        internal Tensor Forward(Tensor x)
        {
            Tensor normed = Ops.RmsNorm(x, Weights[7]);
            Shape split = [x.Shape[0], x.Shape[1], Heads, Width / Heads];
            Tensor q = Ops.Rope(Ops.Reshape(Ops.Linear(normed, Weights[0]), split), _cos, _sin, headsFirst: false);
            Tensor k = Ops.Rope(Ops.Reshape(Ops.Linear(normed, Weights[1]), split), _cos, _sin, headsFirst: false);
            Tensor v = Ops.Reshape(Ops.Linear(normed, Weights[2]), split);
            Tensor mixed = Ops.Attention(q, k, v, new AttentionOptions { Causal = true, TimeFirst = true });
            Tensor h = Ops.Add(x, Ops.Linear(Ops.Reshape(mixed, x.Shape), Weights[3]));
            Tensor inner = Ops.RmsNorm(h, Weights[8]);
            return Ops.Add(h, Ops.Linear(Ops.SwiGlu(Ops.Linear(inner, Weights[4]), Ops.Linear(inner, Weights[5])), Weights[6]));
        }
    }

    private sealed class Decoder
    {
        internal Decoder()
        {
            var random = new RandomStream(5);
            (float[] frequencies, _) = new RopeFrequencies { RotaryDimension = Width / Heads }.Compute();
            var cos = new float[Length * frequencies.Length];
            var sin = new float[cos.Length];
            for (int i = 0; i < cos.Length; i++)
            {
                (sin[i], cos[i]) = MathF.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
            }

            Shape shape = [Length, frequencies.Length];
            Tensor cosines = Tensor.From(cos, shape), sines = Tensor.From(sin, shape);
            Embedding = Layer.Weight(random, Vocabulary, Width);
            Layers = [new Layer(random, cosines, sines), new Layer(random, cosines, sines)];
            Parameters = [Embedding, .. Layers.SelectMany(layer => layer.Weights)];
            First = [.. Parameters.Select(p => Ops.Zeros(p.Shape))];
            Second = [.. Parameters.Select(p => Ops.Zeros(p.Shape))];
        }

        internal Tensor Embedding { get; }

        internal Layer[] Layers { get; }

        internal Tensor[] Parameters { get; }

        internal Tensor[] First { get; }

        internal Tensor[] Second { get; }

        internal Tensor Run(Tensor ids, bool checkpointed)
        {
            Tensor x = Ops.Embedding(ids, Embedding);
            foreach (Layer layer in Layers)
            {
                x = checkpointed ? Gradients.Checkpoint(layer, s_layer, x) : layer.Forward(x);
            }

            return Loss(x, ids);
        }

        internal Tensor Loss(Tensor hidden, Tensor ids) =>
            Ops.CausalLanguageModelLoss(Ops.Linear(Ops.RmsNorm(hidden), Embedding), ids);
    }
}
