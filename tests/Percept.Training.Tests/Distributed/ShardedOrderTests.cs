using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>The shares of the ranks are the whole batch, each sample once.</summary>
public class ShardedOrderTests
{
    [Fact]
    public void SharesAreTheWholeBatch()
    {
        foreach (int size in (int[])[1, 2, 3, 4, 7])
        {
            for (int batch = 0; batch <= 15; batch++)
            {
                int[] all = [.. Enumerable.Range(100, batch)];
                int[][] shares = [.. Enumerable.Range(0, size).Select(rank => new ShardedOrder(rank, size).Share(all))];
                Assert.Equal(all, shares.SelectMany(share => share).Order());
                Assert.Equal(shares.Select(share => share.Length), Enumerable.Range(0, size).Select(rank => new ShardedOrder(rank, size).Count(batch)));
                Assert.InRange(shares.Max(share => share.Length) - shares.Min(share => share.Length), 0, 1);
            }
        }
    }

    [Fact]
    public void NeighboursGoToDifferentRanks() => Assert.Equal([1, 4, 7], new ShardedOrder(1, 3).Share([0, 1, 2, 3, 4, 5, 6, 7]));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(-1, 2)]
    public void NumbersThatMakeNoShareAreRefused(int rank, int size) =>
        Assert.Throws<ArgumentException>(() => new ShardedOrder(rank, size).Share([1, 2, 3]));
}
