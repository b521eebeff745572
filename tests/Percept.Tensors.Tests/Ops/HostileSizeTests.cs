using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Numbers at the edge of 32 bits and orders made by hand are refused, or give what they mean, and read nothing else.</summary>
public sealed class HostileSizeTests
{
    [Fact]
    public void PaddingThatCutsAllAwayLeavesTheFiller()
    {
        Tensor x = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f], [10]);
        Tensor y = Ops.Pad(x, [-int.MaxValue, int.MaxValue], PadMode.Constant, 7f);
        Assert.Equal(Enumerable.Repeat(7f, 10), y.ToArray<float>());
    }

    [Fact]
    public void DilationBeyond32BitsIsRefused()
    {
        Tensor x = Tensor.From([1f], [1, 1, 1, 1]), w = Tensor.From([1f, 2f, 3f], [1, 1, 3, 1]);
        var options = new ConvOptions { Padding = (int.MaxValue, 0), Dilation = (int.MaxValue, 1) };
        Assert.Throws<ArgumentException>(() => Ops.Conv2d(x, w, null, options));
        Assert.Throws<ArgumentException>(() => Ops.Unfold(
            x, new UnfoldOptions { Kernel = (3, 1), Padding = (int.MaxValue, 0), Dilation = (int.MaxValue, 1) }));
        Assert.Throws<OverflowException>(() => Ops.CausalConv1d(
            Tensor.From([1f], [1, 1, 1]), Tensor.From([1f, 2f, 3f], [1, 1, 3]), null, new ConvOptions { Dilation = int.MaxValue }));
    }

    [Fact]
    public void WindowsOfMoreThan32BitsAreRefused() =>
        Assert.Throws<OverflowException>(() => Ops.Unfold(
            Tensor.From(new float[65536], [65536, 1, 1]), new UnfoldOptions { Kernel = (1, 65537), Padding = (0, 32768) }));

    [Fact]
    public void PoolWithoutRoomIsRefusedWhenRoundingUpToo() =>
        Assert.Throws<ShapeException>(() => Ops.MaxPool1d(
            Tensor.From([1f], [1, 1, 1]), new PoolOptions { Kernel = 3, Stride = 2, CeilMode = true }));

    [Fact]
    public void OrdersOfExpertsAreChecked()
    {
        Tensor rows = Tensor.From([1f, 2f, 3f, 4f], [2, 2]), gates = Tensor.From([1f, 1f], [2, 1]);
        Tensor weight = Tensor.From([1f, 2f, 3f, 4f], [1, 2, 2]);
        Tensor offsets = Tensor.From([0, 2], [2]), places = Tensor.From([0, 1], [2]);
        var far = new ExpertOrder(Tensor.From([0, 1 << 30], [2]), offsets, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.ExpertGather(rows, far));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.ExpertCombine(rows, gates, far));
        var wide = new ExpertOrder(Tensor.From([0L, 1L], [2]), offsets, 1);
        Assert.Throws<DTypeException>(() => Ops.ExpertGather(rows, wide));
        var falling = new ExpertOrder(places, Tensor.From([0, 1 << 20], [2]), 1);
        Assert.Throws<ArgumentException>(() => Ops.ExpertLinear(rows, falling, [weight]));
        Assert.Equal(
            [5f, 11f, 11f, 25f], Ops.ExpertLinear(rows, new ExpertOrder(places, offsets, 1), [weight]).ToArray<float>());
    }

    [Fact]
    public void EmbeddingCountsThePaddingFromTheEnd()
    {
        Tensor table = Tensor.From([1f, 2f, 3f], [3, 1]).RequireGrad(), ids = Tensor.From([0, 2, 2], [3]);
        Gradients.Backward(Ops.Sum(Ops.Embedding(ids, table, -1)));
        Assert.Equal([1f, 0f, 0f], table.Grad!.Value.ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.Embedding(ids, table, 3));
    }

    [Fact]
    public void LinearWithoutOutputsGivesNoGradientButZeros()
    {
        Tensor x = Tensor.From([1f, 2f, 3f, 4f], [2, 2]).RequireGrad();
        using (Tensor garbage = Tensor.From([9f, 9f, 9f, 9f], [2, 2]))
        {
            Assert.Equal(4, garbage.Count);
        }

        Gradients.Backward(Ops.Sum(Ops.Linear(x, Tensor.From(Array.Empty<float>(), [0, 2]))));
        Assert.Equal([0f, 0f, 0f, 0f], x.Grad!.Value.ToArray<float>());
    }

    [Fact]
    public void MarginLossHasItsSlopeAtTheHinge()
    {
        // What PyTorch's margin_ranking_loss gives for equal inputs and margin 0.
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad(), b = Tensor.From([1f, 2f], [2]);
        Tensor target = Tensor.From([1f, -1f], [2]);
        Gradients.Backward(Ops.MarginRankingLoss(a, b, target, 0f, Reduction.Sum));
        Assert.Equal([-1f, 1f], a.Grad!.Value.ToArray<float>());
    }
}
