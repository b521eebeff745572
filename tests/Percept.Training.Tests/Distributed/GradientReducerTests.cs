using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>What ranks agree on, with threads in the place of processes.</summary>
public class GradientReducerTests
{
    [Fact]
    public void TheTreeAddsPairsOfNeighbours()
    {
        for (int ranks = 1; ranks <= 9; ranks++)
        {
            // 1e8 + 1 is 1e8 in float32: each order of adding gives numbers of its own.
            float[][] given = [.. Enumerable.Range(0, ranks).Select(rank => new[] { rank % 2 == 0 ? 1e8f : -1e8f, rank + 1f, 1e-3f * rank, 7 })];
            float[] parts = [.. given.SelectMany(part => part)];
            RankTree.Sum(parts, ranks);
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(Wanted([.. given.Select(part => part[i])]), parts[i]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void GradientsAreSummedWhateverTheBucket(int ranks)
    {
        int[] sizes = [1, 7, 300, 3, 64, 1000, 2];
        foreach (int bucket in (int[])[1, 5, 64, 100, 1 << 16])
        {
            float[][] got = ThreadRanks.Run(ranks, communicator =>
            {
                Parameter[] parameters = Parameters(sizes);
                for (int i = 0; i < sizes.Length; i++)
                {
                    // The fourth has a gradient in the last rank only, the fifth nowhere.
                    if (i != 4 && (i != 3 || communicator.Rank == ranks - 1))
                    {
                        Gradients.Backward(Ops.Sum(Ops.Multiply(parameters[i].Value, Ops.Full(parameters[i].Value.Shape, Value(communicator.Rank, i)))));
                    }
                }

                new GradientReducer(communicator, bucket).Reduce(parameters);
                Assert.Null(parameters[4].Value.Grad);
                return (float[])[.. parameters.Where((_, i) => i != 4).SelectMany(parameter => parameter.Value.Grad!.Value.ToArray<float>())];
            });
            float[] wanted = [.. Enumerable.Range(0, sizes.Length).Where(i => i != 4).SelectMany(i => Enumerable.Repeat(
                Wanted([.. Enumerable.Range(0, ranks).Select(rank => i == 3 && rank != ranks - 1 ? 0 : Value(rank, i))]), sizes[i]))];
            Assert.All(got, rank => Assert.Equal(wanted, rank));
        }
    }

    [Fact]
    public void NumbersAreSummedInTheOrderOfTheRanks()
    {
        double[][] got = ThreadRanks.Run(3, communicator =>
        {
            double[] values = [communicator.Rank + 1, 0.1 * (communicator.Rank + 1)];
            new GradientReducer(communicator).Sum(values);
            return values;
        });
        Assert.All(got, values => Assert.Equal([6, 0.1 + 0.2 + (0.1 * 3)], values));
        Assert.Equal(4.5, new GradientReducer(SingleProcess.Instance).Sum(4.5));
    }

    [Fact]
    public void RanksWithDifferentWeightsAreTold()
    {
        foreach (Func<int, Parameter[]> make in (Func<int, Parameter[]>[])
        [
            rank => Parameters([3, 4 + rank]), rank => Parameters([3, 4], "w" + rank), rank => Parameters(rank == 0 ? [3] : [3, 4]),
        ])
        {
            var error = Assert.Throws<InvalidOperationException>(() => ThreadRanks.Run(2, communicator =>
            {
                new GradientReducer(communicator).Reduce(make(communicator.Rank));
                return 0;
            }));
            Assert.Contains("other weights", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ALeafIsGivenZerosOnce()
    {
        Tensor leaf = Ops.Full([3], 2f).RequireGrad();
        leaf.StartGrad();
        Assert.Equal([0, 0, 0], leaf.Grad!.Value.ToArray<float>());
        Gradients.Backward(Ops.Sum(leaf));
        leaf.StartGrad();
        Assert.Equal([1, 1, 1], leaf.Grad!.Value.ToArray<float>());
        Assert.Throws<InvalidOperationException>(() => Ops.Full([3], 2f).StartGrad());
    }

    [Fact]
    public void SeveralRanksLearnAsOneDoes()
    {
        (double[] losses, string _) = TinyTraining.Run(SingleProcess.Instance);
        Assert.True(losses[^4..].Average() < 0.8 * losses[..4].Average(), string.Join(' ', losses));
        foreach (int ranks in (int[])[2, 3])
        {
            (double[] Losses, string Weights)[] got = ThreadRanks.Run(ranks, TinyTraining.Run);
            Curves.Alike(losses, got[0].Losses);
            Assert.All(got, rank => Assert.Equal((got[0].Losses, got[0].Weights), (rank.Losses, rank.Weights), Curves.SameBits));
        }
    }

    [Fact]
    public void RanksWithoutASampleTakePart()
    {
        // Seven ranks, six samples a batch: one has nothing to learn from, and holds the same weights all the same.
        (double[] Losses, string Weights)[] got = ThreadRanks.Run(TinyTraining.Batch + 1, TinyTraining.Run);
        Curves.Alike(TinyTraining.Run(SingleProcess.Instance).Losses, got[^1].Losses);
        Assert.Single(got.Select(rank => rank.Weights).Distinct());
    }

    private static Parameter[] Parameters(int[] sizes, string name = "w") =>
        [.. sizes.Select((size, i) => new Parameter($"{name}.{i}", $"{name}.{i}", Ops.Zeros([size]).RequireGrad()))];

    private static float Value(int rank, int i) => (rank * 1000.1f) + (i * 0.37f) + 1;

    /// <summary>((0+1)+(2+3))+…, written down as a recursion over halves of powers of two.</summary>
    private static float Wanted(float[] values)
    {
        if (values.Length == 1)
        {
            return values[0];
        }

        int half = 1;
        while (half * 2 < values.Length)
        {
            half *= 2;
        }

        return Wanted(values[..half]) + Wanted(values[half..]);
    }
}
