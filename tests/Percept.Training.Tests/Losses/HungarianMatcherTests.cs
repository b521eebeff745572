using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

public sealed class HungarianMatcherTests
{
    [Fact]
    public void ItFindsTheLeastSumOfAllAssignments()
    {
        var random = new RandomStream(5);
        for (int rows = 1; rows <= 6; rows++)
        {
            for (int columns = 1; columns <= 6; columns++)
            {
                // Whole numbers make ties, real ones do not.
                foreach (bool ties in (bool[])[false, true])
                {
                    Tensor cost = Ops.RandomUniform([rows, columns], random, -3, 3);
                    cost = ties ? Ops.Round(cost) : cost;
                    (int[] got, int[] partners) = HungarianMatcher.Match(cost);
                    Assert.Equal(Math.Min(rows, columns), got.Length);
                    Assert.Equal(got.Order(), got);
                    Assert.Equal(got.Length, got.Distinct().Count());
                    Assert.Equal(partners.Length, partners.Distinct().Count());
                    float[] values = cost.ToArray<float>();
                    double sum = got.Zip(partners, (row, column) => (double)values[(row * columns) + column]).Sum();
                    Assert.Equal(Least(values, rows, columns), sum, 1e-5);
                }
            }
        }
    }

    [Fact]
    public void WithoutTargetsThereAreNoPairs()
    {
        (int[] rows, int[] columns) = HungarianMatcher.Match(Ops.Zeros([4, 0]));
        Assert.Empty(rows);
        Assert.Empty(columns);
        Assert.Throws<ArgumentException>(() => HungarianMatcher.Match(Tensor.From([1f, float.NaN], [1, 2])));
    }

    [Fact]
    public void TheFirstDetrsCostIsMinusTheProbability()
    {
        Tensor logits = Tensor.From([2f, 0f, 0f, 2f], [2, 2]);
        Tensor boxes = Tensor.From([0.5f, 0.5f, 0.2f, 0.2f, 0.5f, 0.5f, 0.2f, 0.2f], [2, 4]);
        Tensor cost = HungarianMatcher.Cost(
            logits, boxes, Tensor.From([1], [1]), boxes.Rows(0, 1), new MatchingCosts { Alpha = null, Class = 1 });
        float p = 1 / (1 + MathF.Exp(2));
        OptimizerTests.AssertClose([-p - 2, -(1 - p) - 2], cost.ToArray<float>(), 1e-5f);
        Assert.Equal([1], HungarianMatcher.Match(cost).Rows);
    }

    /// <summary>Tries every way.</summary>
    private static double Least(float[] cost, int rows, int columns)
    {
        double Best(int row, int used, int left)
        {
            if (left == 0)
            {
                return 0;
            }

            if (row == rows)
            {
                return double.PositiveInfinity;
            }

            double best = Best(row + 1, used, left);
            for (int column = 0; column < columns; column++)
            {
                if ((used & (1 << column)) == 0)
                {
                    best = Math.Min(best, cost[(row * columns) + column] + Best(row + 1, used | (1 << column), left - 1));
                }
            }

            return best;
        }

        return Best(0, 0, Math.Min(rows, columns));
    }
}
