using Percept.Checkpoints;
using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Vision;

/// <summary>CLIP's ResNet, at other sizes and depths than those of the golden case.</summary>
[Collection(MemoryCollection.Name)]
public class ClipResNetTests
{
    [Theory]
    [InlineData(4, 1, new[] { 1, 1, 1, 1 })]
    [InlineData(4, 3, new[] { 2, 1, 3, 2 })]
    [InlineData(5, 2, new[] { 1, 2, 1, 1 })]
    public void ItIsWhatLoopsMakeOfItsTensors(int width, int side, int[] depths)
    {
        using GradientSwitch off = Gradients.Off();
        Dictionary<string, Tensor> tensors = ClipResNetTwin.Random(width, side, depths);
        (DualEncoder model, LoadReport report) = Load(tensors);
        Assert.Equal(tensors.Keys.Count(key => key.EndsWith("num_batches_tracked", StringComparison.Ordinal)), report.Ignored.Count);
        Tensor pixels = GoldenCheckpoints.Pixels(2, side * 32, side * 32);
        VisionOutput output = model.Encode(new VisionInput(pixels));
        Assert.Equal([2, side * side, width * 32], output.LastHiddenState.Shape.Sizes.ToArray());
        Tensor features = output.Features!.Value;
        Assert.Equal([2, ClipResNetTwin.Shared], features.Shape.Sizes.ToArray());
        for (int picture = 0; picture < 2; picture++)
        {
            double[] want = ClipResNetTwin.Features(tensors, width, depths, Ops.Narrow(pixels, 0, picture, 1));
            for (int i = 0; i < want.Length; i++)
            {
                double got = features.ToArray<float>()[(picture * want.Length) + i];
                Assert.True(Math.Abs(got - want[i]) <= 1e-4 * (1 + Math.Abs(want[i])), $"{picture}, {i}: {got}, expected {want[i]}");
            }
        }
    }

    [Theory]
    [InlineData("visual.layer3.0.conv1.weight", "layer3")]
    [InlineData("visual.layer2.0.downsample.0.weight", "downsample")]
    [InlineData("visual.bn2.running_var", "running_var")]
    [InlineData("visual.attnpool.c_proj.bias", "c_proj")]
    public void WhatIsMissingIsNamed(string name, string told)
    {
        Dictionary<string, Tensor> tensors = ClipResNetTwin.Random(2, 1, [1, 1, 1, 1]);
        Assert.True(tensors.Remove(name));
        Exception error = Assert.ThrowsAny<Exception>(() => Load(tensors));
        Assert.True(error is InvalidDataException or KeyNotFoundException, error.ToString());
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsTooMuchIsNamed()
    {
        Dictionary<string, Tensor> tensors = ClipResNetTwin.Random(2, 1, [1, 1, 1, 1]);
        tensors["visual.layer1.1.bn1.weight"] = Ops.Zeros([2]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Load(tensors));
        Assert.Contains("visual.layer1.1.bn1.weight", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void PositionsThatAreNoSquareAreRefused(int rows)
    {
        Dictionary<string, Tensor> tensors = ClipResNetTwin.Random(2, 1, [1, 1, 1, 1]);
        tensors["visual.attnpool.positional_embedding"] = Ops.Zeros([rows, 64]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Load(tensors));
        Assert.Contains("visual.attnpool.positional_embedding", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PicturesAndPartsThatItCanNotTakeAreRefused()
    {
        using GradientSwitch off = Gradients.Off();
        (DualEncoder model, _) = Load(ClipResNetTwin.Random(2, 2, [1, 1, 1, 1]));
        Assert.Throws<ShapeException>(() => model.Encode(new VisionInput(GoldenCheckpoints.Pixels(1, 32, 128))));
        Assert.Throws<ShapeException>(() => model.Encode(new VisionInput(Ops.Zeros([1, 1, 64, 64]))));
        Tensor pixels = GoldenCheckpoints.Pixels(1, 64, 64);
        Assert.Throws<NotSupportedException>(() => model.Encode(new VisionInput(pixels) { InterpolatePositions = true }));
        Assert.Throws<OperationCanceledException>(
            () => model.Encode(new VisionInput(pixels), null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void RunsTakeNoMoreMemoryAndRecordingChangesNoNumber()
    {
        Tensor pixels = GoldenCheckpoints.Pixels(1, 64, 64).RequireGrad();
        (DualEncoder model, _) = Load(ClipResNetTwin.Random(4, 2, [1, 2, 1, 1]));
        Tensor recorded = model.Encode(new VisionInput(pixels)).Features!.Value;
        using (Gradients.Off())
        {
            Compare.Same(model.Encode(new VisionInput(pixels)).Features!.Value, recorded);
            long allocated = 0;
            for (int i = 0; i < 50; i++)
            {
                using (TensorScope.Open())
                {
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    model.Encode(new VisionInput(pixels));
                    allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                }
            }

            Assert.Equal(0, allocated);
        }

        Gradients.Backward(Ops.Sum(Ops.Square(recorded)));
        Assert.Contains(pixels.Grad!.Value.ToArray<float>(), value => value != 0);
    }

    private static (DualEncoder Model, LoadReport Report) Load(Dictionary<string, Tensor> tensors)
    {
        using GradientSwitch off = Gradients.Off();
        var source = new MemorySource(tensors);
        using var files = new ModelFiles("memory", OpenAiClip.Describe(source)!, [(source, KeyMap.Identity)]);
        DualEncoder model = OpenAiClip.Make(files);
        return (model, files.Finish());
    }
}
