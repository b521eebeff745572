using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 1)]
    [InlineData(2, 1000)]
    [InlineData(5, 33)]
    public void EveryItemRunsOnce(int threads, int count)
    {
        using var pool = new WorkerPool(threads);
        for (int repeat = 0; repeat < 500; repeat++)
        {
            var job = new CountJob { Hits = new int[count] };
            pool.Run(ref job, count);
            Assert.All(job.Hits, hits => Assert.Equal(1, hits));
        }
    }

    [Fact]
    public void AnItemsExceptionReachesTheCallerAndThePoolLivesOn()
    {
        using var pool = new WorkerPool(3);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            var bad = new ThrowJob();
            Assert.Throws<InvalidOperationException>(() => pool.Run(ref bad, 64));
            var good = new CountJob { Hits = new int[64] };
            pool.Run(ref good, 64);
            Assert.All(good.Hits, hits => Assert.Equal(1, hits));
        }
    }

    [Fact]
    public void NestedJobsRunOnTheirCaller()
    {
        using var pool = new WorkerPool(4);
        var job = new NestedJob { Pool = pool, Hits = new int[16 * 16] };
        pool.Run(ref job, 16);
        Assert.All(job.Hits, hits => Assert.Equal(1, hits));
    }

    [Fact]
    public void CallersFromSeveralThreadsDoNotWaitForEachOther()
    {
        using var pool = new WorkerPool(2);
        var failures = new System.Collections.Concurrent.ConcurrentBag<Exception>();
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                var job = new CountJob { Hits = new int[50] };
                pool.Run(ref job, 50);
                if (job.Hits.Any(hits => hits != 1))
                {
                    failures.Add(new InvalidOperationException("An item ran twice or never."));
                }
            }
        }))];
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => Assert.True(caller.Join(TimeSpan.FromSeconds(60))));
        Assert.Empty(failures);
    }

    [Fact]
    public void ALimitOfOneKeepsTheJobOnItsCaller()
    {
        using var pool = new WorkerPool(4);
        WorkerPool.ThreadLimit = 1;
        try
        {
            var job = new ThreadJob { Threads = new int[64] };
            pool.Run(ref job, 64);
            Assert.All(job.Threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));
        }
        finally
        {
            WorkerPool.ThreadLimit = 0;
        }
    }

    [Fact]
    public void ParkedWorkersWakeUpAgain()
    {
        using var pool = new WorkerPool(4);
        for (int repeat = 0; repeat < 20; repeat++)
        {
            Thread.Sleep(3);
            var job = new BarrierJob { Barrier = new Barrier(4) };
            pool.Run(ref job, 4);
            Assert.Equal(1, job.Barrier.CurrentPhaseNumber);
        }
    }

    [Fact]
    public void AJobAllocatesNothing()
    {
        using var pool = new WorkerPool(2);
        var job = new CountJob { Hits = new int[8] };
        pool.Run(ref job, 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            pool.Run(ref job, 8);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private struct CountJob : IParallelJob
    {
        public int[] Hits;

        public readonly void Run(int index) => Interlocked.Increment(ref Hits[index]);
    }

    private struct ThreadJob : IParallelJob
    {
        public int[] Threads;

        public readonly void Run(int index) => Threads[index] = Environment.CurrentManagedThreadId;
    }

    private struct BarrierJob : IParallelJob
    {
        public Barrier Barrier;

        public readonly void Run(int index) =>
            Assert.True(Barrier.SignalAndWait(TimeSpan.FromSeconds(20)), "The four items did not run on four threads at once.");
    }

    private struct ThrowJob : IParallelJob
    {
        public readonly void Run(int index)
        {
            if (index == 7)
            {
                throw new InvalidOperationException("item 7");
            }
        }
    }

    private struct NestedJob : IParallelJob
    {
        public WorkerPool Pool;
        public int[] Hits;

        public readonly void Run(int index)
        {
            var inner = new InnerJob { Hits = Hits, Offset = index * 16 };
            Pool.Run(ref inner, 16);
        }
    }

    private struct InnerJob : IParallelJob
    {
        public int[] Hits;
        public int Offset;

        public readonly void Run(int index) => Interlocked.Increment(ref Hits[Offset + index]);
    }
}
