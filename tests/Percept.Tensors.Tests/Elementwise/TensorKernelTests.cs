using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests.Elementwise;

[Trait("Level", "Simd")]
public sealed unsafe class TensorKernelTests
{
    public static TheoryData<int> Sizes => [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GroupAndBatchNorm(int plane)
    {
        const int Batch = 3;
        const int Channels = 6;
        const int All = Batch * Channels;
        PlaneSets[] kinds =
        [
            PlaneSets.OfGroups(Batch, Channels, plane, 2), PlaneSets.OfGroups(Batch, Channels, plane, Channels),
            PlaneSets.OfChannels(Batch, Channels, plane),
        ];
        foreach (PlaneSets sets in kinds)
        {
            foreach (bool affine in new[] { true, false })
            {
                using FloatBuffer x = FloatBuffer.Random(All * plane, plane, 2, 8);
                using FloatBuffer weight = FloatBuffer.Random(Channels, 1);
                using FloatBuffer bias = FloatBuffer.Random(Channels, 2);
                using FloatBuffer dy = FloatBuffer.Random(All * plane, plane + 3);
                using var y = new FloatBuffer(All * plane);
                using var expected = new FloatBuffer(All * plane);
                float* w = affine ? weight.Pointer : null;
                float* b = affine ? bias.Pointer : null;
                PlaneNormKernels.Forward(sets, x.Pointer, w, b, 1e-5f, y.Pointer, null);
                PlaneNormKernels.ForwardScalar(sets, x.Pointer, w, b, 1e-5f, expected.Pointer);
                y.AssertClose(expected, 1e-5, 5e-6, "norm");
                using var dw = new FloatBuffer(Channels);
                using var db = new FloatBuffer(Channels);
                using var dwExpected = new FloatBuffer(Channels);
                using var dbExpected = new FloatBuffer(Channels);
                PlaneNormKernels.GradientScalar(
                    sets, x.Pointer, w, 1e-5f, dy.Pointer, expected.Pointer, dwExpected.Pointer, dbExpected.Pointer);
                PlaneNormKernels.Gradient(sets, x.Pointer, w, 1e-5f, dy.Pointer, dy.Pointer, dw.Pointer, db.Pointer);
                bool single = sets.PlanesInSet * plane == 1;
                dy.AssertClose(expected, single ? 2e-3 : 3e-5, 1e-5, "gradient");
                dw.AssertClose(dwExpected, 1e-4, 1e-5, "weight gradient");
                db.AssertClose(dbExpected, 1e-5, 1e-5, "bias gradient");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void BatchNormWithGivenStatistics(int plane)
    {
        const int All = 2 * 3;
        PlaneSets sets = PlaneSets.OfChannels(2, 3, plane);
        using FloatBuffer x = FloatBuffer.Random(All * plane, plane);
        using FloatBuffer dy = FloatBuffer.Random(All * plane, plane + 1);
        using FloatBuffer mean = FloatBuffer.Random(3, 1);
        using FloatBuffer variance = FloatBuffer.Random(3, 2, 0.5, 2);
        using FloatBuffer weight = FloatBuffer.Random(3, 3);
        using FloatBuffer bias = FloatBuffer.Random(3, 4);
        using var y = new FloatBuffer(All * plane);
        using var dx = new FloatBuffer(All * plane);
        using var dw = new FloatBuffer(3);
        using var db = new FloatBuffer(3);
        PlaneNormKernels.ForwardFixed(
            sets, x.Pointer, mean.Pointer, variance.Pointer, weight.Pointer, bias.Pointer, 1e-5f, y.Pointer);
        PlaneNormKernels.GradientFixed(
            sets, x.Pointer, mean.Pointer, variance.Pointer, weight.Pointer, 1e-5f, dy.Pointer, dx.Pointer, dw.Pointer,
            db.Pointer);
        var sums = new double[6];
        for (int i = 0; i < All * plane; i++)
        {
            int c = i / plane % 3;
            double inverse = 1 / Math.Sqrt(variance.Span[c] + 1e-5);
            double normal = (x.Span[i] - (double)mean.Span[c]) * inverse;
            Assert.Equal((normal * weight.Span[c]) + bias.Span[c], y.Span[i], 1e-5);
            Assert.Equal(dy.Span[i] * weight.Span[c] * inverse, dx.Span[i], 1e-5);
            sums[c] += dy.Span[i] * normal;
            sums[3 + c] += dy.Span[i];
        }

        for (int c = 0; c < 3; c++)
        {
            Assert.Equal(sums[c], dw.Span[c], 1e-4);
            Assert.Equal(sums[3 + c], db.Span[c], 1e-4);
        }

        y.AssertGuard();
        dx.AssertGuard();
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void NormalizedRows(int columns)
    {
        const int Rows = 4;
        foreach (float eps in new[] { 1e-12f, 2f })
        {
            using FloatBuffer x = FloatBuffer.Random(Rows * columns, columns, -0.5, 0.5);
            if (columns > 0)
            {
                x.Span[0] += 1.5f;
            }

            using FloatBuffer dy = FloatBuffer.Random(Rows * columns, columns + 1);
            using var y = new FloatBuffer(Rows * columns);
            using var expected = new FloatBuffer(Rows * columns);
            NormalizeKernels.Forward(x.Pointer, eps, y.Pointer, Rows, columns);
            NormalizeKernels.ForwardScalar(x.Pointer, eps, expected.Pointer, Rows, columns);
            y.AssertClose(expected, 2e-7, 1e-6);
            NormalizeKernels.GradientScalar(x.Pointer, eps, dy.Pointer, expected.Pointer, Rows, columns);
            NormalizeKernels.Gradient(x.Pointer, eps, dy.Pointer, dy.Pointer, Rows, columns);
            dy.AssertClose(expected, columns == 1 ? 1e-4 : 2e-5, 2e-6);
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(6, 2)]
    [InlineData(16, 0)]
    [InlineData(22, 3)]
    [InlineData(64, 16)]
    [InlineData(128, 0)]
    public void RopeTurnsAndTurnsBack(int rotary, int still)
    {
        const int Positions = 5;
        int channels = rotary + still;
        foreach (int kind in new[] { 0, 1, 2 })
        {
            // [B, H, T, D] and [B, T, H, D]
            foreach (RopeRows rows in new RopeRows[] { new(2, 3, Positions, 0, 0, 1), new(2, Positions, 3, 0, 1, 0) })
            {
                int size = 2 * 3 * Positions * channels;
                using FloatBuffer x = FloatBuffer.Random(size, size);
                using FloatBuffer cos = FloatBuffer.Random(Positions * rotary / 2, 1, -1, 1);
                using FloatBuffer sin = cos.Copy();
                for (int i = 0; i < sin.Count; i++)
                {
                    sin.Span[i] = MathF.Sqrt(1 - (cos.Span[i] * cos.Span[i]));
                }

                using var y = new FloatBuffer(size);
                using var expected = new FloatBuffer(size);
                var pairs = (RopePairs)kind;
                RopeKernels.Apply(x.Pointer, y.Pointer, rows, channels, rotary, cos.Pointer, sin.Pointer, pairs, false);
                RopeKernels.ApplyScalar(
                    x.Pointer, expected.Pointer, rows, channels, rotary, cos.Pointer, sin.Pointer, pairs, false);
                y.AssertClose(expected, 6e-7, 0, pairs.ToString());
                using var back = new FloatBuffer(size);
                RopeKernels.Apply(y.Pointer, back.Pointer, rows, channels, rotary, cos.Pointer, sin.Pointer, pairs, true);
                back.AssertClose(x, 2e-6, 0, pairs + " back");
                RopeKernels.ApplyScalar(
                    y.Pointer, expected.Pointer, rows, channels, rotary, cos.Pointer, sin.Pointer, pairs, true);
                back.AssertClose(expected, 6e-7, 0, pairs + " back");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void OptimizersAgreeWithTwins(int count)
    {
        using FloatBuffer p = FloatBuffer.Random(count, 1);
        using FloatBuffer m = FloatBuffer.Random(count, 3);
        using FloatBuffer v = FloatBuffer.Random(count, 4, 0, 2);
        using FloatBuffer p2 = p.Copy();
        using FloatBuffer m2 = m.Copy();
        using FloatBuffer v2 = v.Copy();
        for (int step = 1; step < 9; step++)
        {
            using FloatBuffer g = FloatBuffer.Random(count, 10 + step);
            var adam = new AdamStep(step, 1e-2, 0.9, 0.99, 1e-8, 0.1, step % 2 == 0, 0.5f);
            OptimizerKernels.Adam(adam, p.Pointer, g.Pointer, m.Pointer, v.Pointer, count);
            OptimizerKernels.AdamScalar(adam, p2.Pointer, g.Pointer, m2.Pointer, v2.Pointer, count);
            p.AssertClose(p2, 2e-6, 2e-6, "adam");
            m.AssertClose(m2, 2e-6, 2e-6, "first moment");
            v.AssertClose(v2, 2e-6, 2e-6, "second moment");
            var sgd = new SgdStep(step == 1, 0.01f, 0.9f, step % 3 == 0 ? 0.1f : 0f, step % 2 == 0, 0.05f, 1f);
            OptimizerKernels.Sgd(sgd, p.Pointer, g.Pointer, m.Pointer, count);
            OptimizerKernels.SgdScalar(sgd, p2.Pointer, g.Pointer, m2.Pointer, count);
            p.AssertClose(p2, 5e-6, 2e-6, "sgd");
            var lion = new LionStep(0.01f, 0.9f, 0.99f, 0.1f, 1f);
            OptimizerKernels.Lion(lion, p.Pointer, g.Pointer, m.Pointer, count);
            OptimizerKernels.LionScalar(lion, p2.Pointer, g.Pointer, m2.Pointer, count);
            p.AssertClose(p2, 5e-6, 2e-6, "lion");
            m.AssertClose(m2, 5e-6, 2e-6, "lion's momentum");
        }

        v.Span.Fill(float.NaN);
        var first = new SgdStep(true, 0.01f, 0.9f, 0f, false, 0f, 1f);
        OptimizerKernels.Sgd(first, p.Pointer, m.Pointer, v.Pointer, count);
        v.AssertClose(m, 0, 0, "the first buffer is the gradient");
    }
}
