using System.Runtime.InteropServices;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class GemmF32Tests
{
    public static readonly TheoryData<bool, bool> Orders = new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Orders))]
    public void ProductsMatchADoubleReference(bool transA, bool transB)
    {
        int[] sizes = [1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64];
        for (int i = 0; i < sizes.Length; i++)
        {
            for (int j = 0; j < sizes.Length; j++)
            {
                Check(sizes[i], sizes[j], sizes[(i + (3 * j)) % sizes.Length], transA, transB, 1, 0, 0, false);
            }
        }

        Check(257, 33, 65, transA, transB, 1, 0, 3, true);
        Check(33, 257, 31, transA, transB, -0.5f, 1, 1, false);
        Check(13, 47, 257, transA, transB, 1, 1, 0, true);
        Check(70, 140, 100, transA, transB, 2, 0.25f, 5, true);
        Check(1, 300, 70, transA, transB, 1, 0, 0, true);
        Check(300, 1, 70, transA, transB, 1, 0, 2, true);
        Check(5, 3, 2100, transA, transB, 1, 1, 0, true);
        Check(25, 290, 1100, transA, transB, 1, -1, 0, true);
    }

    [Theory]
    [InlineData(0, 5, 5)]
    [InlineData(5, 0, 5)]
    [InlineData(5, 9, 0)]
    public void EmptySizesScaleTheOldResult(int m, int n, int k)
    {
        Check(m, n, k, false, true, 1, 0, 0, true);
        Check(m, n, k, false, true, 1, 0.5f, 2, true);
        Check(m, n, k, true, false, 0, 1, 2, false);
    }

    [Fact]
    public void AZeroBetaOverwritesNaN()
    {
        using Buffer a = new(20 * 20, 1), b = new(20 * 20, 2), c = new(20 * 20, 3);
        c.Span.Fill(float.NaN);
        GemmF32.Run(20, 20, 20, 1, a.Data, 20, false, b.Data, 20, false, 0, c.Data, 20);
        Assert.DoesNotContain(c.Span.ToArray(), float.IsNaN);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void TheNumberOfThreadsDoesNotChangeABit(bool transA, bool transB)
    {
        const int M = 150, N = 333, K = 1200, More = 9;
        using Buffer a = new(M * K, 1), b = new(K * N, 2), bias = new(N, 3), second = new(M * More, 5), other = new(More * N, 6);
        WorkerPool old = WorkerPool.Shared;
        float[]? first = null;
        int threads = old.Threads;
        try
        {
            foreach (int count in new[] { 1, 2, 4 })
            {
                WorkerPool.Configure(count);
                using Buffer c = new(M * N, 4);
                GemmF32.Run(
                    M, N, K, 1, a.Data, transA ? M : K, transA, GemmSource.F32(b.Data, transB ? K : N, transB), 1, c.Data, N, bias.Data,
                    new GemmAddend(second.Data, More, More, GemmSource.F32(other.Data, N, false)));
                first ??= c.Span.ToArray();
                Assert.True(first.AsSpan().SequenceEqual(c.Span), $"{count} threads");
            }
        }
        finally
        {
            WorkerPool.Configure(threads);
        }
    }

    [Fact]
    public void SeveralBlocksOfRowsAndDepthAgreeWithTheReference()
    {
        // More rows than a block of packed A holds, and more k than one.
        Check(2100, 260, 3, false, true, 1, 1, 0, true);
        Check(14, 290, 4200, false, false, 1, 0, 0, true);
    }

    [Theory]
    [InlineData(100, 300, 48, 8)]
    [InlineData(2100, 140, 32, 16)]
    [InlineData(115, 333, 1424, 17)]
    [InlineData(150, 300, 2912, 256)]
    [InlineData(150, 300, 50, 8)]
    [InlineData(150, 300, 64, 300)]
    [InlineData(3, 70, 64, 5)]
    [InlineData(60, 20, 64, 5)]
    [InlineData(60, 300, 0, 5)]
    public void AnAddendIsAddedOnce(int m, int n, int k, int more)
    {
        int mostB = n * Math.Max(1, k), mostA = m * Math.Max(1, k);
        using Buffer a = new(mostA, 1), b = new(mostB, 2), bias = new(n, 3), second = new(m * more, 4), other = new(n * more, 5);
        using Buffer c = new(m * n, 6), expected = new(m * n, 6);
        ushort[] rounded = [.. b.Span.ToArray().Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
        for (int i = 0; i < rounded.Length; i++)
        {
            b.Span[i] = HalfFloats.BF16(rounded[i]);
        }

        fixed (ushort* decoded = rounded)
        {
            for (int way = 0; way < 8; way++)
            {
                bool trans = (way & 1) != 0;
                float beta = (way & 2) != 0 ? 0.5f : 0, alpha = (way & 2) != 0 ? 0.25f : 1;
                int ldb = trans ? k : n, ldOther = trans ? more : n;
                GemmSource source = (way & 4) != 0 ? GemmSource.BF16(decoded, ldb, trans) : GemmSource.F32(b.Data, ldb, trans);
                GemmF32.Run(m, n, k, alpha, a.Data, trans ? k : m, !trans, b.Data, ldb, trans, beta, expected.Data, n, bias.Data);
                GemmF32.Run(m, n, more, 1, second.Data, more, false, other.Data, ldOther, trans, 1, expected.Data, n);
                GemmF32.Run(
                    m, n, k, alpha, a.Data, trans ? k : m, !trans, source, beta, c.Data, n, bias.Data,
                    new GemmAddend(second.Data, more, more, GemmSource.F32(other.Data, ldOther, trans)));
                Near(expected.Span, c.Span, k + more);
                expected.Span.CopyTo(c.Span);
            }
        }
    }

    [Theory]
    [InlineData(1, 40, 50, 60)]
    [InlineData(7, 5, 9, 3)]
    [InlineData(64, 32, 64, 64)]
    [InlineData(3, 130, 200, 70)]
    [InlineData(0, 3, 3, 3)]
    public void BatchesMatchSingleProducts(int batch, int m, int n, int k)
    {
        using Buffer a = new(batch * m * k, 1), b = new(batch * k * n, 2), c = new(batch * m * n, 3), one = new(m * n, 4);
        foreach (bool trans in new[] { false, true })
        {
            int ldb = trans ? k : n;
            GemmF32.RunBatched(
                batch, m, n, k, 0.5f, a.Data, k, m * k, false, b.Data, ldb, k * n, trans, 0, c.Data, n, m * n);
            for (int i = 0; i < batch; i++)
            {
                GemmF32.Run(
                    m, n, k, 0.5f, a.Data + (i * m * k), k, false, b.Data + (i * k * n), ldb, trans, 0, one.Data, n);
                Near(one.Span, c.Span.Slice(i * m * n, m * n), k);
            }
        }
    }

    [Theory]
    [InlineData(5, 37, 70)]
    [InlineData(40, 300, 300)]
    [InlineData(65, 520, 1300)]
    public void SixteenBitAndDecodedWeightsEqualTheirFloats(int m, int n, int k)
    {
        using Buffer a = new(m * k, 1), floats = new(n * k, 2), c = new(m * Math.Max(n, k), 3), expected = new(c.Length, 4);
        ushort[] bits = new ushort[n * k];
        for (int kind = 0; kind < 3; kind++)
        {
            for (int i = 0; i < bits.Length; i++)
            {
                float value = (((i * 7919) % 1021) - 510) / 256f;
                bits[i] = kind == 1
                    ? BitConverter.HalfToUInt16Bits((Half)value)
                    : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                floats.Data[i] = kind == 1 ? HalfFloats.F16(bits[i]) : HalfFloats.BF16(bits[i]);
            }

            fixed (ushort* p = bits)
            {
                foreach (bool transposed in new[] { true, false })
                {
                    // Forward reads the weights [n, k] as Bᵀ, the gradient of the input as B.
                    GemmSource source = kind switch
                    {
                        0 => GemmSource.BF16(p, k, transposed),
                        1 => GemmSource.F16(p, k, transposed),
                        _ => GemmSource.Rows((byte*)p, k * 2, transposed, &CheckedDecode, 32),
                    };
                    int columns = transposed ? n : k, depth = transposed ? k : n;
                    GemmF32.Run(m, columns, depth, 1, a.Data, depth, false, source, 0, c.Data, columns);
                    GemmF32.Run(m, columns, depth, 1, a.Data, depth, false, floats.Data, k, transposed, 0, expected.Data, columns);
                    Near(expected.Span[..(m * columns)], c.Span[..(m * columns)], depth);
                }
            }
        }
    }

    [Fact]
    public void AMicroTileEqualsItsScalarTwin()
    {
        foreach (int k in new[] { 0, 1, 15, 16, 17, 33, 257 })
        {
            using Buffer a = new((int)GemmMicro.PanelA(k) + 16, 1), b = new((int)GemmMicro.PanelB(k) + 32, 2);
            using Buffer c = new(GemmMicro.MaxMr * 40, 3), d = new(c.Length, 3), bias = new(40, 5);
            for (int rows = 1; rows <= GemmMicro.Mr; rows++)
            {
                foreach (int cols in new[] { 1, 3, GemmMicro.Nr - 1, GemmMicro.Nr })
                {
                    for (int mode = 0; mode < 3; mode++)
                    {
                        float* addC = mode == 0 ? null : mode == 1 ? c.Data : bias.Data;
                        float* addD = mode == 0 ? null : mode == 1 ? d.Data : bias.Data;
                        long ldadd = mode == 1 ? 40 : 0;
                        GemmMicro.Run(k, a.Data, b.Data, GemmMicro.Nr, c.Data, 40, rows, cols, addC, ldadd);
                        GemmMicro.RunScalar(k, a.Data, b.Data, GemmMicro.Nr, d.Data, 40, rows, cols, addD, ldadd);
                        Near(d.Span, c.Span, k + 50);
                    }
                }
            }
        }
    }

    [Fact]
    public void TranspositionTouchesOnlyItsBlock()
    {
        foreach (int rows in new[] { 1, 3, 4, 7, 8, 12, 16, 17, 33 })
        {
            foreach (int cols in new[] { 1, 4, 5, 8, 15, 16, 31, 48 })
            {
                using Buffer source = new(rows * (cols + 3), 1), expected = new(cols * (rows + 5), 2), actual = new(cols * (rows + 5), 2);
                GemmTranspose.BlockScalar(source.Data, cols + 3, rows, cols, expected.Data, rows + 5);
                GemmTranspose.Block(source.Data, cols + 3, rows, cols, actual.Data, rows + 5);
                Assert.True(expected.Span.SequenceEqual(actual.Span), $"{rows} x {cols}");
            }
        }
    }

    [Fact]
    public void NothingIsAllocatedOnceWarm()
    {
        using Buffer a = new(70 * 300, 1), b = new(300 * 200, 2), c = new(70 * 300, 3);
        long before = 0;
        for (int i = 0; i < 3; i++)
        {
            before = i == 2 ? GC.GetAllocatedBytesForCurrentThread() : 0;
            GemmF32.Run(70, 200, 300, 1, a.Data, 300, false, b.Data, 300, true, 0, c.Data, 200);
            GemmF32.Run(3, 200, 300, 1, a.Data, 300, false, b.Data, 300, true, 0, c.Data, 200);
            GemmF32.RunBatched(10, 7, 9, 11, 1, a.Data, 11, 77, false, b.Data, 11, 99, true, 0, c.Data, 9, 63);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void TheScalarTwinAgrees()
    {
        using Buffer a = new(9 * 20, 1), b = new(20 * 11, 2), c = new(9 * 11, 3), d = new(9 * 11, 3);
        GemmF32.Run(9, 11, 20, 2, a.Data, 20, false, b.Data, 20, true, 0.5f, c.Data, 11);
        GemmF32.RunScalar(9, 11, 20, 2, a.Data, 20, false, b.Data, 20, true, 0.5f, d.Data, 11);
        Near(d.Span, c.Span, 20);
    }

    private static void CheckedDecode(byte* row, long first, int count, float* destination)
    {
        // A block format is only ever asked for ranges that begin at a block.
        if (first % 32 != 0)
        {
            throw new InvalidOperationException("A range begins inside a block.");
        }

        HalfFloats.DecodeBF16Scalar(row, first, count, destination);
    }

    private static void Check(
        int m, int n, int k, bool transA, bool transB, float alpha, float beta, int pad, bool withBias)
    {
        int lda = (transA ? m : k) + pad, ldb = (transB ? k : n) + pad, ldc = n + pad;
        using Buffer a = new((transA ? k : m) * lda, 1), b = new((transB ? n : k) * ldb, 2);
        using Buffer c = new(m * ldc, 3), old = new(m * ldc, 3), bias = new(n, 5);
        GemmF32.Run(
            m, n, k, alpha, a.Data, lda, transA, b.Data, ldb, transB, beta, c.Data, ldc, withBias ? bias.Data : null);
        for (int i = 0; i < m; i++)
        {
            // Of large products every 13th element is checked, which comes by all places in a tile.
            bool large = (long)m * n * k > 1_000_000;
            for (int j = large ? i % 13 : 0; j < ldc; j += large ? 13 : 1)
            {
                double expected = old.Data[(i * ldc) + j], scale = 0;
                if (j < n)
                {
                    expected = (beta * expected) + (withBias ? bias.Data[j] : 0);
                    for (int p = 0; p < k; p++)
                    {
                        double term = (double)alpha * a.Data[transA ? (p * lda) + i : (i * lda) + p]
                            * b.Data[transB ? (j * ldb) + p : (p * ldb) + j];
                        expected += term;
                        scale += Math.Abs(term);
                    }
                }

                double error = Math.Abs(c.Data[(i * ldc) + j] - expected);
                Assert.True(
                    error <= (1e-6 * (scale + 2)) + 1e-9,
                    $"{m}x{n}x{k} {transA} {transB} alpha {alpha} beta {beta} at {i},{j}: {c.Data[(i * ldc) + j]} not {expected}");
            }
        }
    }

    private static void Near(Span<float> expected, Span<float> actual, int k)
    {
        double tolerance = 2e-7 * (k + 8);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"at {i}: {actual[i]} not {expected[i]}");
        }
    }

    /// <summary>Exactly sized native floats with the end at the end of the allocation, filled with −1 … 1.</summary>
    internal sealed class Buffer : IDisposable
    {
        internal Buffer(int length, int seed)
        {
            Length = length;
            Data = (float*)NativeMemory.Alloc((nuint)Math.Max(4, length * 4L));
            Random random = new(seed);
            for (int i = 0; i < length; i++)
            {
                Data[i] = (random.NextSingle() * 2) - 1;
            }
        }

        internal int Length { get; }

        internal float* Data { get; }

        internal Span<float> Span => new(Data, Length);

        public void Dispose() => NativeMemory.Free(Data);
    }
}
