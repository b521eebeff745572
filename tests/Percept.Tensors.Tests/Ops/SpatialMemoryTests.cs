using Percept.Tensors.Autograd;
using Percept.Tensors.Tests.Core;
using Xunit;

namespace Percept.Tensors.Tests;

[Collection(MemoryCollection.Name)]
public sealed class SpatialMemoryTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Fact]
    public void ARepeatedStepAllocatesNothing()
    {
        Tensor x = Tensor.From(GradientCheck.Normal(2 * 4 * 8 * 8, 1), [2, 4, 8, 8]).RequireGrad();
        Tensor w = Tensor.From(GradientCheck.Normal(8 * 4 * 9, 2), [8, 4, 3, 3]).RequireGrad();
        Tensor depth = Tensor.From(GradientCheck.Normal(8 * 9, 3), [8, 1, 3, 3]).RequireGrad();
        Tensor index = Tensor.From([1, 0, 1], [3]);
        Tensor upstream = Ops.Ones([2, 3, 8, 6]);
        // Arrays, since constant spans are read by reflection where the compiler does not optimise.
        int[] padding = [1, 1, 1, 1], back = [0, 2, 3, 1], front = [0, 3, 1, 2];
        long allocated = 0;
        for (int step = 0; step < 40; step++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Tensor y = Ops.Conv2d(Ops.Pad(x, padding, PadMode.Reflect), w);
            y = Ops.Conv2d(y, depth, null, new ConvOptions { Padding = 1, Groups = 8 });
            y = Ops.MaxPool2d(y, new PoolOptions { Kernel = 2 });
            y = Ops.Interpolate(y, (8, 6), new ResampleOptions { Mode = ResampleMode.Cubic });
            y = Ops.Roll(Ops.Permute(y, back), 1, 1);
            y = Ops.IndexSelect(Ops.Permute(y, front), index, 1);
            Gradients.Backward(y, upstream);
            x.ZeroGrad();
            w.ZeroGrad();
            depth.ZeroGrad();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
