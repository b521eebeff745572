using Percept.Tensors.Kernels.Attention;
using Percept.Tensors.Kernels.BF16;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class AttentionBF16Tests
{
    [Theory]
    [InlineData(1, 2, 2, 32, 32, 64, 64, true)]
    [InlineData(2, 4, 2, 33, 257, 80, 72, true)]
    [InlineData(1, 2, 1, 64, 700, 33, 17, false)]
    [InlineData(1, 1, 1, 577, 577, 64, 64, true)]
    [InlineData(1, 3, 3, 47, 1025, 16, 128, false)]
    public void StaysWithinItsBoundOfTheTwin(
        int batch, int heads, int keyHeads, int queries, int keys, int width, int valueWidth, bool timeFirst)
    {
        Tensor q = Make(batch, heads, queries, width, timeFirst, 1), k = Make(batch, keyHeads, keys, width, timeFirst, 2);
        Tensor v = Make(batch, keyHeads, keys, valueWidth, timeFirst, 3);
        AttentionOptions options = new() { TimeFirst = timeFirst, Precision = LinearPrecision.Fast, Scale = 0.3f };
        Tensor fast = Ops.Attention(q, k, v, options);
        Tensor exact = Ops.Attention(q, k, v, options with { Precision = LinearPrecision.Exact });
        float[] got = fast.ToArray<float>(), want = exact.ToArray<float>();
        if (BF16Micro.Shared is null)
        {
            Assert.Equal(want, got);
            return;
        }

        // Weights are rounded by at most 2^-9 of themselves in either.
        float[] spread = Ops.Attention(q, k, Ops.Abs(v), options with { Precision = LinearPrecision.Exact }).ToArray<float>();
        AssertNearTwin(q, k, v, options, fast, got, spread);
        double error = 0, size = 0;
        for (int i = 0; i < got.Length; i++)
        {
            error += Math.Pow(got[i] - want[i], 2);
            size += Math.Pow(want[i], 2);
        }

        Assert.InRange(Math.Sqrt(error / size), 1e-6, 0.008);
    }

    [Fact]
    public void ThreadsDoNotChangeIt()
    {
        Tensor q = Make(1, 2, 100, 64, true, 4), k = Make(1, 2, 130, 64, true, 5), v = Make(1, 2, 130, 64, true, 6);
        AttentionOptions options = new() { TimeFirst = true, Precision = LinearPrecision.Fast };
        float[] all = Ops.Attention(q, k, v, options).ToArray<float>();
        int before = WorkerPool.ThreadLimit;
        WorkerPool.ThreadLimit = 1;
        try
        {
            Assert.Equal(all, Ops.Attention(q, k, v, options).ToArray<float>());
        }
        finally
        {
            WorkerPool.ThreadLimit = before;
        }
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    public void HugeScoresPickOneKey(float scale)
    {
        Tensor q = Make(1, 1, 40, 64, true, 7), k = Make(1, 1, 520, 64, true, 8), v = Make(1, 1, 520, 64, true, 9);
        AttentionOptions options = new() { TimeFirst = true, Precision = LinearPrecision.Fast, Scale = scale };
        float[] got = Ops.Attention(q, k, v, options).ToArray<float>();
        float[] values = v.ToArray<float>();
        for (int row = 0; row < 40; row++)
        {
            float[] mine = got[(row * 64)..((row + 1) * 64)];
            Assert.Contains(
                Enumerable.Range(0, 520), j => mine.Select((x, i) => Math.Abs(x - values[(j * 64) + i])).Max() < 0.02f);
        }
    }

    private static Tensor Make(int batch, int heads, int tokens, int width, bool timeFirst, ulong seed) => Tensor.From(
        GradientCheck.Normal(batch * heads * tokens * width, seed),
        timeFirst ? [batch, tokens, heads, width] : [batch, heads, tokens, width]);

    private static unsafe void AssertNearTwin(
        Tensor q, Tensor k, Tensor v, AttentionOptions options, Tensor result, float[] got, float[] spread)
    {
        AttentionProblem problem = AttentionSetup.Problem(q, k, v, result, default, options, default);
        Assert.True(AttentionBF16.Fits(problem));
        float[] twin = new float[problem.ValueWidth];
        for (int b = 0; b < problem.Batch; b++)
        {
            for (int h = 0; h < problem.Heads; h++)
            {
                for (int i = 0; i < problem.Queries; i += 7)
                {
                    fixed (float* to = twin)
                    {
                        AttentionBF16.RunScalar(problem, b, h, i, to);
                    }

                    long at = problem.OutRow(b, h, i) - result.Floats;
                    for (int j = 0; j < twin.Length; j++)
                    {
                        Assert.InRange(Math.Abs(twin[j] - got[at + j]), 0, (0.0040 * spread[at + j]) + 1e-5);
                    }
                }
            }
        }
    }
}
