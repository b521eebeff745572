using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>What holds of every decoder that looks at an encoder.</summary>
public class CrossDecoderTests
{
    public static TheoryData<string> Names() => [.. TinyEncoders.CrossDecoders.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ACacheChangesNothing(string name)
    {
        ICrossDecoder model = Load(name);
        using CrossMemory memory = Memory(model, 5, seed: 1);
        int[] tokens = Runs.Sequences[0];
        float[] whole = Runs.Whole(model.Decoder, tokens, memory);
        Assert.DoesNotContain(whole, float.IsNaN);
        Runs.Same(whole, Runs.Cached(model.Decoder, [tokens], [1], [memory])[0]);
        Runs.Same(whole, Runs.Cached(model.Decoder, [tokens], [4, 2, 1], [memory])[0]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ABatchIsItsSequences(string name)
    {
        ICrossDecoder model = Load(name);
        using CrossMemory one = Memory(model, 5, seed: 1), other = Memory(model, 2, seed: 2);

        // Neighbours that share a memory, as beams do, and one that does not.
        CrossMemory[] memories = [one, one, other, one];
        float[][] singles = [.. Runs.Sequences.Select((tokens, i) => Runs.Whole(model.Decoder, tokens, memories[i]))];
        float[][] batch = Runs.Batch(model.Decoder, Runs.Sequences, memories);
        float[][] cached = Runs.Cached(model.Decoder, Runs.Sequences, [2, 1], memories);
        for (int i = 0; i < singles.Length; i++)
        {
            Runs.Same(singles[i], batch[i]);
            Runs.Same(singles[i], cached[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheMemoryMatters(string name)
    {
        ICrossDecoder model = Load(name);
        using CrossMemory one = Memory(model, 5, seed: 1), other = Memory(model, 5, seed: 2);
        Runs.Different(Runs.Whole(model.Decoder, [1, 2], one), Runs.Whole(model.Decoder, [1, 2], other));
    }

    [Fact]
    public void ADecoderWithoutItsMemorySaysSo()
    {
        ICrossDecoder model = Load("t5");
        var error = Assert.Throws<InvalidOperationException>(() => Runs.Whole(model.Decoder, [1, 2]));
        Assert.Contains("SetMemory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsReachTheEncodersStates(string name)
    {
        ICrossDecoder model = Load(name);
        using TensorScope scope = TensorScope.Open();
        Tensor states = Ops.RandomNormal([4, model.MemorySize], new RandomStream(5)).RequireGrad();
        using CrossMemory memory = model.Remember(states);
        var batch = new SequenceBatch();
        batch.Add(3);
        batch.Add(2);
        batch.SetMemory(0, memory);
        batch.SetMemory(1, memory);
        Tensor hidden = model.Decoder.Forward(model.Decoder.Embed(Tensor.From([1, 2, 3, 4, 5], [5])), batch);
        Gradients.Backward(Ops.Sum(Ops.Multiply(hidden, Ops.RandomNormal(hidden.Shape, new RandomStream(6)))));
        Assert.Contains(states.Grad!.Value.ToArray<float>(), number => MathF.Abs(number) > 1e-4f);
    }

    [Theory]
    [InlineData("t5")]
    [InlineData("bart")]
    public void TheEncoderFeedsTheDecoder(string name)
    {
        IEncoderDecoder model = TinyEncoders.CrossDecoders[name]().Load().As<IEncoderDecoder>();
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var batch = new SequenceBatch();
        batch.Add(4);
        Tensor states = model.Encoder.Encode(new TextInput(Tensor.From([3, 4, 5, 6], [4])), batch).States;
        Assert.Equal(model.MemorySize, states.Shape[1]);
        using CrossMemory memory = model.Remember(states);
        Assert.Equal(4, memory.Length);
        Assert.Equal(2 * model.Decoder.VocabularySize, Runs.Whole(model.Decoder, [0, 1], memory).Length);
    }

    private static ICrossDecoder Load(string name) => TinyEncoders.CrossDecoders[name]().Load().As<ICrossDecoder>();

    private static CrossMemory Memory(ICrossDecoder model, int length, ulong seed)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        return model.Remember(Ops.RandomNormal([length, model.MemorySize], new RandomStream(seed)));
    }
}
