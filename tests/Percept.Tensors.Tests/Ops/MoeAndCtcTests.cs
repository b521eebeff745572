using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class MoeAndCtcTests
{
    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(false, true, 1)]
    [InlineData(true, true, 1)]
    [InlineData(true, true, 3)]
    public void RoutedExpertsMatchTheirDefinition(bool sigmoid, bool renormalise, int groups)
    {
        const int Tokens = 7, Width = 5, Experts = 6;
        var routing = new MoeRouting(2) { Sigmoid = sigmoid, Renormalise = renormalise, Scale = 1.5f, Groups = groups, GroupsByTopTwo = true };
        double[] Reference(double[][] v)
        {
            double[] output = new double[Tokens * Width];
            for (int t = 0; t < Tokens; t++)
            {
                double[] scores = [.. Enumerable.Range(0, Experts).Select(e => v[1][(t * Experts) + e])];
                double total = scores.Sum(Math.Exp);
                scores = [.. scores.Select(s => sigmoid ? 1 / (1 + Math.Exp(-s)) : Math.Exp(s) / total)];
                IEnumerable<int> allowed = Enumerable.Range(0, Experts);
                if (groups > 1)
                {
                    int size = Experts / groups;
                    int best = Enumerable.Range(0, groups).MaxBy(g => scores[(g * size)..((g + 1) * size)].OrderDescending().Take(2).Sum());
                    allowed = allowed.Where(e => e / size == best);
                }

                int[] chosen = [.. allowed.OrderByDescending(e => scores[e]).Take(2)];
                double sum = renormalise ? chosen.Sum(e => scores[e]) : 1;
                foreach (int e in chosen)
                {
                    for (int d = 0; d < Width; d++)
                    {
                        double y = Enumerable.Range(0, Width).Sum(i => v[0][(t * Width) + i] * v[2][(((e * Width) + d) * Width) + i]);
                        output[(t * Width) + d] += 1.5 * scores[e] / sum * y;
                    }
                }
            }

            return output;
        }

        GradientCheck.Run(
            t =>
            {
                (Tensor weights, Tensor experts) = Ops.MoeRoute(t[1], routing);
                ExpertOrder order = Ops.MoeOrder(experts, Experts);
                Tensor rows = Ops.ExpertLinear(Ops.ExpertGather(t[0], order), order, [t[2]]);
                return Ops.ExpertCombine(rows, weights, order);
            },
            Reference,
            [
                (GradientCheck.Normal(Tokens * Width, 21), [Tokens, Width]),
                (GradientCheck.Normal(Tokens * Experts, 22), [Tokens, Experts]),
                (GradientCheck.Normal(Experts * Width * Width, 23), [Experts, Width, Width]),
            ]);
    }

    [Fact]
    public void ExpertsThatNoTokenChoseGetZeroGradients()
    {
        Tensor x = Tensor.From(GradientCheck.Normal(6, 1), [2, 3]);
        Tensor[] weights = [.. Enumerable.Range(0, 4).Select(e => Tensor.From(GradientCheck.Normal(6, (ulong)e), [2, 3]).RequireGrad())];
        ExpertOrder order = Ops.MoeOrder(Tensor.From([3, 3], [2, 1]), 4);
        Tensor y = Ops.ExpertLinear(Ops.ExpertGather(x, order), order, weights);
        Assert.Equal(Ops.Linear(x, weights[3]).ToArray<float>(), y.ToArray<float>());
        Gradients.Backward(y, Ops.Ones([2, 2]));
        Assert.All(weights[0].Grad!.Value.ToArray<float>(), v => Assert.Equal(0f, v));
        Assert.Contains(weights[3].Grad!.Value.ToArray<float>(), v => v != 0f);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.MoeOrder(Tensor.From([4, 0], [2, 1]), 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.MoeRoute(Ops.Zeros([2, 4]), new MoeRouting(5)));
        Assert.Throws<ShapeException>(() => Ops.ExpertLinear(Ops.ExpertGather(x, order), order, weights.AsSpan()[..3]));
    }

    [Fact]
    public void RouterLossesMatchTheirDefinitions()
    {
        byte[] mask = [1, 1, 0, 1, 1, 1, 0];
        GradientCheck.Run(
            t => Ops.LoadBalancingLoss(t[0], 2, Tensor.From(mask, [7])),
            v =>
            {
                double[] shares = new double[4], means = new double[4];
                for (int t = 0; t < 7; t++)
                {
                    double total = Enumerable.Range(0, 4).Sum(e => Math.Exp(v[0][(t * 4) + e]));
                    for (int e = 0; e < 4 && mask[t] == 1; e++)
                    {
                        means[e] += Math.Exp(v[0][(t * 4) + e]) / total / 5;
                    }

                    foreach (int e in Enumerable.Range(0, 4).OrderByDescending(e => v[0][(t * 4) + e]).Take(2 * mask[t]))
                    {
                        shares[e] += 1.0 / 5;
                    }
                }

                return [4 * Enumerable.Range(0, 4).Sum(e => shares[e] * means[e])];
            },
            [(GradientCheck.Normal(28, 31), [7, 4])]);
        GradientCheck.Run(
            t => Ops.RouterZLoss(t[0]),
            v => [Enumerable.Range(0, 7).Average(t => Math.Pow(Math.Log(Enumerable.Range(0, 4).Sum(e => Math.Exp(v[0][(t * 4) + e]))), 2))],
            [(GradientCheck.Normal(28, 32), [7, 4])]);
    }

    [Theory]
    [InlineData(Reduction.None)]
    [InlineData(Reduction.Mean)]
    [InlineData(Reduction.Sum)]
    public void CtcSumsOverAllAlignments(Reduction reduction)
    {
        const int Frames = 5, Classes = 4;
        int[][] labels = [[1, 1, 2], [3]];
        int[] lengths = [5, 3];
        Tensor targets = Tensor.From([1L, 1L, 2L, 3L, 0L, 0L], [2, 3]);
        GradientCheck.Run(
            t => Ops.CtcLoss(
                t[0], targets, Tensor.From([5, 3], [2]), Tensor.From([3, 1], [2]), new CtcOptions { Reduction = reduction }),
            v =>
            {
                double[] losses = new double[2];
                for (int b = 0; b < 2; b++)
                {
                    losses[b] = -Math.Log(Paths(lengths[b], Classes)
                        .Where(path => Collapse(path).SequenceEqual(labels[b]))
                        .Sum(path => path.Select((c, f) => Probability(v[0], (b * Frames) + f, c)).Aggregate(1.0, (x, y) => x * y)));
                }

                return reduction switch
                {
                    Reduction.None => losses,
                    Reduction.Sum => [losses.Sum()],
                    _ => [((losses[0] / 3) + losses[1]) / 2],
                };
            },
            [(GradientCheck.Normal(2 * Frames * Classes, 41), [2, Frames, Classes])]);

        static double Probability(double[] logits, int row, int c) =>
            Math.Exp(logits[(row * Classes) + c]) / Enumerable.Range(0, Classes).Sum(k => Math.Exp(logits[(row * Classes) + k]));
    }

    [Fact]
    public void ImpossibleSequencesAreInfiniteOrZero()
    {
        Tensor logits = Ops.Zeros([1, 2, 3]).RequireGrad();
        Tensor targets = Tensor.From([1, 1], [1, 2]), frames = Tensor.From([2], [1]), count = Tensor.From([2], [1]);
        Assert.Equal(float.PositiveInfinity, Ops.CtcLoss(logits, targets, frames, count).Item());
        Tensor zero = Ops.CtcLoss(logits, targets, frames, count, new CtcOptions { ZeroInfinity = true });
        Assert.Equal(0f, zero.Item());
        Gradients.Backward(zero);
        Assert.All(logits.Grad!.Value.ToArray<float>(), v => Assert.Equal(0f, v));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.CtcLoss(logits, targets, Tensor.From([3], [1]), count));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.CtcLoss(logits, Tensor.From([1, 3], [1, 2]), frames, count));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.CtcLoss(logits, Tensor.From([1, 0], [1, 2]), frames, count));
        Gradients.Discard();
    }

    [Fact]
    public void CastsRoundAndSaturate()
    {
        Tensor x = Tensor.From([1.5f, -2.7f, 300f, float.NaN, 0f, 1e20f], [6]);
        Assert.Equal([1, -2, 300, 0, 0, int.MaxValue], Ops.Cast(x, DType.I32).ToArray<int>());
        Assert.Equal([1, 0, 255, 0, 0, 255], Ops.Cast(x, DType.U8).ToArray<byte>());
        Assert.Equal([1, 1, 1, 1, 0, 1], Ops.Cast(x, DType.Bool).ToArray<byte>());
        Assert.Equal([1f, 0f], Ops.Cast(Tensor.From([true, false], [2]), DType.F32).ToArray<float>());
        Assert.Equal((ushort)0x3F81, Ops.Cast(Tensor.From([1.0078126f], [1]), DType.BF16).Span<ushort>()[0]);
        Assert.Equal(7L, Ops.Cast(Ops.Cast(Tensor.From([7L], [1]), DType.F16), DType.I64).ToArray<long>()[0]);
        Assert.Throws<ShapeException>(() => Ops.Cast(x, DType.Q8_0));
        Assert.Equal(0, Ops.Cast(Ops.Zeros([0]), DType.I64).Count);
    }

    [Fact]
    public void DimsNameTheAxisThatDoesNotFit()
    {
        Dims d = Dims.Match(Ops.Zeros([2, 3, 4, 5]), "b 3 h w", "pixels").And(Ops.Zeros([7, 2, 4]), "... b h", "mask");
        Assert.Equal(5, d["w"]);
        ShapeException error = Assert.Throws<ShapeException>(() =>
        {
            Dims.Match(Ops.Zeros([2, 3]), "b d", "x").And(Ops.Zeros([2, 4]), "b d", "y");
        });
        Assert.Equal(("y", 1, "3", "4"), (error.ParamName, error.Axis, error.Expected, error.Actual));
        Assert.Throws<ShapeException>(() =>
        {
            Dims.Match(Ops.Zeros([2, 3]), "b t d", "x");
        });
    }

    private static IEnumerable<int[]> Paths(int frames, int classes)
    {
        for (int code = 0; code < (int)Math.Pow(classes, frames); code++)
        {
            int[] path = new int[frames];
            for (int f = 0, rest = code; f < frames; f++, rest /= classes)
            {
                path[f] = rest % classes;
            }

            yield return path;
        }
    }

    private static IEnumerable<int> Collapse(int[] path) => path.Where((c, f) => c != 0 && (f == 0 || path[f - 1] != c));
}
