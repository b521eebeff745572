using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests.Core;

public sealed class InPlaceTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Fact]
    public void WhatIsMadeDuringAStepButNotRecordedOutlivesIt()
    {
        Tensor a = Ops.Ones([2]).RequireGrad();
        Tensor product = Ops.Multiply(a, a);
        Tensor late = Ops.Ones([2]).RequireGrad();
        Tensor state = Ops.Zeros([2]);
        Tensor metric = Ops.ArgMax(Ops.Detach(product));
        Gradients.Backward(Ops.Sum(Ops.Multiply(product, late)));
        Assert.Equal([1f, 1f], late.Grad!.Value.ToArray<float>());
        Assert.Equal([0f, 0f], state.ToArray<float>());
        Assert.False(metric.IsDisposed);
        Assert.True(product.IsDisposed);
    }

    [Fact]
    public void WritingWhatAGradientNeedsIsAnError()
    {
        Tensor x = Tensor.From([1f, 2f], [2]).RequireGrad();
        Tensor product = Ops.Multiply(x, x);
        x.Writable<float>()[0] = 5f;
        Assert.Throws<InvalidOperationException>(() => Gradients.Backward(product, Ops.Ones([2])));

        Tensor table = Ops.Ones([3, 2]).RequireGrad();
        Tensor ids = Tensor.From([2, 1], [2]);
        Tensor rows = Ops.Embedding(ids, table);
        ids.Writable<int>()[0] = 1_000_000;
        Assert.Throws<InvalidOperationException>(() => Gradients.Backward(rows, Ops.Ones([2, 2])));

        Tensor weight = Ops.Ones([2]).RequireGrad();
        Tensor loss = Ops.Sum(Ops.Multiply(weight, weight));
        Ops.AdamUpdate(weight, Ops.Ones([2]), Ops.Zeros([2]), Ops.Zeros([2]), new AdamStep(1, 0.1));
        Assert.Throws<InvalidOperationException>(() => Gradients.Backward(loss));
    }

    [Fact]
    public void GradientsThatAnOpDoesNotComputeAreRefused()
    {
        Tensor weight = Ops.Ones([3]).RequireGrad();
        Assert.Throws<NotSupportedException>(
            () => Ops.CrossEntropy(Ops.Zeros([2, 3]), Tensor.From([0, 1], [2]), null, classWeight: weight));
        Assert.Throws<NotSupportedException>(
            () => Ops.BinaryCrossEntropyWithLogits(Ops.Zeros([2, 3]), Ops.Zeros([2, 3]), positiveWeight: weight));
        Ops.CrossEntropy(Ops.Zeros([2, 3]), Tensor.From([0, 1], [2]), null, classWeight: Ops.Detach(weight));
    }
}
