using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>What all optimizers have in common; their numbers are compared by golden cases.</summary>
public sealed class OptimizerTests
{
    /// <summary>Every optimizer, with the settings that give it all of its state.</summary>
    public static TheoryData<OptimizerSettings> All() =>
    [
        new OptimizerSettings { Name = "adamw", WeightDecay = 0.1 },
        new OptimizerSettings { Name = "adamw", WeightDecay = 0.1, AmsGrad = true },
        new OptimizerSettings { Name = "adam", WeightDecay = 0.1 },
        new OptimizerSettings { Name = "adam", WeightDecay = 0.1, AmsGrad = true },
        new OptimizerSettings { Name = "sgd" },
        new OptimizerSettings { Name = "sgd", Momentum = 0.9, Dampening = 0.2, WeightDecay = 0.1 },
        new OptimizerSettings { Name = "sgd", Momentum = 0.9, Nesterov = true },
        new OptimizerSettings { Name = "lion", WeightDecay = 0.1 },
        new OptimizerSettings { Name = "muon", WeightDecay = 0.1 },
        new OptimizerSettings { Name = "rmsprop", Momentum = 0.5, WeightDecay = 0.1 },
        new OptimizerSettings { Name = "adagrad", WeightDecay = 0.1 },
        new OptimizerSettings { Name = "adafactor", Beta1 = 0.9, WeightDecay = 0.1 },
        new OptimizerSettings { Name = "adafactor", RelativeStep = true, WarmupInit = true },
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void ARestoredOneGoesOnAsIfNothingHadHappened(OptimizerSettings settings)
    {
        var whole = new Weights();
        using Optimizer first = settings.Create(whole.OneGroup);
        var halves = new Weights();
        Optimizer second = settings.Create(halves.OneGroup);
        for (int step = 0; step < 6; step++)
        {
            if (step == 3)
            {
                // The state goes through copies, as it would through a file.
                var saved = second.StateTensors().ToDictionary(pair => pair.Key, pair => Ops.Clone(pair.Value));
                long count = second.StepCount;
                second.Dispose();
                second = settings.Create(halves.OneGroup);
                second.Load(count, saved);
            }

            Step(whole, first, step);
            Step(halves, second, step);
        }

        Assert.Equal(6, second.StepCount);
        Assert.Equal(whole.Values(), halves.Values());
        Assert.Equal(
            first.StateTensors().Select(pair => (pair.Key, Convert.ToHexString(pair.Value.Bytes()))),
            second.StateTensors().Select(pair => (pair.Key, Convert.ToHexString(pair.Value.Bytes()))));
        second.Dispose();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TheScaleOfGradientsIsPartOfTheStep(OptimizerSettings settings)
    {
        // A power of two, so that both ways round alike.
        Weights scaled = new(), folded = new();
        using Optimizer first = settings.Create(scaled.OneGroup), second = settings.Create(folded.OneGroup);
        for (int step = 0; step < 4; step++)
        {
            scaled.SetGradients(step, 0.25f);
            first.Step(0.05);
            folded.SetGradients(step);
            second.Step(0.05, 0.25);
        }

        for (int i = 0; i < scaled.All.Length; i++)
        {
            AssertClose(scaled.Values()[i], folded.Values()[i], 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ItFindsTheMinimum(OptimizerSettings settings)
    {
        Tensor target = Ops.RandomNormal([6, 4], new RandomStream(3));
        var weight = new Parameter("w", "w", Ops.Add(target, 1f).RequireGrad());
        using Optimizer optimizer = (settings with { WeightDecay = 0 }).Create([new ParameterGroup([weight])]);
        float first = 0, last = 0;
        for (int step = 0; step < 300; step++)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor loss = Ops.MeanSquaredError(weight.Value, target, Reduction.Sum);
            last = loss.Item();
            first = step == 0 ? last : first;
            Gradients.Backward(loss);

            // Every rule gets near with a rate that falls to 0. Adagrad's steps shrink by themselves, so it begins with more;
            // the relative rate of Adafactor is its own and small.
            optimizer.Step((settings.Name == "adagrad" ? 0.5 : 0.05) * (1 - (step / 300.0)));
            optimizer.ZeroGradients();
        }

        double bound = settings.WarmupInit == true ? 0.99 : 0.02;
        Assert.True(last < bound * first, $"{settings.Name}: the loss went from {first} to {last}.");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AWeightWithoutAGradientStays(OptimizerSettings settings)
    {
        var weights = new Weights();
        float[][] before = weights.Values();
        using Optimizer optimizer = settings.Create(weights.OneGroup);
        optimizer.Step(0.1);
        Assert.Equal(before, weights.Values());
        Assert.All(
            optimizer.StateTensors().Where(pair => pair.Key.EndsWith(".step", StringComparison.Ordinal)),
            pair => Assert.Equal(0, pair.Value.Span<long>()[0]));
    }

    [Fact]
    public void AGradientOfZerosStillDecaysTheWeight()
    {
        var weights = new Weights();
        float[][] before = weights.Values();
        using Optimizer optimizer = new OptimizerSettings { WeightDecay = 0.5 }.Create(weights.OneGroup);
        weights.SetGradients(0, 0);
        optimizer.Step(0.1);
        for (int i = 0; i < before.Length; i++)
        {
            AssertClose([.. before[i].Select(value => value * 0.95f)], weights.Values()[i], 1e-6f);
        }
    }

    [Fact]
    public void GroupsHaveTheirOwnRateAndDecay()
    {
        var weights = new Weights();
        float[][] before = weights.Values();
        weights.SetGradients(0);
        float[][] gradients = [.. weights.All.Select(parameter => parameter.Value.Grad!.Value.ToArray<float>())];
        using Optimizer optimizer = new OptimizerSettings { Name = "sgd", WeightDecay = 0.3 }.Create(
        [
            new ParameterGroup([weights.All[0]]),
            new ParameterGroup([weights.All[1]]) { WeightDecay = 0, LearningRateFactor = 0.1 },
        ]);
        optimizer.Step(0.1);
        float[][] after = weights.Values();
        AssertClose([.. before[0].Select((p, i) => p - (0.1f * (gradients[0][i] + (0.3f * p))))], after[0], 1e-6f);
        AssertClose([.. before[1].Select((p, i) => p - (0.01f * gradients[1][i]))], after[1], 1e-6f);
        Assert.Equal(before[2], after[2]);
    }

    [Fact]
    public void OneMadeInAScopeOutlivesIt()
    {
        var weights = new Weights();
        Optimizer optimizer;
        using (TensorScope.Open())
        {
            optimizer = new Adam(weights.OneGroup);
        }

        weights.SetGradients(0);
        optimizer.Step(0.1);
        Assert.Equal(2 * weights.All.Sum(parameter => parameter.Value.ByteCount), optimizer.StateBytes);
        optimizer.Dispose();
    }

    [Fact]
    public void AStateThatDoesNotFitChangesNothing()
    {
        var weights = new Weights();
        using Optimizer optimizer = new Adam(weights.OneGroup);
        weights.SetGradients(0);
        optimizer.Step(0.1);
        Dictionary<string, Tensor> state =
            optimizer.StateTensors().ToDictionary(pair => pair.Key, pair => Ops.Clone(pair.Value));
        using Optimizer fresh = new Adam(weights.OneGroup);

        Dictionary<string, Tensor> missing = new(state);
        missing.Remove("w1.exp_avg");
        Assert.Contains("w1.exp_avg", Assert.Throws<InvalidDataException>(() => fresh.Load(1, missing)).Message);

        Dictionary<string, Tensor> wrong = new(state) { ["w1.exp_avg_sq"] = Ops.Zeros([3, 5]) };
        Assert.Contains("[5, 3]", Assert.Throws<InvalidDataException>(() => fresh.Load(1, wrong)).Message);

        Dictionary<string, Tensor> more = new(state) { ["w9.exp_avg"] = Ops.Zeros([1]) };
        Assert.Contains("w9.exp_avg", Assert.Throws<InvalidDataException>(() => fresh.Load(1, more)).Message);

        Assert.Equal(0, fresh.StepCount);
        Assert.All(fresh.StateTensors().Values, tensor => Assert.True(tensor.Bytes().IndexOfAnyExcept((byte)0) < 0));
    }

    [Fact]
    public void WrongSettingsAreErrors()
    {
        var weights = new Weights();
        IReadOnlyList<ParameterGroup> groups = weights.OneGroup;
        Assert.Contains(
            "adamw", Assert.Throws<InvalidDataException>(() => new OptimizerSettings { Name = "adam2" }.Create(groups)).Message);
        Assert.Contains(
            "momentum",
            Assert.Throws<InvalidDataException>(() => new OptimizerSettings { Momentum = 0.9 }.Create(groups)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new OptimizerSettings { Beta1 = 1 }.Create(groups));
        Assert.Throws<ArgumentException>(() => new Sgd(groups, new SgdOptions { Nesterov = true }));
        Assert.Contains("w0", Assert.Throws<ArgumentException>(() => new Adam([.. groups, .. groups])).Message);
    }

    internal static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"at {i}: got {actual[i]}, expected {expected[i]}");
        }
    }

    private static void Step(Weights weights, Optimizer optimizer, int step)
    {
        weights.SetGradients(step);
        optimizer.Step(0.05);
        optimizer.ZeroGradients();
    }
}
