using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests.Elementwise;

[Trait("Level", "Simd")]
public sealed unsafe class ReductionKernelTests
{
    public static TheoryData<int> Sizes => [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257, 50_001];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SumsAndExtremes(int count)
    {
        using FloatBuffer x = FloatBuffer.Random(count, count);
        using FloatBuffer y = FloatBuffer.Random(count, count + 1);
        double sum = 0;
        double squares = 0;
        double dot = 0;
        double around = 0;
        for (int i = 0; i < count; i++)
        {
            sum += x.Span[i];
            squares += (double)x.Span[i] * x.Span[i];
            dot += (double)x.Span[i] * y.Span[i];
            around += ((double)x.Span[i] - 0.5f) * ((double)x.Span[i] - 0.5f);
        }

        double tolerance = 1e-6 * Math.Max(1, count);
        Assert.Equal(sum, ReductionKernels.Sum(x.Pointer, count), tolerance);
        Assert.Equal(squares, ReductionKernels.SumOfSquares(x.Pointer, count), tolerance);
        Assert.Equal(dot, ReductionKernels.Dot(x.Pointer, y.Pointer, count), tolerance);
        Assert.Equal(around, ReductionKernels.SumOfSquaresAround(x.Pointer, 0.5f, count), tolerance);
        if (count == 0)
        {
            Assert.Equal(float.NegativeInfinity, ReductionKernels.Max(x.Pointer, 0));
            Assert.Equal(float.PositiveInfinity, ReductionKernels.Min(x.Pointer, 0));
            return;
        }

        int place = count * 2 / 3;
        x.Span[place] = 7f;
        x.Span[count - 1] = 7f;
        Assert.Equal(7f, ReductionKernels.Max(x.Pointer, count));
        Assert.Equal(place, ReductionKernels.ArgMax(x.Pointer, count));
        x.Span[place] = -7f;
        Assert.Equal(-7f, ReductionKernels.Min(x.Pointer, count));
        Assert.Equal(place, ReductionKernels.ArgMin(x.Pointer, count));
        x.Span[count / 2] = float.NaN;
        Assert.True(float.IsNaN(ReductionKernels.Max(x.Pointer, count)));
        Assert.True(float.IsNaN(ReductionKernels.Min(x.Pointer, count)));
        Assert.Equal(count / 2, ReductionKernels.ArgMax(x.Pointer, count));
        x.Span.Fill(float.NegativeInfinity);
        Assert.Equal(float.NegativeInfinity, ReductionKernels.Max(x.Pointer, count));
        Assert.Equal(float.NegativeInfinity, ReductionKernels.Min(x.Pointer, count));
        x.AssertGuard();
    }

    [Theory]
    [InlineData(1, 5, 3)]
    [InlineData(4, 1, 17)]
    [InlineData(3, 7, 1)]
    [InlineData(2, 257, 9)]
    [InlineData(1, 3000, 31)]
    [InlineData(2, 2100, 33)]
    [InlineData(300, 12, 16)]
    [InlineData(2, 0, 3)]
    public void SumOverAxis(int outer, int axis, int inner)
    {
        using FloatBuffer x = FloatBuffer.Random((long)outer * axis * inner, axis);
        using var y = new FloatBuffer(outer * inner);
        y.Span.Fill(9f);
        using var expected = new FloatBuffer(outer * inner);
        ReductionKernels.SumAxis(x.Pointer, y.Pointer, outer, axis, inner);
        ReductionKernels.SumAxisScalar(x.Pointer, expected.Pointer, outer, axis, inner);
        y.AssertClose(expected, 2e-7 * axis, 1e-6);
    }

    [Fact]
    public void LongSumsStayAccurate()
    {
        const int Count = 3_000_000;
        using var x = new FloatBuffer(Count);
        x.Span.Fill(0.1f);
        Assert.Equal(0.1f * (double)Count, ReductionKernels.Sum(x.Pointer, Count), 1.0);
    }
}
