using System.Runtime.InteropServices;
using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

public sealed unsafe class KernelChoiceTests
{
    private const long Bytes = KernelChoice.LeastBytes;

    [Fact]
    public void TheFasterKernelRuns_AndTheOtherIsTriedNowAndThen()
    {
        var choice = new KernelChoice();
        int[] runs = Calls(choice, 160, first: 3, second: 2);
        Assert.InRange(runs[1], 160 - (2 * KernelChoice.OtherEvery), 159);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void AChangeOfSpeedsIsNoticed(double first, double second)
    {
        var choice = new KernelChoice();
        Calls(choice, 320, first, second);
        Calls(choice, 320, second, first);
        int[] runs = Calls(choice, 160, second, first);
        int faster = second < first ? 0 : 1;
        Assert.Equal(160 - (160 / KernelChoice.OtherEvery), runs[faster]);
    }

    [Fact]
    public void SmallProductsAreNotTimed_AndTakeTheFasterKernel()
    {
        var choice = new KernelChoice();
        Calls(choice, 64, first: 3, second: 2);
        for (int i = 0; i < 2 * KernelChoice.OtherEvery; i++)
        {
            Assert.Equal(1, choice.Next(Bytes - 1, out long start));
            Assert.Equal(0, start);
        }
    }

    [Theory]
    [InlineData(DType.Q4_0, 32)]
    [InlineData(DType.Q4_0, 288)]
    [InlineData(DType.Q4_0, 1056)]
    [InlineData(DType.Q4_K, 256)]
    [InlineData(DType.Q4_K, 1280)]
    [InlineData(DType.Q6_K, 256)]
    [InlineData(DType.Q6_K, 1280)]
    public void BothKernelsOfAType_GiveTheSameBits(DType type, int k)
    {
        Assert.SkipUnless(GemvEmitter.Has(type), "This processor, or this level, has no emitted one-row kernels.");
        const int N = 37;
        byte[] blocks = QuantizedGemmData.Blocks(type, N, k, 5);
        var random = new Random(6);
        float[] x = [.. Enumerable.Range(0, k).Select(_ => random.NextSingle() - 0.5f)];
        int chunks = GemvActivations.Count(type, k);
        byte* quants = (byte*)NativeMemory.AlignedAlloc((nuint)(chunks * GemvActivations.Chunk(type)), 64);
        byte* scales = (byte*)NativeMemory.AlignedAlloc((nuint)(chunks * GemvActivations.ScaleBytes(type)), 64);
        float[][] sums = [new float[N], new float[N]];
        fixed (byte* weights = blocks)
        {
            fixed (float* from = x)
            {
                GemvActivations.Pack(type, from, k, quants, scales);
            }

            for (int kernel = 0; kernel < 2; kernel++)
            {
                fixed (float* to = sums[kernel])
                {
                    GemvEmitter.Run(type, kernel, weights, N, k, quants, scales, to);
                }
            }
        }

        NativeMemory.AlignedFree(quants);
        NativeMemory.AlignedFree(scales);
        Assert.Contains(sums[0], v => v != 0);
        Assert.Equal(sums[0], sums[1]);
    }

    /// <summary>How often each kernel ran in so many calls that take the given times a byte.</summary>
    private static int[] Calls(KernelChoice choice, int calls, double first, double second)
    {
        int[] runs = new int[2];
        for (int i = 0; i < calls; i++)
        {
            int kernel = choice.Next(Bytes, out long start);
            Assert.NotEqual(0, start);
            choice.Add(kernel, kernel == 0 ? first : second);
            runs[kernel]++;
        }

        return runs;
    }
}
