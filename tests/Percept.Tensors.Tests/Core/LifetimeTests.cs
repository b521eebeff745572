using System.Runtime.CompilerServices;
using Percept.Tensors.Autograd;
using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <summary>Who keeps memory alive, and what is left after something failed.</summary>
[Collection(MemoryCollection.Name)]
public sealed class LifetimeTests
{
    [Fact]
    public void FileWhoseLastViewIsFinalizedAfterItIsClosedOnce()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[256]);
            for (int i = 0; i < 4; i++)
            {
                MapAndForget(path);
            }

            Collect();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void GradientHandleKeepsItsMemory()
    {
        Tensor gradient = GradientOfForgottenLeaf();
        Collect();
        Assert.Equal([3f, 3f, 3f, 3f], gradient.ToArray<float>());
        GC.KeepAlive(gradient);
    }

    [Fact]
    public void OldTensorsAreCollectedThoughYoungCollectionsGoOn()
    {
        Collect();
        long before = CollectorMemory.OwnedBytes;
        var queue = new Queue<Tensor>();
        for (int i = 0; i < 100; i++)
        {
            Grow(queue);
            GC.Collect(0);
        }

        Assert.True(
            CollectorMemory.OwnedBytes - before < 700L << 20, $"{(CollectorMemory.OwnedBytes - before) >> 20} MiB are owned.");
    }

    [Fact]
    public void ViewsDoNotCountTheirMemoryAgain()
    {
        Tensor whole = Tensor.From(new float[1 << 20], [1 << 20]);
        long before = CollectorMemory.OwnedBytes;
        Tensor view = whole.View([1 << 10, 1 << 10]);
        Assert.True(CollectorMemory.OwnedBytes - before < 1 << 20);
        Assert.Equal(1 << 20, view.Count);
        view.Dispose();
        Assert.Equal(0f, whole.Span<float>()[0]);
    }

    [Fact]
    public void FailedBackwardLeavesGradientsThatStandAlone()
    {
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad(), b = Tensor.From([3f, 4f], [2]).RequireGrad();
        using (TensorScope.Open())
        {
            // The sum's gradient is shared by both leaves; the segment before it fails when it is run again.
            Tensor early = Gradients.Checkpoint(new List<int>(), FailsLater, a);
            Tensor loss = Ops.Sum(Ops.Add(Ops.Add(a, b), early));
            Assert.Throws<NotSupportedException>(() => Gradients.Backward(loss));
            Assert.Equal(0, Gradients.RecordedOps);
            Ops.ScaleInPlace(a.Grad!.Value, 5f);
            Assert.Equal([1f, 1f], b.Grad!.Value.ToArray<float>());
            Assert.Throws<InvalidOperationException>(() => Gradients.Backward(loss));
        }
    }

    [Fact]
    public void ResultThatTheLossDoesNotNeedMayBeGone()
    {
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad();
        using TensorScope scope = TensorScope.Open();
        using (Tensor metric = Ops.Mean(a))
        {
            Assert.Equal(1.5f, metric.Item());
        }

        Gradients.Backward(Ops.Sum(a));
        Assert.Equal([1f, 1f], a.Grad!.Value.ToArray<float>());
    }

    [Fact]
    public void RetainedBackwardLeavesGradientsThatStandAlone()
    {
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad(), b = Tensor.From([3f, 4f], [2]).RequireGrad();
        using TensorScope scope = TensorScope.Open();
        Gradients.Backward(Ops.Sum(Ops.Add(a, b)), retain: true);
        Ops.ScaleInPlace(a.Grad!.Value, 5f);
        Assert.Equal([1f, 1f], b.Grad!.Value.ToArray<float>());
        Gradients.Discard();
    }

    [Fact]
    public void DiscardedLossIsNoLongerRecorded()
    {
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad();
        using TensorScope scope = TensorScope.Open();
        Tensor loss = Ops.Sum(a);
        Gradients.Discard();
        Assert.False(loss.RequiresGrad);
        Assert.Throws<InvalidOperationException>(() => Gradients.Backward(loss));
    }

    [Fact]
    public void BackwardTakesF32Alone()
    {
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad();
        using TensorScope scope = TensorScope.Open();
        Tensor twice = Ops.Scale(a, 2f);
        Assert.Throws<DTypeException>(() => Gradients.Backward(twice, Tensor.From([(Half)1, (Half)1], [2])));
        Gradients.Discard();
    }

    [Fact]
    public void CheckpointMayHandBackItsInputOrALeaf()
    {
        Tensor a = Tensor.From([1f, 2f], [2]).RequireGrad(), weight = Tensor.From([3f, 4f], [2]).RequireGrad();
        var same = new object();
        Gradients.Backward(Ops.Sum(Gradients.Checkpoint(same, static (_, x) => x, a)));
        Assert.Equal([1f, 1f], a.Grad!.Value.ToArray<float>());
        Assert.Equal([1f, 2f], a.ToArray<float>());

        Tensor[] state = [weight];
        Gradients.Backward(Ops.Sum(Gradients.Checkpoint(state, static (leaves, _) => leaves[0], a)));
        Assert.Equal([1f, 1f], weight.Grad!.Value.ToArray<float>());
        Assert.Equal([3f, 4f], weight.ToArray<float>());
    }

    private static Tensor FailsLater(List<int> calls, Tensor input)
    {
        calls.Add(1);
        return calls.Count == 1 ? Ops.Exp(input) : throw new NotSupportedException("The second call fails.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MapAndForget(string path)
    {
        var file = new MappedFile(path);
        Tensor view = Tensor.FromMapped(file, 0, [64], DType.F32);
        file.Dispose();
        Assert.Equal(0f, view.Span<float>()[0]);
        ForgetTouched();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Tensor GradientOfForgottenLeaf()
    {
        Tensor leaf = Tensor.From([1f, 2f, 3f, 4f], [4]).RequireGrad();
        Gradients.Backward(Ops.Sum(Ops.Scale(leaf, 3f)));
        Tensor gradient = leaf.Grad!.Value;
        ForgetTouched();
        return gradient;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Grow(Queue<Tensor> queue)
    {
        queue.Enqueue(Tensor.Allocate([4 << 20], DType.F32));
        if (queue.Count > 8)
        {
            queue.Dequeue();
        }
    }

    /// <summary>Fills the list of the tensors that were touched last with another one.</summary>
    private static void ForgetTouched()
    {
        Tensor other = Tensor.From([0f], [1]);
        for (int i = 0; i < 64; i++)
        {
            _ = other.Span<float>();
        }
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
