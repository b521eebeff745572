using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <summary>What the pool of tensors' memory keeps.</summary>
[Collection(MemoryCollection.Name)]
public sealed class TensorMemoryTests
{
    /// <summary>Idle blocks that nobody asks for any more must not keep a loop's own blocks from being used again.</summary>
    [Fact]
    public void ALoopKeepsItsBlocksThoughAnEarlierJobFilledThePool()
    {
        const int Large = 1 << 20, Small = 3000;
        long limit = TensorMemory.IdleLimit;
        Empty();
        TensorMemory.IdleLimit = 4L << 20;
        try
        {
            Use(Large, 8);
            Use(Small, 8);
            Assert.InRange(TensorMemory.IdleBytes, Large, TensorMemory.IdleLimit);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Use(Small, 8);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.InRange(TensorMemory.IdleBytes, Large, TensorMemory.IdleLimit);
        }
        finally
        {
            TensorMemory.IdleLimit = limit;
        }
    }

    [Fact]
    public void ABlockLargerThanTheLimitIsNotKept()
    {
        long limit = TensorMemory.IdleLimit;
        Empty();
        TensorMemory.IdleLimit = 1L << 20;
        try
        {
            Use(4000, 2);
            long kept = TensorMemory.IdleBytes;
            Use(4 << 20, 1);
            Assert.Equal(kept, TensorMemory.IdleBytes);
        }
        finally
        {
            TensorMemory.IdleLimit = limit;
        }
    }

    /// <summary>Lets the collector return what other tests have left, and empties the pool.</summary>
    private static void Empty()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TensorMemory.Trim();
    }

    /// <summary>Holds some blocks of a size at once, and lets them go.</summary>
    private static void Use(long bytes, int count)
    {
        if (count == 0)
        {
            return;
        }

        NativeBuffer buffer = TensorMemory.Rent(bytes);
        Use(bytes, count - 1);
        buffer.Release();
    }
}
