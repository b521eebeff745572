using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>What the mended modes of printed classes do differently.</summary>
public class LiteralModelTests
{
    private readonly NativeMultimodalTransformer _native =
        (NativeMultimodalTransformer)GoldenCheckpoints.Load("llava/seed-NativeMultimodalTransformer/literal");

    private static Tensor Text(params int[] ids) => Tensor.From(ids, [1, ids.Length]);

    [Fact]
    public void CausalTextSeesThePictureAndNoLaterWord()
    {
        using GradientSwitch off = Gradients.Off();
        Tensor patches = Ops.RandomNormal([1, 4, 27], new RandomStream(1)), others = Ops.RandomNormal([1, 4, 27], new RandomStream(2));
        Tensor Logits(Tensor text, Tensor seen) => _native.Forward(text, seen, null, NativeFusion.Causal).Logits;
        Tensor one = Logits(Text(3, 4, 5), patches);
        Assert.Equal(3, one.Shape[1]);
        Tensor later = Logits(Text(3, 4, 9), patches);
        Compare.Same(Ops.Narrow(one, 1, 0, 2), Ops.Narrow(later, 1, 0, 2));
        Assert.False(Ops.Narrow(one, 1, 2, 1).ToArray<float>().SequenceEqual(Ops.Narrow(later, 1, 2, 1).ToArray<float>()));
        Assert.False(one.Span<float>().SequenceEqual(Logits(Text(3, 4, 5), others).Span<float>()));
    }

    [Fact]
    public void PrintedTextIsNotEvenReadWhereAPictureFollows()
    {
        using GradientSwitch off = Gradients.Off();
        Tensor patches = Ops.RandomNormal([1, 4, 27], new RandomStream(1));
        NativeOutput output = _native.Forward(Text(3, 4, 5), patches, null);
        Assert.Equal(7, output.Hidden.Shape[1]);
        NativeOutput alone = _native.Forward(null, patches, null);
        Assert.Equal(4, alone.Logits.Shape[1]);
        Assert.Throws<ArgumentException>(() => _native.Forward(null, null, null));
        Assert.Throws<ArgumentException>(() => _native.Forward(Text(Enumerable.Repeat(1, 21).ToArray()), null, null));
    }

    [Fact]
    public void ClipsNeedAsManyFramesAsThereAreTimes()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (VideoMllm)GoldenCheckpoints.Load("llava/seed-VideoMLLM/literal");
        Tensor frames = Ops.RandomNormal([1, 3, 3, 12, 12], new RandomStream(1));
        ArgumentException error = Assert.Throws<ArgumentException>(() => model.Encode(frames));
        Assert.Contains("3 frames", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, model.Encode(frames, usesTimes: false).Shape[1]);
    }
}
