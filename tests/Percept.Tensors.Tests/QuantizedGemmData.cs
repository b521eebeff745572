using Percept.Tensors.Kernels;

namespace Percept.Tensors.Tests;

/// <summary>Random weights of every block type with panel kernels, and the products that they must give.</summary>
internal static unsafe class QuantizedGemmData
{
    internal static readonly DType[] PanelTypes =
    [
        DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q8_0, DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K,
        DType.Q6_K, DType.IQ4_NL, DType.MXFP4,
    ];

    /// <summary>Random codes with scales of both signs of about 0.01.</summary>
    internal static byte[] Blocks(DType type, int n, int k, int seed)
    {
        var random = new Random(seed);
        byte[] blocks = new byte[type.ByteCount((long)n * k)];
        random.NextBytes(blocks);
        for (int at = 0; at < blocks.Length; at += type.BlockBytes())
        {
            foreach (int offset in ScaleOffsets(type))
            {
                double scale = (0.001 + (random.NextDouble() * 0.02)) * (random.Next(2) == 0 ? 1 : -1);
                BitConverter.TryWriteBytes(blocks.AsSpan(at + offset), (Half)scale);
            }

            if (type == DType.MXFP4)
            {
                blocks[at] = (byte)(118 + random.Next(6));
            }
        }

        return blocks;
    }

    /// <summary>Where a block's half-precision factors lie.</summary>
    internal static int[] ScaleOffsets(DType type) => type switch
    {
        DType.Q4_1 or DType.Q5_1 or DType.Q4_K or DType.Q5_K => [0, 2],
        DType.Q2_K => [80, 82],
        DType.Q3_K => [108],
        DType.Q6_K => [208],
        DType.MXFP4 => [],
        _ => [0],
    };

    /// <summary>Normally distributed numbers.</summary>
    internal static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }

    /// <summary>The weights as the floats that they denote.</summary>
    internal static float[] Decode(DType type, byte[] blocks, int n, int k)
    {
        float[] values = new float[n * k];
        fixed (byte* source = blocks)
        fixed (float* destination = values)
        {
            BlockFormats.Dequantize(type, source, (long)n * k, destination);
        }

        return values;
    }

    /// <summary>Activations after rounding to 8 bits in groups of 32.</summary>
    internal static double[] Rounded(float[] x)
    {
        double[] values = new double[x.Length];
        sbyte* quants = stackalloc sbyte[32];
        fixed (float* source = x)
        {
            for (int i = 0; i < x.Length; i += 32)
            {
                double scale = QuantizedRows.QuantizeScalar(source + i, quants, out _, out _);
                for (int j = 0; j < 32; j++)
                {
                    values[i + j] = quants[j] * scale;
                }
            }
        }

        return values;
    }

    /// <summary>Products in double precision and, for each, the sum of magnitudes that rounding errors scale with.</summary>
    internal static (double[] Products, double[] Magnitudes) Multiply(float[] w, double[] x, int n, int k, int m)
    {
        double[] products = new double[m * n];
        double[] magnitudes = new double[m * n];
        double[] greatest = new double[n * (k / 32)];
        for (int i = 0; i < w.Length; i++)
        {
            greatest[i / 32] = Math.Max(greatest[i / 32], Math.Abs(w[i]));
        }

        for (int row = 0; row < m; row++)
        {
            for (int column = 0; column < n; column++)
            {
                double sum = 0;
                double magnitude = 0;
                for (int i = 0; i < k; i++)
                {
                    double activation = x[(row * k) + i];
                    sum += w[(column * k) + i] * activation;
                    magnitude += 3 * greatest[((column * k) + i) / 32] * Math.Abs(activation);
                }

                products[(row * n) + column] = sum;
                magnitudes[(row * n) + column] = magnitude;
            }
        }

        return (products, magnitudes);
    }

    /// <summary>The product as the engine computes it.</summary>
    internal static float[] Run(
        DType type, byte[] blocks, float[] x, int n, int k, int m, LinearPrecision precision = LinearPrecision.Fast)
    {
        float[] y = new float[m * n];
        Array.Fill(y, float.NaN);
        fixed (byte* w = blocks)
        fixed (float* from = x)
        fixed (float* to = y)
        {
            QuantizedGemm.Run(type, w, n, k, from, m, k, to, n, null, 0, precision);
        }

        return y;
    }
}
