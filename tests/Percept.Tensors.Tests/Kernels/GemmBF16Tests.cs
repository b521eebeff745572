using Percept.Tensors.Kernels.BF16;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests.Kernels;

/// <summary>The bfloat16 product against a double reference, with emitted code and without.</summary>
/// <remarks>
/// Operands are exact in bfloat16, so the only error is that of a float sum of k exact products in any order, at most
/// (k + 4)·2⁻²⁴ of the sum of their magnitudes.
/// </remarks>
[Trait("Level", "Simd")]
public sealed unsafe class GemmBF16Tests
{
    private const float Guard = 12345.678f;

    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            int[] sizes = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64];
            var data = new TheoryData<int, int, int>();
            foreach (int n in sizes)
            {
                foreach (int k in sizes)
                {
                    data.Add(((n * 5) + (k * 3)) % 41, n, k);
                }
            }

            data.Add(257, 33, 65);
            data.Add(3, 257, 257);
            data.Add(13, 33, 4096 + 33);
            data.Add(1537, 3, 5);
            data.Add(200, 31, 100);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void MatchesADoubleReference(int m, int n, int k)
    {
        Check(BF16Micro.Shared, m, n, k, true, 0, true);
        Check(BF16Micro.Shared, m, n, k, false, 1, false);
        Check(BF16Micro.Shared, m, n, k, true, -0.5f, true);
    }

    [Theory]
    [InlineData(5, 33, 40)]
    [InlineData(17, 64, 7)]
    [InlineData(1, 1, 1)]
    public void WithoutExecutableMemoryTheFallbackGivesTheSame(int m, int n, int k)
    {
        BF16Micro? refused = BF16Micro.TryCreate(ExecutableSources.None);
        Assert.Null(refused);
        Check(refused, m, n, k, true, 0, true);
        Check(refused, m, n, k, false, 1, false);
    }

    [Fact]
    public void EmittedCodeRoundsActivationsAsTheScalarTwinDoesAndTheFallbackKeepsThem()
    {
        const int M = 29, N = 70, K = 333;
        float[] a = Random(M * K, 1, false), w = Random(N * K, 2, true);
        ushort[] bits = Array.ConvertAll(w, BF16Pack.Round);
        float[] fast = new float[M * N], slow = new float[M * N];
        fixed (float* pa = a, pf = fast, ps = slow)
        fixed (ushort* pw = bits)
        {
            GemmBF16.Run(M, N, K, pa, K, pw, K, true, 0, pf, N);
            GemmBF16.RunScalar(M, N, K, pa, K, pw, K, true, 0, ps, N);
        }

        for (int i = 0; i < fast.Length; i++)
        {
            double expected = slow[i];
            if (BF16Micro.Shared is null)
            {
                expected = 0;
                for (int p = 0; p < K; p++)
                {
                    expected += (double)a[(i / N * K) + p] * w[(i % N * K) + p];
                }
            }

            Assert.True(Math.Abs(fast[i] - expected) <= 2e-5, $"{i}: {fast[i]} against {expected}");
        }
    }

    [Fact]
    public void RoundingIsToNearestEvenAndKeepsSpecialValues()
    {
        (uint Bits, ushort Expected)[] cases =
        [
            (0x3F800000, 0x3F80), (0x3F808000, 0x3F80), (0x3F818000, 0x3F82), (0x3F808001, 0x3F81), (0x3F807FFF, 0x3F80),
            (0x7F7FFFFF, 0x7F80), (0x7F800000, 0x7F80), (0xFF800000, 0xFF80), (0x80000000, 0x8000), (0x00000001, 0x0000),
            (0x7F800001, 0x7FC0), (0x7FFFFFFF, 0x7FFF), (0xFFFFFFFF, 0xFFFF), (0x7FC00000, 0x7FC0),
        ];
        float[] row = new float[64];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = BitConverter.UInt32BitsToSingle(cases[i % cases.Length].Bits);
            Assert.Equal(cases[i % cases.Length].Expected, BF16Pack.Round(row[i]));
        }

        if (BF16Micro.Shared is not null)
        {
            ushort[] packed = new ushort[64];
            fixed (float* source = row)
            fixed (ushort* target = packed)
            {
                BF16Pack.A(source, 64, 1, 64, target);
            }

            Assert.Equal(Array.ConvertAll(row, BF16Pack.Round), packed);
        }
    }

    [Fact]
    public void TheResultDoesNotDependOnTheNumberOfThreads()
    {
        const int M = 90, N = 100, K = 500;
        float[] a = Random(M * K, 3, false), w = Random(N * K, 4, true);
        ushort[] bits = Array.ConvertAll(w, BF16Pack.Round);
        float[] one = new float[M * N], many = new float[M * N];
        fixed (float* pa = a, po = one, pm = many)
        fixed (ushort* pw = bits)
        {
            WorkerPool.ThreadLimit = 1;
            GemmBF16.Run(M, N, K, pa, K, pw, K, true, 0, po, N);
            WorkerPool.ThreadLimit = 0;
            GemmBF16.Run(M, N, K, pa, K, pw, K, true, 0, pm, N);
            long before = GC.GetAllocatedBytesForCurrentThread();
            GemmBF16.Run(M, N, K, pa, K, pw, K, true, 0, pm, N);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }

        Assert.Equal(one, many);
    }

    private static void Check(BF16Micro? micro, int m, int n, int k, bool transW, float beta, bool withBias)
    {
        int lda = k + 3, ldw = (transW ? k : n) + 5, ldc = n + 2;
        float[] a = Random(m * lda, 11, true), w = Random((transW ? n : k) * ldw, 12, true), bias = Random(n, 13, false);
        ushort[] bits = Array.ConvertAll(w, BF16Pack.Round);
        float[] c = Random(m * ldc, 14, false);
        for (int i = 0; i < m; i++)
        {
            c[(i * ldc) + n] = c[(i * ldc) + n + 1] = Guard;
        }

        float[] old = (float[])c.Clone();
        if (beta == 0)
        {
            for (int i = 0; i < m; i++)
            {
                Array.Fill(c, float.NaN, i * ldc, n);
            }
        }

        fixed (float* pa = a, pb = bias, pc = c)
        fixed (ushort* pw = bits)
        {
            GemmBF16.Run(micro, m, n, k, pa, lda, pw, ldw, transW, beta, pc, ldc, withBias ? pb : null);
        }

        for (int i = 0; i < m; i++)
        {
            Assert.Equal(Guard, c[(i * ldc) + n]);
            Assert.Equal(Guard, c[(i * ldc) + n + 1]);
            for (int j = 0; j < n; j++)
            {
                double sum = (withBias ? bias[j] : 0) + (beta * (double)old[(i * ldc) + j]);
                double size = (withBias ? Math.Abs(bias[j]) : 0) + Math.Abs(beta * (double)old[(i * ldc) + j]);
                for (int p = 0; p < k; p++)
                {
                    double product = (double)a[(i * lda) + p] * w[transW ? (j * ldw) + p : (p * ldw) + j];
                    sum += product;
                    size += Math.Abs(product);
                }

                double error = Math.Abs(c[(i * ldc) + j] - sum);
                Assert.True(error <= (k + 4) * Math.Pow(2, -24) * size, $"[{i}, {j}] of {m}×{n}×{k}: error {error}");
            }
        }
    }

    private static float[] Random(int count, int seed, bool exact)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            float value = (random.NextSingle() * 2) - 1;
            values[i] = exact ? BitConverter.UInt32BitsToSingle((uint)BF16Pack.Round(value) << 16) : value;
        }

        return values;
    }
}
