using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Language;

/// <summary>Decoding token after token takes nothing from the garbage collector.</summary>
[Collection(MemoryCollection.Name)]
public class DecodingMemoryTests
{
    public static TheoryData<string> Decoders() => [.. TinyDecoders.All.Keys];

    public static TheoryData<string> CrossDecoders() => [.. TinyEncoders.CrossDecoders.Keys];

    [Theory]
    [MemberData(nameof(Decoders))]
    public void OfADecoder(string name) => Decode(TinyDecoders.All[name]().Load().As<ILanguageModel>(), []);

    [Theory]
    [MemberData(nameof(CrossDecoders))]
    public void OfADecoderThatLooksAtAnEncoder(string name)
    {
        ICrossDecoder model = TinyEncoders.CrossDecoders[name]().Load().As<ICrossDecoder>();
        using GradientSwitch off = Gradients.Off();
        using CrossMemory one = model.Remember(Ops.RandomNormal([5, model.MemorySize], new RandomStream(1)));
        using CrossMemory other = model.Remember(Ops.RandomNormal([3, model.MemorySize], new RandomStream(2)));
        Decode(model.Decoder, [one, other, one]);
    }

    private static void Decode(ILanguageModel model, CrossMemory[] memories)
    {
        const int Sequences = 3, Steps = 24;
        using GradientSwitch off = Gradients.Off();
        KvCache[] caches = [.. Enumerable.Range(0, Sequences).Select(_ => new KvCache(model.CacheShapes))];
        Array.ForEach(caches, cache => cache.Reserve(Steps));
        var batch = new SequenceBatch(model.PositionAxes);
        int[] tokens = [5, 7, 30];
        long allocated = 0;
        for (int step = 0; step < Steps; step++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using (TensorScope.Open())
            {
                batch.Clear();
                for (int i = 0; i < Sequences; i++)
                {
                    // The first sequence is ahead of the others.
                    if (i == 0 || step > 1)
                    {
                        batch.Add(1, caches[i]);
                    }
                }

                for (int i = 0; i < batch.Count && memories.Length > 0; i++)
                {
                    batch.SetMemory(i, memories[i]);
                }

                Tensor ids = Tensor.From<int>(tokens.AsSpan(0, batch.Count), [batch.Count]);
                model.Logits(model.Forward(model.Embed(ids), batch));
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
        Array.ForEach(caches, cache => cache.Dispose());
    }
}
