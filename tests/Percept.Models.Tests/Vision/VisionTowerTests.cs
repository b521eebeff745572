using Percept.Conformance;
using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Vision;

/// <summary>What every vision tower promises, whatever its family.</summary>
[Collection(MemoryCollection.Name)]
public class VisionTowerTests
{
    public static TheoryData<string> Towers() =>
    [
        "encoders/clip/vision", "encoders/siglip/vision-no-head", "encoders/siglip2/vision-no-head", "encoders/dinov2/mlp",
        "encoders/dinov2/swiglu", "encoders/dinov2_with_registers/basic", "encoders/dinov3_vit/gated", "encoders/vit/pooler",
        "encoders/vit_mae/features", "encoders/deit/teacher", "encoders/ijepa/basic",
    ];

    [Theory]
    [MemberData(nameof(Towers))]
    public void StatesAreThoseOfTheWholeRun(string name)
    {
        using GradientSwitch off = Gradients.Off();
        object model = GoldenCheckpoints.Load(name);
        var tower = (IVisionTower)model;
        Tensor pixels = GoldenCheckpoints.Pixels(2, 16, 16);
        var trace = new KeptStates();
        ((IVisionEncoder)model).Encode(new VisionInput(pixels), trace);
        Assert.Equal(tower.LayerCount + 1, trace.States.Count);
        for (int deepest = 0; deepest <= tower.LayerCount; deepest++)
        {
            // Also out of order and twice.
            int[] layers = [deepest, 0, deepest / 2, deepest];
            var states = new Tensor[4];
            tower.States(pixels, layers, states);
            for (int i = 0; i < 4; i++)
            {
                Compare.Same(trace.States[layers[i]], states[i]);
            }

            Assert.Equal([2, tower.PrefixTokens + 16, tower.HiddenSize], states[0].Shape.Sizes.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Towers))]
    public void ABatchIsItsPicturesAlone(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var model = (IVisionEncoder)GoldenCheckpoints.Load(name);
        Tensor pixels = GoldenCheckpoints.Pixels(3, 16, 16);
        Tensor together = model.Encode(new VisionInput(pixels)).LastHiddenState;
        for (int i = 0; i < 3; i++)
        {
            Tensor alone = model.Encode(new VisionInput(pixels.Rows(i, 1))).LastHiddenState;
            Compare.Close(together.Rows(i, 1), alone);
        }
    }

    [Theory]
    [MemberData(nameof(Towers))]
    public void RecordingChangesNoNumber(string name)
    {
        var model = (IVisionEncoder)GoldenCheckpoints.Load(name);
        Tensor pixels = GoldenCheckpoints.Pixels(2, 16, 16).RequireGrad();
        Tensor recorded = model.Encode(new VisionInput(pixels)).LastHiddenState;
        using (Gradients.Off())
        {
            Compare.Same(model.Encode(new VisionInput(pixels)).LastHiddenState, recorded);
        }

        Gradients.Backward(Ops.Sum(Ops.Square(recorded)));
        Assert.Contains(pixels.Grad!.Value.ToArray<float>(), value => value != 0);
    }

    [Theory]
    [MemberData(nameof(Towers))]
    public void StatesOutliveTheirMakingAndRunsTakeNoMoreMemory(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var tower = (IVisionTower)GoldenCheckpoints.Load(name);
        Tensor pixels = GoldenCheckpoints.Pixels(1, 16, 16);
        int[] layers = [1, 0];
        var states = new Tensor[2];

        // Code that is compiled again meanwhile may allocate once; what a run needs, it needs in each.
        long allocated = long.MaxValue;
        for (int i = 0; i < 50; i++)
        {
            using (TensorScope.Open())
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                tower.States(pixels, layers, states);
                long own = GC.GetAllocatedBytesForCurrentThread() - before;
                allocated = i < 40 ? allocated : Math.Min(allocated, own);
                Assert.False(states[0].IsDisposed);
                Assert.Equal(tower.HiddenSize, states[1].Shape[2]);
            }
        }

        Assert.Equal(0, allocated);
        Assert.All(states, state => Assert.True(state.IsDisposed));
    }

    [Theory]
    [MemberData(nameof(Towers))]
    public void LayersThatAreNotThereAreRefused(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var tower = (IVisionTower)GoldenCheckpoints.Load(name);
        Tensor pixels = GoldenCheckpoints.Pixels(1, 16, 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => tower.States(pixels, [tower.LayerCount + 1], new Tensor[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tower.States(pixels, [-1], new Tensor[1]));
        Assert.Throws<OperationCanceledException>(
            () => tower.States(pixels, [tower.LayerCount], new Tensor[1], new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData("encoders/clip/vision")]
    [InlineData("encoders/siglip/vision-no-head")]
    [InlineData("encoders/vit/pooler")]
    [InlineData("encoders/vit_mae/features")]
    public void OtherSizesNeedToBeAskedFor(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var model = (IVisionEncoder)GoldenCheckpoints.Load(name);
        Tensor pixels = GoldenCheckpoints.Pixels(1, 24, 12);
        ShapeException error = Assert.Throws<ShapeException>(() => model.Encode(new VisionInput(pixels)));
        Assert.Contains("16×16", error.Message, StringComparison.Ordinal);
        int tokens = 18 + ((IVisionTower)model).PrefixTokens;
        Assert.Equal(tokens, model.Encode(new VisionInput(pixels) { InterpolatePositions = true }).LastHiddenState.Shape[1]);
    }

    [Fact]
    public void PartsOfTheInputThatAModelDoesNotKnowAreRefused()
    {
        using GradientSwitch off = Gradients.Off();
        Tensor pixels = GoldenCheckpoints.Pixels(1, 16, 16);
        var noise = new VisionInput(pixels) { Noise = Ops.Zeros([1, 16]) };
        var masked = new VisionInput(pixels) { MaskedPatches = Ops.Zeros([1, 16], DType.Bool) };
        Assert.Throws<NotSupportedException>(() => Model("encoders/clip/vision").Encode(noise));
        Assert.Throws<NotSupportedException>(() => Model("encoders/dinov2/mlp").Encode(noise));
        Assert.Throws<NotSupportedException>(() => Model("encoders/siglip/vision-no-head").Encode(masked));

        // ViT could hide patches, but this checkpoint has no mask token.
        Assert.Throws<NotSupportedException>(() => Model("encoders/vit/pooler").Encode(masked));
        Assert.Throws<NotSupportedException>(
            () => ((IImageClassifier)Model("encoders/vit/pooler")).Classify(new VisionInput(pixels)));

        static IVisionEncoder Model(string name) => (IVisionEncoder)GoldenCheckpoints.Load(name);
    }

    private sealed class KeptStates : ForwardTrace
    {
        internal List<Tensor> States { get; } = [];

        public override void See(string name, Tensor value)
        {
            Assert.Equal($"hidden_states.{States.Count}", name);
            States.Add(Ops.Clone(value).KeepAlways());
        }
    }
}
