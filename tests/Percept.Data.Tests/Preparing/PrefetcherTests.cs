using Xunit;

namespace Percept.Data.Tests.Preparing;

public class PrefetcherTests
{
    [Fact]
    public void ResultsComeInOrderWhateverTakesLong()
    {
        var prefetcher = new Prefetcher<int, int>(
            Enumerable.Range(0, 200), (i, _) =>
            {
                Thread.Sleep(i % 7 == 0 ? 3 : 0);
                return i * i;
            }, new PrefetchOptions { Threads = 4, Ahead = 9 });
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * i), prefetcher);
    }

    [Fact]
    public void NoMoreThanTheBoundIsTakenAhead()
    {
        int taken = 0;
        IEnumerable<int> Inputs()
        {
            for (int i = 0; i < 100; i++)
            {
                taken++;
                yield return i;
            }
        }

        int given = 0;
        foreach (int _ in new Prefetcher<int, int>(Inputs(), (i, _) => i, new PrefetchOptions { Threads = 3, Ahead = 5 }))
        {
            given++;
            Assert.InRange(taken, given, given + 5);
        }

        Assert.Equal(100, given);
    }

    [Fact]
    public void AFailureComesInItsPlaceWithItsName()
    {
        var results = new List<int>();
        var error = Assert.Throws<PreparationException>(() =>
        {
            foreach (int result in new Prefetcher<int, int>(
                Enumerable.Range(0, 50), (i, _) => i == 23 ? throw new InvalidDataException("broken") : i))
            {
                results.Add(result);
            }
        });
        Assert.Equal(Enumerable.Range(0, 23), results);
        Assert.Equal("23", error.Item);
        Assert.Equal("23 could not be prepared: broken", error.Message);
        Assert.IsType<InvalidDataException>(error.InnerException);
    }

    [Fact]
    public void CancellationEndsIt()
    {
        using var stop = new CancellationTokenSource();
        int given = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (int _ in new Prefetcher<int, int>(Enumerable.Range(0, 1000), (i, cancellation) =>
            {
                cancellation.WaitHandle.WaitOne(i < 10 ? 0 : 10_000);
                cancellation.ThrowIfCancellationRequested();
                return i;
            }, cancellation: stop.Token))
            {
                if (++given == 5)
                {
                    stop.Cancel();
                }
            }
        });
        Assert.InRange(given, 5, 10);
    }

    [Fact]
    public void ResultsThatNobodyTookAreDisposed()
    {
        int made = 0;
        int disposed = 0;
        foreach (Handle one in new Prefetcher<int, Handle>(Enumerable.Range(0, 100), (_, _) =>
        {
            Interlocked.Increment(ref made);
            return new Handle(() => Interlocked.Increment(ref disposed));
        }, new PrefetchOptions { Threads = 2, Ahead = 8 }))
        {
            one.Dispose();
            break;
        }

        Assert.Equal(made, disposed);
        Assert.InRange(made, 1, 9);
    }

    private sealed class Handle(Action onDispose) : IDisposable
    {
        public void Dispose() => onDispose();
    }
}
