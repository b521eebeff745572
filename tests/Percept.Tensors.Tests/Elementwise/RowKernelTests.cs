using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests.Elementwise;

[Trait("Level", "Simd")]
public sealed unsafe class RowKernelTests
{
    public static TheoryData<int> Sizes => [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SoftmaxAndGradient(int columns)
    {
        const int Rows = 5;
        foreach (bool logarithm in new[] { false, true })
        {
            foreach (bool masked in new[] { false, true })
            {
                using FloatBuffer x = FloatBuffer.Random(Rows * columns, columns, -20, 20);
                using FloatBuffer mask = FloatBuffer.Random(2 * columns, columns + 1);
                for (int i = 1; i < columns; i += 3)
                {
                    mask.Span[i] = float.NegativeInfinity;
                }

                float* m = masked ? mask.Pointer : null;
                float scale = masked ? 0.125f : 1f;
                using var expected = new FloatBuffer(Rows * columns);
                SoftmaxKernels.ForwardScalar(x.Pointer, m, 2, scale, logarithm, expected.Pointer, Rows, columns);
                using var y = new FloatBuffer(Rows * columns);
                SoftmaxKernels.Forward(x.Pointer, m, 2, scale, logarithm, y.Pointer, Rows, columns);
                y.AssertClose(expected, logarithm ? 5e-6 : 1e-7, 1e-6, "softmax");

                using FloatBuffer dy = FloatBuffer.Random(Rows * columns, columns + 2);
                SoftmaxKernels.GradientScalar(y.Pointer, dy.Pointer, scale, logarithm, expected.Pointer, Rows, columns);
                SoftmaxKernels.Gradient(y.Pointer, dy.Pointer, scale, logarithm, dy.Pointer, Rows, columns);
                dy.AssertClose(expected, 5e-6, 3e-6, "softmax gradient");

                SoftmaxKernels.Forward(x.Pointer, m, 2, scale, logarithm, x.Pointer, Rows, columns);
                x.AssertClose(y, 0, 0, "softmax in place");
            }
        }
    }

    [Fact]
    public void SoftmaxOfAllMaskedRowIsNaNAndOfLowestIsUniform()
    {
        using var x = new FloatBuffer(5);
        x.Span.Fill(float.NegativeInfinity);
        using var y = new FloatBuffer(5);
        SoftmaxKernels.Forward(x.Pointer, null, 1, 1f, false, y.Pointer, 1, 5);
        Assert.True(float.IsNaN(y.Span[2]));
        x.Span.Fill(float.MinValue);
        SoftmaxKernels.Forward(x.Pointer, null, 1, 1f, false, y.Pointer, 1, 5);
        Assert.Equal(0.2f, y.Span[4], 1e-7);
        x.Span.Fill(1f);
        x.Span[1] = float.NaN;
        SoftmaxKernels.Forward(x.Pointer, null, 1, 1f, false, y.Pointer, 1, 5);
        Assert.True(float.IsNaN(y.Span[0]) && float.IsNaN(y.Span[4]));
        Assert.True(float.IsNegativeInfinity(SoftmaxKernels.LogSumExp(null, 0)));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void NormsAndGradients(int columns)
    {
        const int Rows = 7;
        foreach (NormSpec spec in new NormSpec[] { new(true, 1e-5f, 0f), new(false, 1e-6f, 0f), new(false, 1e-6f, 1f) })
        {
            foreach (bool affine in new[] { true, false })
            {
                using FloatBuffer x = FloatBuffer.Random(Rows * columns, columns, 1, 9);
                using FloatBuffer weight = FloatBuffer.Random(columns, columns + 1);
                using FloatBuffer bias = FloatBuffer.Random(columns, columns + 2);
                using FloatBuffer dy = FloatBuffer.Random(Rows * columns, columns + 3);
                float* w = affine ? weight.Pointer : null;
                float* b = affine && spec.Centered ? bias.Pointer : null;
                using var expected = new FloatBuffer(Rows * columns);
                using var y = new FloatBuffer(Rows * columns);
                NormKernels.ForwardScalar(x.Pointer, w, b, spec, expected.Pointer, Rows, columns);
                NormKernels.Forward(x.Pointer, w, b, spec, y.Pointer, Rows, columns);
                y.AssertClose(expected, 4e-6, 2e-6, "norm");

                using var dw = new FloatBuffer(columns);
                using var db = new FloatBuffer(columns);
                using var dwExpected = new FloatBuffer(columns);
                using var dbExpected = new FloatBuffer(columns);
                NormKernels.GradientScalar(
                    x.Pointer, w, spec, dy.Pointer, expected.Pointer, dwExpected.Pointer, dbExpected.Pointer, Rows, columns);
                NormKernels.Gradient(x.Pointer, w, spec, dy.Pointer, dy.Pointer, dw.Pointer, db.Pointer, Rows, columns);
                double steep = columns < 2 ? 2e-3 : 2e-5;
                dy.AssertClose(expected, steep, 1e-5, "norm gradient");
                dw.AssertClose(dwExpected, 2e-5, 2e-5, "weight gradient");
                db.AssertClose(dbExpected, 5e-6, 2e-6, "bias gradient");
            }
        }
    }

    [Fact]
    public void LargeNormsAreTheSameForEveryThreadCount()
    {
        const int Rows = 700;
        const int Columns = 97;
        var spec = new NormSpec(true, 1e-5f, 0f);
        using FloatBuffer x = FloatBuffer.Random(Rows * Columns, 1);
        using FloatBuffer weight = FloatBuffer.Random(Columns, 2);
        using FloatBuffer dy = FloatBuffer.Random(Rows * Columns, 3);
        using var dw = new FloatBuffer(Columns);
        using var dw1 = new FloatBuffer(Columns);
        using var expected = new FloatBuffer(Columns);
        using var dx = new FloatBuffer(Rows * Columns);
        using var dx1 = new FloatBuffer(Rows * Columns);
        NormKernels.Gradient(x.Pointer, weight.Pointer, spec, dy.Pointer, dx.Pointer, dw.Pointer, null, Rows, Columns);
        Threading.WorkerPool.ThreadLimit = 1;
        NormKernels.Gradient(x.Pointer, weight.Pointer, spec, dy.Pointer, dx1.Pointer, dw1.Pointer, null, Rows, Columns);
        Threading.WorkerPool.ThreadLimit = 0;
        dw1.AssertClose(dw, 0, 0);
        dx1.AssertClose(dx, 0, 0);
        using var db = new FloatBuffer(Columns);
        NormKernels.GradientScalar(
            x.Pointer, weight.Pointer, spec, dy.Pointer, dx1.Pointer, expected.Pointer, db.Pointer, Rows, Columns);
        dw.AssertClose(expected, 1e-4, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GatedActivations(int columns)
    {
        const int Rows = 4;
        foreach (bool swapped in new[] { false, true })
        {
            using FloatBuffer both = FloatBuffer.Random(Rows * 2 * columns, columns);
            using FloatBuffer dy = FloatBuffer.Random(Rows * columns, columns + 1);
            using var y = new FloatBuffer(Rows * columns);
            using var expected = new FloatBuffer(Rows * columns);
            using var grad = new FloatBuffer(Rows * 2 * columns);
            using var gradExpected = new FloatBuffer(Rows * 2 * columns);
            int first = swapped ? columns : 0;
            int second = columns - first;
            var gate = new Rows(both.Pointer + first, 2 * columns);
            var up = new Rows(both.Pointer + second, 2 * columns);
            var op = default(SiluOp);
            GatedKernels.Forward(op, gate, up, new Rows(y.Pointer, columns), Rows, columns);
            GatedKernels.ForwardScalar(op, gate, up, new Rows(expected.Pointer, columns), Rows, columns);
            y.AssertClose(expected, 2e-6, 1e-6, "gated");
            GatedKernels.Gradient(
                op, gate, up, new Rows(dy.Pointer, columns), new Rows(grad.Pointer + first, 2 * columns),
                new Rows(grad.Pointer + second, 2 * columns), Rows, columns);
            GatedKernels.GradientScalar(
                op, gate, up, new Rows(dy.Pointer, columns), new Rows(gradExpected.Pointer + first, 2 * columns),
                new Rows(gradExpected.Pointer + second, 2 * columns), Rows, columns);
            grad.AssertClose(gradExpected, 5e-6, 2e-6, "gated gradient");
        }
    }
}
