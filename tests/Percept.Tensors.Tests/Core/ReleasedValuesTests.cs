using Percept.Tensors.Autograd;
using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <summary>Values that no gradient reads may go before the backward pass; gradients stay the same to the last bit.</summary>
[Collection(MemoryCollection.Name)]
public sealed class ReleasedValuesTests : IDisposable
{
    private const int Rows = 64, Width = 512;

    public void Dispose() => Gradients.Discard();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GradientsAreTheSameAndMemoryIsLess(bool trainsWeights)
    {
        (float[] kept, long keptBytes) = Step(trainsWeights, releases: false);
        (float[] released, long releasedBytes) = Step(trainsWeights, releases: true);
        Assert.Equal(kept, released);
        Assert.Contains(kept, value => value != 0);

        // Behind frozen weights neither what the norm makes nor what the gate makes is read again.
        long block = 4L * Rows * Width;
        Assert.InRange(keptBytes - releasedBytes, trainsWeights ? block : 3 * block, long.MaxValue);
    }

    [Fact]
    public void AValueThatIsGoneIsAnErrorAndAKeptOneStays()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor x = Values(1, [4, 8]).RequireGrad();
        Tensor weight = Values(2, [8, 8]);
        int since = Gradients.RecordedOps;
        Tensor gone = Ops.Linear(x, weight);
        Tensor stays = Ops.Linear(gone, weight).Keep();
        Tensor result = Ops.Linear(stays, weight);
        float before = stays.ToArray<float>()[0];
        Gradients.ReleaseUnread(since, result);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => gone.ToArray<float>());
        Assert.Contains("[4, 8]", error.Message, StringComparison.Ordinal);
        foreach (Action use in (ReadOnlySpan<Action>)[
            () => Ops.Scale(gone, 2f), () => Ops.Reshape(gone, [8, 4]), () => Ops.Detach(gone), () => gone.Writable<float>(),
            () => _ = gone.IsReadOnly, () => gone.View([32]), () => Ops.CopyTo(x, gone)])
        {
            Assert.Throws<InvalidOperationException>(use);
        }

        Assert.Equal(before, stays.ToArray<float>()[0]);
        Gradients.Backward(Ops.Sum(result));
        Assert.Contains(x.Grad!.Value.ToArray<float>(), value => value != 0);
    }

    /// <summary>What a gradient reads stays, whoever releases.</summary>
    [Fact]
    public void WhatAGradientReadsStays()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor x = Values(1, [4, 8]).RequireGrad();
        int since = Gradients.RecordedOps;
        Tensor squared = Ops.Multiply(x, x);
        Tensor read = Ops.Exp(squared);
        Tensor result = Ops.Scale(read, 2f);
        float value = squared.ToArray<float>()[3];
        Gradients.ReleaseUnread(since, result);
        Assert.Equal(value, squared.ToArray<float>()[3]);
        Gradients.Backward(Ops.Sum(result));
        float input = x.ToArray<float>()[3];
        Assert.Equal(4 * input * MathF.Exp(input * input), x.Grad!.Value.ToArray<float>()[3], 1e-4f);
    }

    /// <summary>The gradient of logits is made in their own memory, but not where somebody still needs them.</summary>
    [Fact]
    public void LogitsAreOverwrittenOnlyWhereNobodyNeedsThem()
    {
        Tensor x = Values(1, [5, 8]).RequireGrad(), weight = Values(2, [7, 8]), target = Tensor.From([0, 3, 6, 2, -100], [5]);
        float[] plain = Gradient(logits => logits, retain: false);
        Assert.Equal(plain, Gradient(logits => logits.Keep(), retain: false));
        Assert.Equal(plain.Select(value => 2 * value), Gradient(logits => logits, retain: true));

        using TensorScope scope = TensorScope.Open();
        Tensor logits = Ops.Linear(x, weight).Keep();
        float[] before = logits.ToArray<float>();
        Tensor view = Ops.Reshape(logits, [7 * 5]);
        Gradients.Backward(Ops.Add(Ops.CrossEntropy(logits, target), Ops.Scale(Ops.Sum(view), 0f)));
        Assert.Equal(before, logits.ToArray<float>());

        float[] Gradient(Func<Tensor, Tensor> use, bool retain)
        {
            x.ZeroGrad();
            using TensorScope inner = TensorScope.Open();
            Tensor loss = Ops.CrossEntropy(use(Ops.Linear(x, weight)), target);
            if (retain)
            {
                Gradients.Backward(loss, retain: true);
            }

            Gradients.Backward(loss);
            return x.Grad!.Value.ToArray<float>();
        }
    }

    [Fact]
    public void LargeBlocksAreHardlyLargerThanAskedFor()
    {
        TensorMemory.Trim();
        for (long bytes = (1L << 20) + 1; bytes < 1L << 26; bytes = (bytes * 9 / 8) + 12345)
        {
            NativeBuffer buffer = TensorMemory.Rent(bytes);
            Assert.InRange(buffer.Bytes, bytes, bytes + (bytes / 32) + 1);
            buffer.Release();
            TensorMemory.Trim();
        }

        // One that is idle serves a little less, too.
        NativeBuffer large = TensorMemory.Rent(10L << 20);
        nint pointer;
        unsafe
        {
            pointer = (nint)large.Pointer;
        }

        large.Release();
        NativeBuffer next = TensorMemory.Rent((10L << 20) - (512 << 10));
        unsafe
        {
            Assert.Equal(pointer, (nint)next.Pointer);
        }

        next.Release();
        TensorMemory.Trim();
    }

    private static (float[] Gradient, long Bytes) Step(bool trainsWeights, bool releases)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor x = Values(1, [Rows, Width]).RequireGrad();
        Tensor norm = Values(2, [Width]), gate = Values(3, [Width, Width]), up = Values(4, [Width, Width]), down = Values(5, [Width, Width]);
        if (trainsWeights)
        {
            down.RequireGrad();
        }

        int since = Gradients.RecordedOps;
        long before = TensorMemory.InUseBytes;
        Tensor normed = Ops.RmsNorm(x, norm);
        Tensor inner = Ops.SwiGlu(Ops.Linear(normed, gate), Ops.Linear(normed, up));
        Tensor result = Ops.Add(x, Ops.Linear(inner, down));
        if (releases)
        {
            Gradients.ReleaseUnread(since, result);
        }

        long bytes = TensorMemory.InUseBytes - before;
        Gradients.Backward(Ops.Sum(Ops.Multiply(result, result)));
        float[] gradient = [.. x.Grad!.Value.ToArray<float>(), .. trainsWeights ? down.Grad!.Value.ToArray<float>() : []];
        return (gradient, bytes);
    }

    private static Tensor Values(ulong seed, Shape shape) => Ops.Scale(Ops.RandomNormal(shape, new RandomStream(seed)), 0.1f);

    [Fact]
    public void WhatEndedATensorIsToldAlsoWhenItsPlaceIsUsedAgain()
    {
        Tensor disposed = Ops.Ones([2]);
        disposed.Dispose();
        using (TensorScope.Open())
        {
            Ops.Ones([2]);
        }

        Assert.Contains("disposed", Assert.Throws<TensorDisposedException>(() => Ops.Relu(disposed)).Message, StringComparison.Ordinal);
        Tensor w = Ops.Ones([3]).RequireGrad();
        Tensor h = Ops.Square(w), first = Ops.Sum(h), second = Ops.Mean(h);
        Gradients.Backward(first);
        Ops.Ones([2]);
        Assert.Contains("Backward", Assert.Throws<TensorDisposedException>(() => Gradients.Backward(second)).Message, StringComparison.Ordinal);
        Assert.Contains("Backward", Assert.Throws<TensorDisposedException>(() => Ops.Relu(h)).Message, StringComparison.Ordinal);
    }
}
