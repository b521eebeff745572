using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;
using Xunit;
using Buffer = Percept.Tensors.Tests.GemmF32Tests.Buffer;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class GemvTests
{
    private static readonly int[] s_sizes = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 257];

    [Fact]
    public void FloatWeightsMatchTheScalarTwin() => Sweep<F32Weight>();

    [Fact]
    public void BFloat16WeightsMatchTheScalarTwin() => Sweep<BF16Weight>();

    [Fact]
    public void HalfWeightsMatchTheScalarTwin() => Sweep<F16Weight>();

    [Fact]
    public void ManyRowsAndColumnsAreSplitIntoItems()
    {
        Both<F32Weight>(1, 1030, 700, 1, 0, 0, true);
        Both<BF16Weight>(3, 1030, 1500, 1, 1, 0, true);
        Both<F16Weight>(16, 515, 1301, 0.5f, 0, 3, true);
    }

    [Fact]
    public void LongRowsAreSummedInParts()
    {
        Both<F16Weight>(2, 37, 2049, 1, 0, 3, true);
        Both<F16Weight>(7, 37, 4500, -1, 0.5f, 0, false);
        Both<BF16Weight>(4, 37, 4500, 1, 0, 0, true);
    }

    /// <summary>Eight rows at a time, which only some processors choose: tails of rows and of columns, strides, and threads.</summary>
    [Fact]
    public void EightRowsMatchTheScalarTwin()
    {
        foreach ((int n, int k) in new[]
        {
            (8, 0), (8, 1), (9, 15), (15, 16), (16, 17), (17, 31), (8, 32), (31, 33), (8, 48), (23, 64), (64, 257), (131, 95),
            (1030, 700), (203, 4111),
        })
        {
            Eights<F32Weight>(n, k);
            Eights<F16Weight>(n, k);
            Eights<BF16Weight>(n, k);
        }
    }

    /// <summary>A weight that is special reaches its own row's sum, from any place of a line and the columns' tail.</summary>
    [Fact]
    public void EightRowsKeepSpecialNumbers()
    {
        if (EmittedGemv.Shared is null)
        {
            return;
        }

        const int N = 8, K = 83;
        using Buffer x = new(K, 1), y = new(N, 2);
        ushort[] halves = [0x7C00, 0xFC00, 0x7E00, 0x0001, 0x83FF, 0x7BFF, 0x3C00, 0x0400];
        ushort[] brains = [0x7F80, 0xFF80, 0x7FC0, 0x0080, 0x8080, 0x7F7F, 0x3F80, 0x4000];
        ushort[] weights = new ushort[N * K];
        for (int at = 0; at < K; at++)
        {
            x.Span.Clear();
            x.Span[at] = 1;
            weights.AsSpan().Clear();
            for (int r = 0; r < N; r++)
            {
                weights[(r * K) + at] = halves[r];
            }

            fixed (ushort* w = weights)
            {
                Gemv.RunEights<F16Weight>(N, K, 1, w, K * 2, x.Data, 0, y.Data, 1, null, 1);
                for (int r = 0; r < N; r++)
                {
                    Same((float)BitConverter.UInt16BitsToHalf(halves[r]), y.Span[r]);
                    w[(r * K) + at] = brains[r];
                }

                Gemv.RunEights<BF16Weight>(N, K, 1, w, K * 2, x.Data, 0, y.Data, 1, null, 1);
                for (int r = 0; r < N; r++)
                {
                    Same(BitConverter.UInt32BitsToSingle((uint)brains[r] << 16), y.Span[r]);
                }
            }
        }
    }

    /// <summary>Vectors in two bfloat16 parts: 16 bits of each element count, in any place of a row, a group and a part.</summary>
    [Fact]
    public void SplitVectorsAreCloseToTheExactProduct()
    {
        if (!Gemv.HasSplit)
        {
            return;
        }

        foreach ((int m, int n, int k) in new[]
        {
            (2, 1, 1), (3, 4, 31), (4, 5, 32), (5, 33, 33), (8, 64, 257), (7, 131, 100), (16, 40, 2048), (16, 37, 2080), (9, 35, 4999),
            (2, 7, 0),
        })
        {
            using Buffer x = new(m * k, 1), bias = new(n, 2), y = new(m * n, 3), expected = new(m * n, 4);
            ushort[] weights = new ushort[Math.Max(1, n * k)];
            var random = new Random(7);
            for (int i = 0; i < n * k; i++)
            {
                weights[i] = (ushort)(BitConverter.SingleToUInt32Bits((random.NextSingle() * 2) - 1) >> 16);
            }

            fixed (ushort* w = weights)
            {
                Gemv.RunSplit(m, n, k, w, x.Data, k, y.Data, n, bias.Data);
                Gemv.RunScalar<BF16Weight>(m, n, k, 1, w, k * 2, x.Data, k, 0, expected.Data, n, bias.Data);
            }

            // Each product is off by 2⁻¹⁶ of it at most, some 2⁻¹⁷·√(k/9) of a sum by chance; rounding both ways comes on top.
            double tolerance = (1.0 / 65536 * Math.Max(1, Math.Sqrt(k))) + (3e-7 * (k + 8));
            for (int i = 0; i < m * n; i++)
            {
                Assert.True(
                    Math.Abs(y.Span[i] - expected.Span[i]) <= tolerance, $"{m}x{n}x{k} at {i}: {y.Span[i]}, {expected.Span[i]}");
            }
        }
    }

    [Fact]
    public void SplitVectorsKeepSpecialNumbers()
    {
        if (!Gemv.HasSplit)
        {
            return;
        }

        // The first vector is 0 but for one element, the second all 0; weights are 1.
        const int K = 40;
        using Buffer x = new(2 * K, 1), y = new(8, 2);
        ushort[] ones = new ushort[4 * K];
        ones.AsSpan().Fill(0x3F80);
        foreach (float value in new[]
        {
            float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3e38f, -3e38f, 1 + (1f / 65536), 1e-30f,
            BitConverter.UInt32BitsToSingle(0x7F800001),
        })
        {
            x.Span.Clear();
            x.Span[37] = value;
            fixed (ushort* w = ones)
            {
                Gemv.RunSplit(2, 4, K, w, x.Data, K, y.Data, 4, null);
            }

            if (float.IsFinite(value))
            {
                Assert.Equal(value, y.Span[3], Math.Abs(value) / 65536);
            }
            else
            {
                Assert.Equal(value, y.Span[3]);
            }

            Assert.Equal(0f, y.Span[7]);
        }
    }

    [Fact]
    public void AnEmptySumIsTheBias()
    {
        Both<F32Weight>(2, 5, 0, 1, 0, 0, true);
        Both<F16Weight>(3, 9, 0, 1, 0, 0, true);
        Both<BF16Weight>(1, 9, 0, 1, 0.5f, 0, true);
        Both<F32Weight>(2, 0, 5, 1, 0.5f, 0, true);
        Both<F32Weight>(0, 5, 5, 1, 0, 0, false);
    }

    [Fact]
    public void SpecialHalfValuesArePropagated()
    {
        ushort[] halves = [0x7C00, 0xFC00, 0x7E00, 0x0001, 0x83FF, 0x8000, 0x7BFF, 0x3C00, 0x0400, 0x7D01];
        ushort[] brains = [0x7F80, 0xFF80, 0x7FC0, 0x0001, 0x807F, 0x8000, 0x7F7F, 0x3F80, 0x0080, 0x7FA0];
        float* decoded = stackalloc float[100];
        float* one = stackalloc float[100];
        ushort* weights = stackalloc ushort[100];
        foreach (int length in new[] { 1, 4, 8, 16, 17, 64, 100 })
        {
            for (int at = 0; at < length; at++)
            {
                for (int s = 0; s < halves.Length; s++)
                {
                    new Span<ushort>(weights, length).Clear();
                    new Span<float>(one, length).Clear();
                    one[at] = 1;
                    float y;
                    weights[at] = halves[s];
                    Gemv.Run<F16Weight>(1, 1, length, 1, weights, length * 2, one, length, 0, &y, 1);
                    Same((float)BitConverter.UInt16BitsToHalf(halves[s]), y);
                    HalfFloats.DecodeF16((byte*)weights, 0, length, decoded);
                    Same((float)BitConverter.UInt16BitsToHalf(halves[s]), decoded[at]);
                    weights[at] = brains[s];
                    Gemv.Run<BF16Weight>(1, 1, length, 1, weights, length * 2, one, length, 0, &y, 1);
                    Same(BitConverter.UInt32BitsToSingle((uint)brains[s] << 16), y);
                    HalfFloats.DecodeBF16((byte*)weights, 0, length, decoded);
                    Same(BitConverter.UInt32BitsToSingle((uint)brains[s] << 16), decoded[at]);
                }
            }
        }
    }

    [Fact]
    public void OneSpecialHalfSpoilsItsOwnRowOnly()
    {
        const int N = 9, K = 75;
        ushort[] weights = new ushort[N * K];
        Array.Fill(weights, (ushort)0x3C00);
        using Buffer x = new(5 * K, 1), y = new(5 * N, 2);
        x.Span.Fill(0.5f);
        for (int at = 0; at < K; at += 7)
        {
            for (int m = 1; m <= 5; m++)
            {
                weights[(2 * K) + at] = 0xFC00;
                weights[(7 * K) + at] = 0x7E01;
                fixed (ushort* w = weights)
                {
                    Gemv.Run<F16Weight>(m, N, K, 1, w, K * 2, x.Data, K, 0, y.Data, N);
                }

                for (int i = 0; i < m * N; i++)
                {
                    Same(i % N == 2 ? float.NegativeInfinity : i % N == 7 ? float.NaN : K / 2f, y.Data[i]);
                }

                weights[(2 * K) + at] = weights[(7 * K) + at] = 0x3C00;
            }
        }
    }

    [Fact]
    public void EveryHalfAndBFloat16IsItsOwnProductWithOne()
    {
        // A row holds one value, at a place that differs from row to row; NaN, infinities and subnormals included.
        const int N = 4096, K = 45;
        ushort[] weights = new ushort[N * K];
        using Buffer x = new(4 * K, 1), y = new(4 * N, 2);
        x.Span.Fill(1);
        foreach (int m in new[] { 1, 2, 4 })
        {
            for (int start = 0; start < 65536; start += N)
            {
                for (int r = 0; r < N; r++)
                {
                    weights[(r * K) + (r % K)] = (ushort)(start + r);
                }

                fixed (ushort* w = weights)
                {
                    Gemv.Run<F16Weight>(m, N, K, 1, w, K * 2, x.Data, K, 0, y.Data, N);
                    for (int i = 0; i < m * N; i++)
                    {
                        Same((float)BitConverter.UInt16BitsToHalf((ushort)(start + (i % N))), y.Data[i]);
                    }

                    Gemv.Run<BF16Weight>(m, N, K, 1, w, K * 2, x.Data, K, 0, y.Data, N);
                    for (int i = 0; i < m * N; i++)
                    {
                        Same(BitConverter.UInt32BitsToSingle((uint)(start + (i % N)) << 16), y.Data[i]);
                    }
                }
            }
        }
    }

    [Fact]
    public void NothingBeyondARowCounts()
    {
        // What lies between rows, and after a vector, is not a number.
        const int N = 18;
        foreach (int k in s_sizes)
        {
            foreach (int m in new[] { 1, 2, 3, 4, 7 })
            {
                int ld = k + 5;
                ushort[] half = new ushort[N * ld], brain = new ushort[N * ld];
                Array.Fill(half, (ushort)0x7E00);
                Array.Fill(brain, (ushort)0x7FC0);
                using Buffer x = new(m * ld, 1), y = new(m * N, 2);
                x.Span.Fill(float.NaN);
                for (int r = 0; r < N; r++)
                {
                    half.AsSpan(r * ld, k).Fill(0x3C00);
                    brain.AsSpan(r * ld, k).Fill(0x3F80);
                }

                for (int j = 0; j < m; j++)
                {
                    x.Span.Slice(j * ld, k).Fill(j + 1);
                }

                fixed (ushort* h = half, b = brain)
                {
                    Gemv.Run<F16Weight>(m, N, k, 1, h, ld * 2, x.Data, ld, 0, y.Data, N);
                    for (int i = 0; i < m * N; i++)
                    {
                        Same(((i / N) + 1) * k, y.Data[i]);
                    }

                    Gemv.Run<BF16Weight>(m, N, k, 1, b, ld * 2, x.Data, ld, 0, y.Data, N);
                    for (int i = 0; i < m * N; i++)
                    {
                        Same(((i / N) + 1) * k, y.Data[i]);
                    }
                }
            }
        }
    }

    [Fact]
    public void EveryHalfIsDecodedExactly()
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        using Buffer floats = new(65536, 1);
        fixed (ushort* p = all)
        {
            HalfFloats.DecodeF16((byte*)p, 0, 65536, floats.Data);
        }

        for (int i = 0; i < all.Length; i++)
        {
            Same((float)BitConverter.UInt16BitsToHalf(all[i]), floats.Data[i]);
        }
    }

    [Fact]
    public void TheNumberOfThreadsDoesNotChangeABit()
    {
        const int N = 1500, K = 1111;
        int threads = WorkerPool.Shared.Threads;
        using Buffer w = new(N * K, 1), x = new(8 * N, 2), bias = new(N, 3);
        float[]? first = null;
        try
        {
            foreach (int count in new[] { 1, 2, 4 })
            {
                WorkerPool.Configure(count);
                using Buffer y = new(20 * N, 5);
                Gemv.Run<F32Weight>(1, N, K, 1, w.Data, K * 4, x.Data, K, 0, y.Data, N, bias.Data);
                Gemv.Run<F32Weight>(7, N, K, 1, w.Data, K * 4, x.Data, K, 0, y.Data + N, N, bias.Data);
                Gemv.RunTransposed<F32Weight>(3, N, K, 1, w.Data, K * 4, x.Data, N, 0, y.Data + (10 * N), K);
                first ??= y.Span.ToArray();
                Assert.True(first.AsSpan().SequenceEqual(y.Span), $"{count} threads");
            }
        }
        finally
        {
            WorkerPool.Configure(threads);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void TheNumberOfThreadsDoesNotChangeABitWithNarrowWeights(int m)
    {
        const int N = 1511, K = 1111;
        int threads = WorkerPool.Shared.Threads;
        using Buffer x = new(m * K, 2), y = new(2 * m * N, 5);
        ushort[] weights = new ushort[N * K];
        var random = new Random(3);
        for (int i = 0; i < weights.Length; i++)
        {
            // A number of about one in either format.
            weights[i] = (ushort)random.Next(0x3B00, 0x3F80);
        }

        float[]? first = null;
        try
        {
            foreach (int count in new[] { 1, 2, 4 })
            {
                WorkerPool.Configure(count);
                fixed (ushort* w = weights)
                {
                    Gemv.Run<BF16Weight>(m, N, K, 1, w, K * 2, x.Data, K, 0, y.Data, N);
                    Gemv.Run<F16Weight>(m, N, K, 1, w, K * 2, x.Data, K, 0, y.Data + (m * N), N);
                }

                first ??= y.Span.ToArray();
                Assert.True(first.AsSpan().SequenceEqual(y.Span), $"{count} threads");
            }
        }
        finally
        {
            WorkerPool.Configure(threads);
        }
    }

    private static void Sweep<TW>()
        where TW : struct, IWeightElement
    {
        foreach (int n in s_sizes)
        {
            foreach (int k in s_sizes)
            {
                Both<TW>((n + k) % 16 + 1, n, k, 1, 0, 0, k % 2 == 0);
                Both<TW>(1, n, k, -2, 0.5f, 3, n % 2 == 0);
            }
        }
    }

    private static void Both<TW>(int m, int n, int k, float alpha, float beta, int pad, bool withBias)
        where TW : struct, IWeightElement
    {
        int ldw = k + pad, longer = Math.Max(n, k), ld = longer + pad;
        byte[] weights = new byte[n * ldw * TW.Size];
        Random random = new(7);
        fixed (byte* w = weights)
        {
            for (int i = 0; i < n * ldw; i++)
            {
                float value = (random.NextSingle() * 2) - 1;
                if (TW.Size == 4)
                {
                    ((float*)w)[i] = value;
                }
                else
                {
                    // Either reading of these bits is a number of about this size.
                    ((ushort*)w)[i] = typeof(TW) == typeof(F16Weight)
                        ? BitConverter.HalfToUInt16Bits((Half)value)
                        : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                }
            }

            using Buffer x = new(m * ld, 1), bias = new(longer, 2);
            float* b = withBias ? bias.Data : null;
            using (Buffer y = new(m * ld, 3), expected = new(m * ld, 3))
            {
                Gemv.Run<TW>(m, n, k, alpha, w, ldw * TW.Size, x.Data, ld, beta, y.Data, ld, b);
                Gemv.RunScalar<TW>(m, n, k, alpha, w, ldw * TW.Size, x.Data, ld, beta, expected.Data, ld, b);
                Near(expected.Span, y.Span, k, $"{m} x {n} x {k}");
            }

            using (Buffer y = new(m * ld, 3), expected = new(m * ld, 3))
            {
                Gemv.RunTransposed<TW>(m, n, k, alpha, w, ldw * TW.Size, x.Data, ld, beta, y.Data, ld, b);
                Gemv.RunTransposedScalar<TW>(m, n, k, alpha, w, ldw * TW.Size, x.Data, ld, beta, expected.Data, ld, b);
                Near(expected.Span, y.Span, n, $"transposed {m} x {n} x {k}");
            }
        }
    }

    private static void Eights<TW>(int n, int k)
        where TW : struct, IWeightElement
    {
        if (EmittedGemv.Shared is null)
        {
            return;
        }

        const int Pad = 5, Stride = 3;
        int ldw = k + Pad;
        byte[] weights = new byte[n * ldw * TW.Size];
        using Buffer x = new(k + 1, 1), bias = new(2 * n, 2), y = new(Stride * n, 3), one = new(Stride * n, 3), expected = new(n, 4);
        fixed (byte* w = weights)
        {
            var random = new Random(7);
            for (int i = 0; i < n * ldw; i++)
            {
                // What lies between the rows must not be used.
                float value = i % ldw >= k ? float.NaN : (random.NextSingle() * 2) - 1;
                if (TW.Size == 4)
                {
                    ((float*)w)[i] = value;
                }
                else
                {
                    ((ushort*)w)[i] = typeof(TW) == typeof(F16Weight)
                        ? BitConverter.HalfToUInt16Bits((Half)value)
                        : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                }
            }

            for (int i = 0; i < n; i++)
            {
                expected.Span[i] = y.Span[Stride * i];
            }

            float* dense = stackalloc float[n];
            for (int i = 0; i < n; i++)
            {
                dense[i] = bias.Span[2 * i];
            }

            Gemv.RunScalar<TW>(1, n, k, 0.75f, w, ldw * TW.Size, x.Data, k, 0.5f, expected.Data, n, dense);
            Gemv.RunEights<TW>(n, k, 0.75f, w, ldw * TW.Size, x.Data, 0.5f, y.Data, Stride, bias.Data, 2);
            int limit = WorkerPool.ThreadLimit;
            WorkerPool.ThreadLimit = 1;
            Gemv.RunEights<TW>(n, k, 0.75f, w, ldw * TW.Size, x.Data, 0.5f, one.Data, Stride, bias.Data, 2);
            WorkerPool.ThreadLimit = limit;
        }

        Assert.Equal(one.Span, y.Span);
        for (int i = 0; i < n; i++)
        {
            double tolerance = 3e-7 * (k + 8);
            Assert.True(
                Math.Abs(expected.Span[i] - y.Span[Stride * i]) <= tolerance,
                $"{typeof(TW).Name} {n}x{k} at {i}: {y.Span[Stride * i]} not {expected.Span[i]}");
        }
    }

    private static void Near(Span<float> expected, Span<float> actual, int terms, string what)
    {
        double tolerance = 3e-7 * (terms + 8);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
            {
                Assert.Fail($"{what} at {i}: {actual[i]} not {expected[i]}");
            }
        }
    }

    private static void Same(float expected, float actual)
    {
        if (float.IsNaN(expected) ? !float.IsNaN(actual) : expected != actual)
        {
            Assert.Fail($"{actual} not {expected}");
        }
    }
}
