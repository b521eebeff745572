using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class LossOpTests
{
    [Theory]
    [InlineData(0f, Reduction.Mean, false, false)]
    [InlineData(0.1f, Reduction.Mean, true, true)]
    [InlineData(0.3f, Reduction.None, false, true)]
    [InlineData(0f, Reduction.Sum, true, false)]
    public void CrossEntropyMatchesItsDefinition(float smoothing, Reduction reduction, bool classWeights, bool spatial)
    {
        const int Classes = 9;
        int[] shape = spatial ? [3, Classes, 2] : [6, Classes];
        long[] targets = [0, 8, -100, 3, 3, 1];
        double[] classWeight = [.. Enumerable.Range(0, Classes).Select(c => classWeights ? 0.5 + (0.1 * c) : 1.0)];
        Tensor target = Tensor.From(targets, spatial ? [3, 2] : [6]);
        var options = new CrossEntropyOptions { LabelSmoothing = smoothing, Reduction = reduction };
        GradientCheck.Run(
            t => Ops.CrossEntropy(
                t[0], target, options, classWeights ? Tensor.From(classWeight.Select(w => (float)w).ToArray(), [Classes]) : null),
            v =>
            {
                double[] losses = new double[6];
                double weights = 0;
                for (int r = 0; r < 6; r++)
                {
                    if (targets[r] >= 0)
                    {
                        double At(int c) => spatial ? v[0][(((r / 2 * Classes) + c) * 2) + (r % 2)] : v[0][(r * Classes) + c];
                        double norm = Math.Log(Enumerable.Range(0, Classes).Sum(c => Math.Exp(At(c))));
                        int t = (int)targets[r];
                        losses[r] = (1 - smoothing) * classWeight[t] * (norm - At(t));
                        losses[r] += smoothing / Classes * Enumerable.Range(0, Classes).Sum(c => classWeight[c] * (norm - At(c)));
                        weights += classWeight[t];
                    }
                }

                return reduction switch
                {
                    Reduction.None => losses,
                    Reduction.Sum => [losses.Sum()],
                    _ => [losses.Sum() / weights],
                };
            },
            [(GradientCheck.Normal(54, 11, 3f), shape)]);
    }

    [Fact]
    public void CausalLossShiftsAndDivides()
    {
        float[] logits = GradientCheck.Normal(2 * 4 * 5, 12);
        Tensor labels = Tensor.From([1L, 2L, -100L, 4L, 0L, 0L, 3L, -100L], [2, 4]);
        double[] expected = new double[8];
        foreach ((int place, int label) in (ReadOnlySpan<(int, int)>)[(0, 2), (2, 4), (4, 0), (5, 3)])
        {
            double norm = Math.Log(Enumerable.Range(0, 5).Sum(c => Math.Exp(logits[(place * 5) + c])));
            expected[place] = norm - logits[(place * 5) + label];
        }

        Tensor x = Tensor.From(logits, [2, 4, 5]);
        Assert.Equal(expected.Sum() / 4, Ops.CausalLanguageModelLoss(x, labels).Item(), 1e-5);
        Assert.Equal(expected.Sum() / 17, Ops.CausalLanguageModelLoss(x, labels, new CrossEntropyOptions { Divisor = 17 }).Item(), 1e-5);
        Tensor each = Ops.CausalLanguageModelLoss(x, labels, new CrossEntropyOptions { Reduction = Reduction.None });
        GradientCheck.AssertClose(expected, each.ToArray<float>(), 1e-5, "losses");
    }

    [Fact]
    public void TargetsOutOfRangeAreRefusedAndEmptyMeansAreNaN()
    {
        Tensor logits = Ops.Zeros([2, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.CrossEntropy(logits, Tensor.From([0, 3], [2])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.CrossEntropy(logits, Tensor.From([0, -1], [2])));
        Assert.Throws<ShapeException>(() => Ops.CrossEntropy(logits, Tensor.From([0], [1])));
        Assert.Throws<DTypeException>(() => Ops.CrossEntropy(logits, Tensor.From([0f, 1f], [2])));
        Assert.True(float.IsNaN(Ops.CrossEntropy(logits, Tensor.From([-100, -100], [2])).Item()));
    }

    public static TheoryData<string> Pairs => ["squared", "absolute", "smooth", "huber", "bce-logits", "bce", "kl", "kl-log"];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void PairLossesMatchTheirDefinitions(string kind)
    {
        float[] x = GradientCheck.Normal(35, 13), t = GradientCheck.Normal(35, 14);
        if (kind is "bce" or "kl")
        {
            t = [.. t.Select(v => 1 / (1 + MathF.Exp(-v)))];
        }

        if (kind is "bce")
        {
            x = [.. x.Select(v => 1 / (1 + MathF.Exp(-v)))];
        }

        float[] positive = [0.5f, 2f, 1f, 3f, 0.1f];
        GradientCheck.Run(
            p => kind switch
            {
                "squared" => Ops.MeanSquaredError(p[0], p[1]),
                "absolute" => Ops.L1Loss(p[0], p[1], Reduction.None),
                "smooth" => Ops.SmoothL1Loss(p[0], p[1], 0.7f, Reduction.Sum),
                "huber" => Ops.HuberLoss(p[0], p[1], 0.7f),
                "bce-logits" => Ops.BinaryCrossEntropyWithLogits(p[0], p[1], Tensor.From(positive, [5])),
                "bce" => Ops.BinaryCrossEntropy(p[0], p[1]),
                "kl" => Ops.KullbackLeibler(p[0], p[1], Reduction.BatchMean),
                _ => Ops.KullbackLeibler(p[0], p[1], Reduction.Sum, logTarget: true),
            },
            v =>
            {
                double[] terms = new double[35];
                for (int i = 0; i < 35; i++)
                {
                    double a = v[0][i], b = v[1][i], d = Math.Abs(a - b), s = 1 / (1 + Math.Exp(-a));
                    terms[i] = kind switch
                    {
                        "squared" => d * d,
                        "absolute" => d,
                        "smooth" => d < 0.7 ? d * d / 1.4 : d - 0.35,
                        "huber" => d <= 0.7 ? d * d / 2 : 0.7 * (d - 0.35),
                        "bce-logits" => -(positive[i % 5] * b * Math.Log(s)) - ((1 - b) * Math.Log(1 - s)),
                        "bce" => -(b * Math.Log(a)) - ((1 - b) * Math.Log(1 - a)),
                        "kl" => b * (Math.Log(b) - a),
                        _ => Math.Exp(b) * (b - a),
                    };
                }

                return kind switch
                {
                    "absolute" => terms,
                    "smooth" or "kl-log" => [terms.Sum()],
                    "kl" => [terms.Sum() / 7],
                    _ => [terms.Sum() / 35],
                };
            },
            [(x, [7, 5]), (t, [7, 5])]);
    }
}
