using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

public sealed unsafe class StreamLanesTests
{
    [Theory]
    [InlineData(1, 8192, 1)]
    [InlineData(3, 100, 4)]
    [InlineData(1000, 64, 4)]
    [InlineData(11008, 8192, 4)]
    [InlineData(11007, 2304, 1)]
    [InlineData(4099, 1 << 20, 32)]
    [InlineData(100_000, 0, 32)]
    public void EveryRowIsTakenOnce(int rows, long rowBytes, int granule)
    {
        int threads = WorkerPool.Shared.Threads;
        long* state = stackalloc long[StreamLanes.StateWords];
        try
        {
            foreach (int count in new[] { 1, 2, 5 })
            {
                WorkerPool.Configure(count);
                for (int repeat = 0; repeat < 20; repeat++)
                {
                    var lanes = new StreamLanes(state, rows, rowBytes, granule);
                    var job = new CountJob { Lanes = lanes, Granule = granule, Hits = new int[rows] };
                    WorkerPool.Shared.Run(ref job, lanes.Count);
                    Assert.Equal(rows, job.Hits.Count(hits => hits == 1));
                }
            }
        }
        finally
        {
            WorkerPool.Configure(threads);
        }
    }

    [Fact]
    public void OneThreadTakesTheRowsOfAllLanes()
    {
        long* state = stackalloc long[StreamLanes.StateWords];
        var lanes = new StreamLanes(state, 1001, 65536, 4);
        int taken = 0;
        while (lanes.Take(lanes.Count - 1, out int first, out int end))
        {
            Assert.Equal(0, first % 4);
            taken += end - first;
        }

        Assert.Equal(1001, taken);
    }

    private struct CountJob : IParallelJob
    {
        public StreamLanes Lanes;
        public int Granule;
        public int[] Hits;

        public readonly void Run(int index)
        {
            while (Lanes.Take(index, out int first, out int end))
            {
                Assert.True(first < end && first % Granule == 0 && (end % Granule == 0 || end == Hits.Length));
                for (int r = first; r < end; r++)
                {
                    Interlocked.Increment(ref Hits[r]);
                }
            }
        }
    }
}
