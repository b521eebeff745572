using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Vision;

public class VisionBackboneTests
{
    [Theory]
    [InlineData("encoders/dinov2/mlp")]
    [InlineData("encoders/dinov2_with_registers/basic")]
    [InlineData("encoders/dinov3_vit/mlp")]
    public void FeatureMapsAreTheNormedPatchesInTheirPlaces(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var model = (VitModel)GoldenCheckpoints.Load(name);
        Tensor pixels = GoldenCheckpoints.Pixels(2, 12, 20);
        Tensor last = model.Encode(new VisionInput(pixels)).LastHiddenState;
        Assert.Equal(1, model.MapCount);
        var maps = new Tensor[1];
        model.FeatureMaps(pixels, maps);
        Assert.Equal([2, model.HiddenSize, 3, 5], maps[0].Shape.Sizes.ToArray());
        float[] map = maps[0].ToArray<float>(), tokens = last.ToArray<float>();
        int count = last.Shape[1], hidden = model.HiddenSize;
        for (int at = 0; at < map.Length; at++)
        {
            int picture = at / (hidden * 15), channel = at / 15 % hidden, patch = at % 15;
            Assert.Equal(tokens[(((picture * count) + model.PrefixTokens + patch) * hidden) + channel], map[at], 1e-6f);
        }
    }

    [Fact]
    public void WithoutNoiseAMaskedAutoencoderSeesEveryPatchInItsPlace()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (IVisionEncoder)GoldenCheckpoints.Load("encoders/vit_mae/features");
        Tensor pixels = GoldenCheckpoints.Pixels(2, 16, 16);
        Tensor rising = Ops.Expand(Ops.Arange(16), 2, -1);
        Compare.Close(
            model.Encode(new VisionInput(pixels) { Noise = rising }).LastHiddenState,
            model.Encode(new VisionInput(pixels)).LastHiddenState, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void HiddenPatchesAreNotSeen(ulong seed)
    {
        using GradientSwitch off = Gradients.Off();
        var model = (IMaskedReconstruction)GoldenCheckpoints.Load("encoders/vit_mae/pretrain");
        Tensor pixels = GoldenCheckpoints.Pixels(1, 16, 16, seed + 3);
        Tensor noise = Ops.RandomUniform([1, 16], new RandomStream(seed));
        MaskedReconstruction first = model.Reconstruct(new VisionInput(pixels) { Noise = noise });
        float[] mask = first.Mask.ToArray<float>();
        Assert.Equal(8, mask.Sum());

        // Other pixels in the hidden patches change the loss, but nothing that the model says.
        Tensor other = Ops.Clone(pixels);
        Span<float> values = other.Writable<float>();
        for (int i = 0; i < values.Length; i++)
        {
            int row = i / 16 % 16, column = i % 16;
            values[i] += mask[(row / 4 * 4) + (column / 4)];
        }

        MaskedReconstruction second = model.Reconstruct(new VisionInput(other) { Noise = noise });
        Compare.Same(first.Logits, second.Logits);
        Assert.NotEqual(first.Loss.Item(), second.Loss.Item());
    }

    [Fact]
    public void APaddedPictureOfItsOwnGridIsAsAlone()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (Siglip2VisionModel)((DualEncoder)GoldenCheckpoints.Load("encoders/siglip2/naflex")).VisionModel;
        Tensor patches = Ops.RandomNormal([2, 12, 48], new RandomStream(5));
        Tensor mask = Tensor.From((long[])[.. Enumerable.Repeat(1L, 12), .. Enumerable.Repeat(1L, 6), .. new long[6]], [2, 12]);
        Tensor shapes = Tensor.From([3L, 4L, 2L, 3L], [2, 2]);
        VisionOutput together = model.Encode(new VisionInput(patches) { PatchMask = mask, SpatialShapes = shapes });
        Tensor alone = Ops.Slice(patches.Rows(1, 1), 1, 0, 6);
        VisionOutput second = model.Encode(new VisionInput(alone) { SpatialShapes = Tensor.From([2L, 3L], [1, 2]) });
        Compare.Close(second.Pooled!.Value, together.Pooled!.Value.Rows(1, 1));
        Assert.Throws<ArgumentException>(
            () => model.Encode(new VisionInput(patches) { PatchMask = mask, SpatialShapes = Tensor.From([3L, 5L, 2L, 3L], [2, 2]) }));
    }
}
