using System.Numerics.Tensors;
using Percept.Tensors.Kernels;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class QuantizedGemmTests
{
    private static readonly (int N, int M)[] s_shapes =
    [
        (1, 1), (3, 1), (31, 1), (33, 1), (64, 2), (33, 3), (1, 4), (31, 5), (3, 6), (33, 7), (17, 8), (9, 13), (31, 16),
        (33, 17), (3, 33), (7, 64),
    ];

    public static TheoryData<DType> PanelTypes => [.. QuantizedGemmData.PanelTypes];

    public static TheoryData<DType> AllBlockTypes => [.. Enum.GetValues<DType>().Where(type => type.IsQuantized())];

    [Theory]
    [MemberData(nameof(PanelTypes))]
    public void Products_EqualThoseOfRoundedActivations(DType type)
    {
        int block = type.BlockElements();
        int index = 0;
        foreach ((int n, int m) in s_shapes)
        {
            // Whole, half and partial chunks of 512 for the small blocks, one to three blocks for the large ones.
            int k = block == 32 ? new[] { 32, 288, 800, 512 }[index % 4] : block * (1 + (index % 3));
            byte[] blocks = QuantizedGemmData.Blocks(type, n, k, index);
            float[] x = QuantizedGemmData.Normal(m * k, index);
            float[] y = QuantizedGemmData.Run(type, blocks, x, n, k, m);
            float[] w = QuantizedGemmData.Decode(type, blocks, n, k);
            (double[] products, double[] magnitudes) =
                QuantizedGemmData.Multiply(w, QuantizedGemmData.Rounded(x), n, k, m);
            for (int i = 0; i < y.Length; i++)
            {
                Assert.True(
                    Math.Abs(y[i] - products[i]) <= 1e-6 * magnitudes[i],
                    $"{n}x{k}, {m} rows, element {i}: {y[i]} against {products[i]}, magnitude {magnitudes[i]}");
            }

            index++;
        }
    }

    [Theory]
    [MemberData(nameof(PanelTypes))]
    public void RoundingActivations_CostsLessThanTheStatedBound(DType type)
    {
        const int N = 33;
        const int K = 512;
        const int M = 9;
        byte[] blocks = QuantizedGemmData.Blocks(type, N, K, 5);
        float[] x = QuantizedGemmData.Normal(M * K, 6);
        float[] fast = QuantizedGemmData.Run(type, blocks, x, N, K, M);
        float[] exact = QuantizedGemmData.Run(type, blocks, x, N, K, M, LinearPrecision.Exact);
        float[] w = QuantizedGemmData.Decode(type, blocks, N, K);
        double error = 0;
        double norm = 0;
        for (int i = 0; i < fast.Length; i++)
        {
            double bound = 0;
            for (int g = 0; g < K; g += 32)
            {
                ReadOnlySpan<float> group = x.AsSpan((i / N * K) + g, 32);
                double sum = 0;
                for (int j = 0; j < 32; j++)
                {
                    sum += Math.Abs(w[(i % N * K) + g + j]);
                }

                bound += Math.Abs(TensorPrimitives.MaxMagnitude(group)) / 254 * sum;
            }

            Assert.True(Math.Abs(fast[i] - exact[i]) <= 1.001 * bound, $"element {i}: {fast[i]} against {exact[i]}");
            error += Math.Pow(fast[i] - exact[i], 2);
            norm += Math.Pow(exact[i], 2);
        }

        Assert.InRange(Math.Sqrt(error / norm), 1e-6, 0.01);
    }

    [Theory]
    [MemberData(nameof(AllBlockTypes))]
    public void ExactMode_EqualsDecodedWeights(DType type)
    {
        const int N = 5;
        const int M = 3;
        int k = 2 * type.BlockElements();
        byte[] blocks = PanelLayout.Supports(type)
            ? QuantizedGemmData.Blocks(type, N, k, 1)
            : new byte[type.ByteCount((long)N * k)];
        if (!PanelLayout.Supports(type))
        {
            // Codes below 16 keep every type's factors finite, whatever their place in the block.
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i] = (byte)(i * 7 % 16);
            }
        }

        float[] x = QuantizedGemmData.Normal(M * k, 2);
        float[] w = QuantizedGemmData.Decode(type, blocks, N, k);
        (double[] products, double[] magnitudes) =
            QuantizedGemmData.Multiply(w, [.. x.Select(value => (double)value)], N, k, M);
        float[] y = QuantizedGemmData.Run(type, blocks, x, N, k, M, LinearPrecision.Exact);
        for (int i = 0; i < y.Length; i++)
        {
            Assert.True(Math.Abs(y[i] - products[i]) <= 1e-6 * magnitudes[i], $"element {i}: {y[i]} against {products[i]}");
        }
    }

    [Theory]
    [InlineData(DType.Q4_0, 1)]
    [InlineData(DType.Q6_K, 1)]
    [InlineData(DType.Q8_0, 8)]
    [InlineData(DType.Q4_K, 70)]
    [InlineData(DType.Q2_K, 600)]
    public void Results_DoNotDependOnThreads(DType type, int m)
    {
        const int N = 200;
        const int K = 512;
        byte[] blocks = QuantizedGemmData.Blocks(type, N, K, 1);
        float[] x = QuantizedGemmData.Normal(m * K, 2);
        float[]? first = null;
        foreach (int threads in new[] { 1, 2, 4 })
        {
            WorkerPool.ThreadLimit = threads;
            try
            {
                float[] y = QuantizedGemmData.Run(type, blocks, x, N, K, m);
                first ??= y;
                Assert.Equal(first, y);
            }
            finally
            {
                WorkerPool.ThreadLimit = 0;
            }
        }
    }

    [Theory]
    [MemberData(nameof(PanelTypes))]
    public void NotANumberAndInfinity_SpoilTheirRowAlone(DType type)
    {
        const int N = 35;
        const int K = 512;
        byte[] blocks = QuantizedGemmData.Blocks(type, N, K, 1);
        foreach (int m in new[] { 1, 7 })
        {
            foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                float[] x = QuantizedGemmData.Normal(m * K, 3);
                float[] clean = QuantizedGemmData.Run(type, blocks, x, N, K, m);
                x[((m - 1) * K) + 77] = bad;
                float[] y = QuantizedGemmData.Run(type, blocks, x, N, K, m);
                Assert.All(y[((m - 1) * N)..], value => Assert.True(float.IsNaN(value)));
                Assert.Equal(clean[..((m - 1) * N)], y[..((m - 1) * N)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(PanelTypes))]
    public void ZeroScalesAndZeroActivations_GiveZero(DType type)
    {
        const int N = 3;
        const int K = 512;
        byte[] blocks = QuantizedGemmData.Blocks(type, N, K, 1);
        Assert.All(QuantizedGemmData.Run(type, blocks, new float[2 * K], N, K, 2), value => Assert.Equal(0f, value));
        Assert.All(QuantizedGemmData.Run(type, blocks, new float[K], N, K, 1), value => Assert.Equal(0f, value));
        for (int at = 0; at < blocks.Length; at += type.BlockBytes())
        {
            foreach (int offset in QuantizedGemmData.ScaleOffsets(type))
            {
                blocks.AsSpan(at + offset, 2).Clear();
            }

            if (type == DType.MXFP4)
            {
                blocks.AsSpan(at + 1, 16).Clear();
            }
        }

        float[] x = QuantizedGemmData.Normal(2 * K, 4);
        Assert.All(QuantizedGemmData.Run(type, blocks, x, N, K, 2), value => Assert.Equal(0f, value));
        Assert.All(QuantizedGemmData.Run(type, blocks, x[..K], N, K, 1), value => Assert.Equal(0f, value));
    }

    [Theory]
    [InlineData(DType.Q4_0, 1)]
    [InlineData(DType.Q5_1, 1)]
    [InlineData(DType.Q4_K, 1)]
    [InlineData(DType.Q8_0, 9)]
    public void BiasBetaAndStrides_AreHonoured(DType type, int m)
    {
        const int N = 37;
        const int K = 256;
        const int Ldx = K + 5;
        const int Ldy = N + 3;
        byte[] blocks = QuantizedGemmData.Blocks(type, N, K, 1);
        float[] dense = QuantizedGemmData.Normal(m * K, 2);
        float[] bias = QuantizedGemmData.Normal(N, 3);
        float[] plain = QuantizedGemmData.Run(type, blocks, dense, N, K, m);
        float[] x = new float[m * Ldx];
        for (int row = 0; row < m; row++)
        {
            dense.AsSpan(row * K, K).CopyTo(x.AsSpan(row * Ldx));
        }

        foreach (float beta in new[] { 0f, 1f, -0.5f })
        {
            float[] y = new float[m * Ldy];
            Array.Fill(y, beta == 0 ? float.NaN : 2f);
            fixed (byte* w = blocks)
            fixed (float* from = x, to = y, add = bias)
            {
                QuantizedGemm.Run(type, w, N, K, from, m, Ldx, to, Ldy, add, beta);
            }

            for (int i = 0; i < y.Length; i++)
            {
                (int row, int column) = (i / Ldy, i % Ldy);
                if (column >= N)
                {
                    Assert.Equal(beta == 0 ? float.NaN : 2f, y[i]);
                }
                else
                {
                    Assert.Equal(plain[(row * N) + column] + (beta * 2f) + bias[column], y[i], 1e-5f);
                }
            }
        }
    }

    [Fact]
    public void SumsOverSlabs_EqualSumsInOne()
    {
        // K beyond what one slab holds, few rows and many.
        const int N = 33;
        const int K = 16384;
        byte[] blocks = QuantizedGemmData.Blocks(DType.Q4_0, N, K, 1);
        float[] w = QuantizedGemmData.Decode(DType.Q4_0, blocks, N, K);
        foreach (int m in new[] { 2, 26 })
        {
            float[] x = QuantizedGemmData.Normal(m * K, 2);
            (double[] products, double[] magnitudes) =
                QuantizedGemmData.Multiply(w, QuantizedGemmData.Rounded(x), N, K, m);
            float[] y = QuantizedGemmData.Run(DType.Q4_0, blocks, x, N, K, m);
            for (int i = 0; i < y.Length; i++)
            {
                Assert.InRange(Math.Abs(y[i] - products[i]), 0, 1e-6 * magnitudes[i]);
            }
        }
    }

    [Fact]
    public void EmptyShapes_AreHarmless()
    {
        float* y = stackalloc float[2] { 3, 4 };
        float* bias = stackalloc float[2] { 1, 1 };
        QuantizedGemm.Run(DType.Q4_0, null, 0, 32, null, 1, 32, null, 0, null, 0);
        QuantizedGemm.Run(DType.Q4_0, null, 2, 32, null, 0, 32, null, 0, null, 0);
        QuantizedGemm.Run(DType.Q4_0, null, 2, 0, null, 1, 0, y, 2, bias, 1);
        Assert.Equal(4, y[0]);
        Assert.Equal(5, y[1]);
    }

    [Fact]
    public void PartOfABlock_IsRefused() => Assert.Throws<ArgumentException>(
        () => QuantizedGemm.Run(DType.Q4_K, null, 1, 128, null, 1, 128, null, 1, null, 0));
}
