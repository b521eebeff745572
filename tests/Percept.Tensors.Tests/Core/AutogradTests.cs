using Percept.Tensors.Autograd;
using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <remarks>Runs alone: it measures memory that all tests share.</remarks>
[Collection(MemoryCollection.Name)]
public sealed class AutogradTests : IDisposable
{
    private static readonly Func<object, Tensor, Tensor> s_double = static (_, x) => Ops.Scale(Ops.Scale(x, 2f), 3f);

    public void Dispose() => Gradients.Discard();

    [Fact]
    public void GradientsAddUpOverUsesAndPasses()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        for (int pass = 1; pass <= 2; pass++)
        {
            Tensor a = Ops.Scale(x, 2f);
            Tensor loss = Ops.Scale(a, 5f);
            Gradients.Backward(loss);
            Assert.Equal(10f * pass, x.Grad!.Value.Item());
            Assert.Equal(10f, loss.Item());
            Assert.Throws<TensorDisposedException>(() => a.Item());
        }

        x.ZeroGrad();
        Assert.Null(x.Grad);
    }

    [Fact]
    public void TwoLeavesNeverShareOneGradient()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        Tensor y = Ops.Reshape(x, [1, 1]);
        Gradients.Backward(y, Tensor.From([3f], [1, 1]));
        Tensor gradient = x.Grad!.Value;
        Assert.Equal(3f, gradient.Item());
        Ops.ScaleInPlace(gradient, 2f);
        Assert.Equal(6f, x.Grad!.Value.Item());
    }

    [Fact]
    public void NothingIsRecordedWhenOffOrFrozen()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        using (Gradients.Off())
        {
            Assert.False(Ops.Scale(x, 2f).RequiresGrad);
        }

        x.RequireGrad(false);
        Assert.False(Ops.Scale(x, 2f).RequiresGrad);
        Assert.Equal(0, Gradients.RecordedOps);
    }

    [Fact]
    public void ACheckpointGivesTheSameGradient()
    {
        Tensor x = Tensor.From([1f, 2f], [2]).RequireGrad();
        Tensor y = Gradients.Checkpoint(new object(), s_double, Ops.Scale(x, 7f));
        Assert.Equal(2, Gradients.RecordedOps);
        Assert.Equal([42f, 84f], y.ToArray<float>());
        Gradients.Backward(y, Tensor.From([1f, 10f], [2]));
        Assert.Equal([42f, 420f], x.Grad!.Value.ToArray<float>());
        Assert.Equal(0, Gradients.RecordedOps);
    }

    [Fact]
    public void AGradientTakenAheadIsThatOfAPlainPart()
    {
        Tensor x = Tensor.From([1f, 2f], [2]).RequireGrad();
        int runs = 0;
        Func<object, Tensor, Tensor> part = (_, given) =>
        {
            runs++;
            return Ops.Sum(Ops.Multiply(given, given));
        };
        Tensor y = Ops.Scale(Gradients.Ahead(part, part, Ops.Scale(x, 3f)), 0.5f);
        Assert.Equal(22.5f, y.Item());
        Gradients.Backward(y);
        Assert.Equal([9f, 18f], x.Grad!.Value.ToArray<float>());
        Assert.Equal(1, runs);
        Assert.Equal(0, Gradients.RecordedOps);

        using (Gradients.Off())
        {
            Assert.Equal(5f, Gradients.Ahead(part, part, x).Item());
        }

        Assert.Throws<ArgumentException>(() => Gradients.Ahead(s_double, s_double, x));
        Assert.Equal(0, Gradients.RecordedOps);
    }

    [Fact]
    public void APartThatReadsAnotherResultOrHandsBackItsInputIsRunAgain()
    {
        Tensor x = Tensor.From([1f, 2f], [2]).RequireGrad(), w = Tensor.From([5f, 7f], [2]).RequireGrad();
        Tensor outer = Ops.Scale(w, 2f);
        Func<object, Tensor, Tensor> part = (_, given) => Ops.Sum(Ops.Multiply(given, outer));
        Tensor first = Gradients.Ahead(part, part, Ops.Scale(x, 3f));
        Func<object, Tensor, Tensor> same = static (_, given) => given;
        Tensor second = Gradients.Ahead(same, same, Ops.Sum(x));
        Gradients.Backward(Ops.Add(Ops.Scale(first, 0.5f), second));
        Assert.Equal([16f, 22f], x.Grad!.Value.ToArray<float>());
        Assert.Equal([3f, 6f], w.Grad!.Value.ToArray<float>());
        Assert.Equal(0, Gradients.RecordedOps);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APartWithLeavesThatLearnIsRunAgain(bool hidden)
    {
        Tensor x = Tensor.From([1f, 2f], [2]).RequireGrad(), w = Tensor.From([5f, 7f], [2]).RequireGrad();
        int runs = 0;
        Func<object, Tensor, Tensor> product = (_, given) => Ops.Multiply(given, w);
        Func<object, Tensor, Tensor> part = (_, given) =>
        {
            runs++;
            return Ops.Sum(hidden ? Gradients.Checkpoint(product, product, given) : product(product, given));
        };
        Gradients.Backward(Ops.Scale(Gradients.Ahead(part, part, Ops.Scale(x, 3f)), 0.5f));
        Assert.Equal([7.5f, 10.5f], x.Grad!.Value.ToArray<float>());
        Assert.Equal([1.5f, 3f], w.Grad!.Value.ToArray<float>());
        Assert.Equal(2, runs);
        Assert.Equal(0, Gradients.RecordedOps);
    }

    [Fact]
    public void ALoopWithoutUsingStaysFlatAndAllocatesNothing()
    {
        Tensor weight = Tensor.From(new float[1000], [1000]).RequireGrad();
        Tensor upstream = Ops.Full([1000], 0.5f);
        long held = 0, allocated = 0;
        for (int step = 0; step < 10_000; step++)
        {
            Tensor hidden = Ops.Scale(weight, 2f);
            Tensor loss = Gradients.Checkpoint(s_double, s_double, Ops.Scale(hidden, 0.5f));
            Gradients.Backward(loss, upstream);
            Ops.ScaleInPlace(weight.Grad!.Value, 0.1f);
            Ops.AddInPlace(weight, weight.Grad!.Value);
            weight.ZeroGrad();
            if (step == 20)
            {
                (held, allocated) = (TensorMemory.InUseBytes + TensorMemory.IdleBytes, GC.GetAllocatedBytesForCurrentThread());
            }
        }

        Assert.Equal(allocated, GC.GetAllocatedBytesForCurrentThread());
        long now = TensorMemory.InUseBytes + TensorMemory.IdleBytes;
        Assert.True(now <= held + 65536, $"{now} bytes are held after {held}.");
    }

    [Fact]
    public void AScopedStepEndsItsTensorsAndItsRecord()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        Tensor inner, kept;
        using (TensorScope scope = TensorScope.Open())
        {
            inner = Ops.Scale(x, 2f);
            using (Gradients.Off())
            {
                kept = scope.Keep(Ops.Scale(inner, 2f));
            }
        }

        Assert.Equal(0, Gradients.RecordedOps);
        Assert.True(inner.IsDisposed);
        Assert.Equal(4f, kept.Item());
    }

    [Fact]
    public void ARecordedResultThatIsGoneIsNamedInBackward()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        Tensor a = Ops.Scale(x, 2f);
        Tensor loss = Ops.Scale(a, 2f);
        a.Dispose();
        Assert.Throws<TensorDisposedException>(() => Gradients.Backward(loss));
    }

    [Fact]
    public void ARetainedRecordCanBeUsedTwice()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        Tensor loss = Ops.Scale(Ops.Scale(x, 2f), 2f);
        Gradients.Backward(loss, retain: true);
        Gradients.Backward(loss);
        Assert.Equal(8f, x.Grad!.Value.Item());
        Assert.Throws<InvalidOperationException>(() => Gradients.Backward(loss));
    }

    [Fact]
    public void ResultsCannotBeWrittenInPlaceWhileTheyAreRecorded()
    {
        Tensor x = Tensor.From([1f], [1]).RequireGrad();
        Tensor a = Ops.Scale(x, 2f);
        Assert.Throws<InvalidOperationException>(() => Ops.ScaleInPlace(a, 2f));
        Assert.Throws<InvalidOperationException>(() => a.RequireGrad(false));
        Assert.Throws<ShapeException>(() => Gradients.Backward(Ops.Scale(Ops.Reshape(Tensor.From(new float[2], [2]).RequireGrad(), [2]), 1f)));
    }

    [Fact]
    public void TensorsOfTheCollectorAreCollected()
    {
        long before = TensorMemory.InUseBytes;
        for (int i = 0; i < 3000; i++)
        {
            Tensor.From(new float[1], [1]);
            Ops.Zeros([256, 1024]);
        }

        Assert.True(TensorMemory.InUseBytes < before + (1500L << 20), "3 GB of dropped tensors were not collected.");
    }
}
