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

    /// <summary>Batches of ever other lengths: no block serves twice, and what they leave must not pile up.</summary>
    [Fact]
    public void BlocksOfEverOtherSizesDoNotPileUp()
    {
        Empty();
        const long Megabyte = 1 << 20;
        for (long size = 20 * Megabyte; size < 200 * Megabyte; size += Megabyte)
        {
            Use(size, 1);
            Assert.True(
                TensorMemory.InUseBytes + TensorMemory.IdleBytes <= TensorMemory.MostKeptBytes,
                $"{TensorMemory.IdleBytes} bytes are idle, {TensorMemory.InUseBytes} in use; at most {TensorMemory.MostKeptBytes} may be kept.");
        }

        // Together they are of 13 GB.
        Assert.True(TensorMemory.MostKeptBytes < 10_000 * Megabyte, "Nothing had to be given back: the test shows nothing.");
        Empty();
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
