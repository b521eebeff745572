using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

public sealed class WeightAverageTests
{
    [Fact]
    public void TheMeanIsTheMeanOfTheStepsWithoutTheStart()
    {
        var weights = new Weights();
        using var average = new WeightAverage(weights.All, new WeightAverageOptions { Kind = WeightAverageKind.Mean });
        var seen = new List<float[]>();
        for (int step = 0; step < 5; step++)
        {
            Ops.CopyTo(Ops.RandomNormal([7], new RandomStream((ulong)step)), weights.All[0].Value);
            average.Update();
            seen.Add(weights.All[0].Value.ToArray<float>());
        }

        float[] expected = [.. Enumerable.Range(0, 7).Select(i => seen.Average(values => values[i]))];
        OptimizerTests.AssertClose(expected, average.Tensors()["w0"].ToArray<float>(), 1e-6f);
    }

    [Fact]
    public void SwappingTwiceIsNothing()
    {
        var weights = new Weights();
        using var average = new WeightAverage(weights.All, new WeightAverageOptions { Decay = 0.5 });
        float[][] start = weights.Values();
        Ops.ScaleInPlace(weights.All[2].Value, 3);
        float[][] trained = weights.Values();
        average.Swap();
        Assert.Equal(start, weights.Values());
        Assert.Equal(trained[2], average.Tensors()["w2"].ToArray<float>());
        average.Swap();
        Assert.Equal(trained, weights.Values());
        Assert.Equal(start[2], average.Tensors()["w2"].ToArray<float>());
    }

    [Fact]
    public void ItGoesOnWhereItWas()
    {
        var weights = new Weights();
        var options = new WeightAverageOptions { Kind = WeightAverageKind.Growing, Decay = 0.9 };
        using WeightAverage whole = new(weights.All, options), first = new(weights.All, options);
        using var second = new WeightAverage(weights.All, options);
        for (int step = 0; step < 6; step++)
        {
            Ops.ScaleInPlace(weights.All[1].Value, 1.1f);
            whole.Update();
            if (step < 3)
            {
                first.Update();
                continue;
            }

            if (step == 3)
            {
                second.Load(first.Steps, first.Tensors());
            }

            second.Update();
        }

        Assert.Equal(whole.Tensors()["w1"].ToArray<float>(), second.Tensors()["w1"].ToArray<float>());
        Assert.Equal(whole.LastDecay, second.LastDecay);
        var none = new Dictionary<string, Tensor>();
        Assert.Contains("w0", Assert.Throws<InvalidDataException>(() => second.Load(1, none)).Message);
    }
}
