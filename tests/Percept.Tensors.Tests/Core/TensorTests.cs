using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Tensors.Tests.Core;

public class TensorTests
{
    [Fact]
    public void MisuseIsATypedException()
    {
        Tensor x = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        ShapeException shape = Assert.Throws<ShapeException>(() => x.View([4]));
        Assert.Equal("[2, 3]", shape.Actual);
        NonContiguousException view = Assert.Throws<NonContiguousException>(() => x.Range(1, 0, 2));
        Assert.Equal(1, view.Axis);
        DTypeException type = Assert.Throws<DTypeException>(() => x.Span<int>());
        Assert.Equal(DType.F32, type.Actual);
        Assert.Throws<ShapeException>(() => x.Rows(1, 2));
        Assert.Throws<ShapeException>(() => x.Rows(-1, 1));
        Assert.Throws<ShapeException>(() => x.Item());
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsDisposed);
        Assert.Contains("disposed", Assert.Throws<TensorDisposedException>(() => x.Shape).Message, StringComparison.Ordinal);
        Assert.Throws<TensorDisposedException>(() => default(Tensor).Shape);
    }

    [Fact]
    public void ShapesRefuseTheImpossible()
    {
        Assert.Throws<ShapeException>(() => Shape.Create([-1]));
        Assert.Throws<ShapeException>(() => Shape.Create([int.MaxValue, int.MaxValue, int.MaxValue]));
        Assert.Throws<ShapeException>(() => Shape.Create(new int[9]));
        Assert.Throws<ShapeException>(() => Shape.Broadcast([2, 3], [2, 4]));
        Shape scalar = default;
        Assert.Equal(1, scalar.Count);
        Assert.Equal(0, Shape.Create([3, 0, 5]).Count);
        Assert.Equal([5, 2, 4, 3], Shape.Broadcast([2, 1, 3], [5, 1, 4, 1]).Sizes.ToArray());
    }

    [Fact]
    public void ViewsShareMemoryAndOutliveTheirSource()
    {
        Tensor x = Tensor.From([1f, 2f, 3f, 4f, 5f, 6f], [3, 2]);
        Tensor row = x.Rows(1, 2);
        x.Writable<float>()[2] = 30f;
        x.Dispose();
        Assert.Equal([30f, 4f, 5f, 6f], row.ToArray<float>());
        Assert.Equal([30f, 4f, 5f, 6f], row.View([4]).ToArray<float>());
        Assert.Equal([5f, 6f], row.View([1, 2, 2]).Range(1, 1, 1).ToArray<float>());
    }

    [Fact]
    public void MappedTensorsAreReadOnlyAndKeepTheFileOpen()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(2.5f)]);
        var file = new MappedFile(path);
        Tensor tensor = Tensor.FromMapped(file, 4, [1], DType.F32);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.FromMapped(file, 4, [2], DType.F32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.FromMapped(file, long.MaxValue, [2], DType.F32));
        file.Dispose();
        Assert.Equal(2.5f, tensor.Item());
        Assert.Throws<ReadOnlyTensorException>(() => tensor.Writable<float>());
        Assert.Throws<ReadOnlyTensorException>(() => Ops.ScaleInPlace(tensor, 2f));
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Bytes(0, 1));
        File.Delete(path);
    }

    [Fact]
    public void BlockTypesNeedWholeBlocks()
    {
        Assert.Throws<ShapeException>(() => Tensor.FromBytes(new byte[18], [31], DType.Q4_0));
        Assert.Throws<ShapeException>(() => Tensor.FromBytes(new byte[17], [32], DType.Q4_0));
        Assert.Equal(36, Tensor.FromBytes(new byte[36], [2, 32], DType.Q4_0).ByteCount);
    }

    [Fact]
    public void ScopesEndInReverseOrder()
    {
        TensorScope outer = TensorScope.Open();
        TensorScope inner = TensorScope.Open();
        Tensor x = inner.Keep(Ops.Zeros([2]));
        try
        {
            outer.Dispose();
            Assert.Fail("An outer scope ended before its inner one.");
        }
        catch (InvalidOperationException)
        {
            inner.Dispose();
        }

        Assert.Equal(0f, x.ToArray<float>()[1]);
        outer.Dispose();
        Assert.True(x.IsDisposed);
    }

    [Fact]
    public void StreamsRepeatSplitAndGoOn()
    {
        var stream = new RandomStream(7);
        float[] first = Ops.RandomNormal([10], stream).ToArray<float>();
        ulong position = stream.Position;
        float[] second = Ops.RandomNormal([5], stream).ToArray<float>();
        Assert.Equal(first, Ops.RandomNormal([10], new RandomStream(7)).ToArray<float>());
        Assert.Equal(second, Ops.RandomNormal([5], new RandomStream(7, 0, position)).ToArray<float>());
        Assert.NotEqual(first, Ops.RandomNormal([10], stream.Split(1)).ToArray<float>());
        Assert.Equal(stream.Split(3).NextUInt64(), new RandomStream(7).Split(3).NextUInt64());

        float[] many = Ops.RandomNormal([200_000], new RandomStream(1)).ToArray<float>();
        Assert.InRange(many.Average(), -0.01, 0.01);
        Assert.InRange(many.Average(v => (double)v * v), 0.98, 1.02);
        float[] even = Ops.RandomUniform([100_000], new RandomStream(2), -1f, 3f).ToArray<float>();
        Assert.InRange(even.Min(), -1f, -0.99f);
        Assert.InRange(even.Max(), 2.99f, 2.9999999f);
        Assert.InRange(even.Average(), 0.98, 1.02);
    }

    [Fact]
    public void PhiloxMatchesItsPublishedVector()
    {
        // Random123's known answers: philox4x32-10 of counter 0 and key 0 begins with 6627e8d5 e169c58d.
        Assert.Equal(0xe169c58d6627e8d5UL, new RandomStream(0).NextUInt64());
    }
}
