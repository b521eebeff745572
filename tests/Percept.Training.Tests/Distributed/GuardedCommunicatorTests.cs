using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>Ranks hear of each other's errors in place of an exchange.</summary>
public class GuardedCommunicatorTests
{
    [Fact]
    public void AnErrorOfOneRankIsThrownByAllWithItsWords()
    {
        RankFailedException[] errors = Fail(3, ranks =>
        {
            if (ranks.Rank == 1)
            {
                throw new InvalidDataException("This is broken.");
            }

            return ranks.AllGather([1, 2]).Length;
        });
        Assert.All(errors, error => Assert.Equal(("rank 1 of 3: This is broken.", 1, true), (error.Message, error.Rank, error.IsShared)));
        Assert.Equal([false, true, false], errors.Select(error => error.IsOwn));
        Assert.Equal([null, typeof(InvalidDataException), null], errors.Select(error => error.InnerException?.GetType()));
    }

    [Fact]
    public void AnErrorOfAllBelongsToNoneAndIsToldByTheFirst()
    {
        RankFailedException[] errors = Fail(2, _ => throw new IOException("There is no such file."));
        Assert.All(errors, error => Assert.Equal("There is no such file.", error.Message));
        Assert.Equal([true, false], errors.Select(error => error.IsOwn));
    }

    [Fact]
    public void OfSeveralErrorsTheFirstIsTold()
    {
        RankFailedException[] errors = Fail(3, ranks => ranks.Rank == 0
            ? ranks.OfFirst(() => "text").Length
            : throw new IOException(FormattableString.Invariant($"file {ranks.Rank}")));
        Assert.All(errors, error => Assert.Equal("rank 1 of 3: file 1", error.Message));
    }

    [Fact]
    public void InTheMidstOfAnExchangeARankFailsByItself()
    {
        RankFailedException[] errors = Fail(2, ranks =>
        {
            ranks.Whole(() => throw new IOException("MPI is gone."));
            return 0;
        });
        Assert.Equal(["rank 0 of 2: MPI is gone.", "rank 1 of 2: MPI is gone."], errors.Select(error => error.Message));
        Assert.All(errors, error => Assert.Equal((true, false), (error.IsOwn, error.IsShared)));
    }

    [Fact]
    public void WhatRanksSayArrivesAsItWas()
    {
        byte[][][] said = ThreadRanks.Run(3, communicator =>
        {
            var ranks = GuardedCommunicator.Of(communicator);
            Assert.Same(ranks, GuardedCommunicator.Of(ranks));
            Assert.Equal("of rank 0", ranks.OfFirst(() => FormattableString.Invariant($"of rank {ranks.Rank}")));
            return ranks.AllGather(new byte[ranks.Rank]);
        });
        Assert.All(said, all => Assert.Equal([0, 1, 2], all.Select(bytes => bytes.Length)));
    }

    [Fact]
    public void AProcessByItselfThrowsWhatItThrows()
    {
        var alone = GuardedCommunicator.Of(null);
        Assert.Throws<IOException>(() => alone.Together<int>(() => throw new IOException("plain")));
        Assert.Equal("text", alone.OfFirst(() => "text"));
    }

    private static RankFailedException[] Fail(int size, Func<GuardedCommunicator, int> work) => ThreadRanks.Run(size, communicator =>
    {
        var ranks = GuardedCommunicator.Of(communicator);
        return Assert.Throws<RankFailedException>(() => ranks.Together(() => work(ranks)));
    });
}
