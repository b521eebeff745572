using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.BF16;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public class MixedProductTests
{
    [Theory]
    [InlineData(17, 33, 31)]
    [InlineData(40, 96, 64)]
    [InlineData(1100, 70, 37)]
    [InlineData(2050, 5, 130)]
    public unsafe void AllThreeProductsAreThoseOfRoundedFactors(int m, int rows, int columns)
    {
        float[] x = Values(m * columns, 1), w = Values(rows * columns, 2), dy = Values(m * rows, 3), bias = Values(rows, 4);
        float[] y = new float[m * rows], dx = Values(m * columns, 5), dw = Values(rows * columns, 6), dx0 = [.. dx], dw0 = [.. dw];
        fixed (float* px = x, pw = w, pdy = dy, pb = bias, py = y, pdx = dx, pdw = dw)
        {
            MixedProduct.Forward(px, m, pw, rows, columns, py, pb);
            MixedProduct.InputGradient(pdy, m, pw, rows, columns, 1f, pdx);
            MixedProduct.WeightGradient(pdy, px, m, rows, columns, 0.5f, pdw);
        }

        for (int i = 0; i < m; i++)
        {
            for (int r = 0; r < rows; r++)
            {
                Near(y[(i * rows) + r], bias[r], columns, k => (x[(i * columns) + k], w[(r * columns) + k]));
            }

            for (int c = 0; c < columns; c++)
            {
                Near(dx[(i * columns) + c], dx0[(i * columns) + c], rows, k => (dy[(i * rows) + k], w[(k * columns) + c]));
            }
        }

        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                Near(dw[(r * columns) + c], 0.5 * dw0[(r * columns) + c], m, k => (dy[(k * rows) + r], x[(k * columns) + c]));
            }
        }
    }

    [Fact]
    public unsafe void AWeightOfManyPartsIsMultipliedPartByPart()
    {
        const int M = 17, Rows = 2100, Columns = 2048;
        Assert.True(Rows * Columns > MixedProduct.PartElements);
        float[] x = Values(M * Columns, 1), w = Values(Rows * Columns, 2), dy = Values(M * Rows, 3);
        float[] y = new float[M * Rows], dx = new float[M * Columns];
        fixed (float* px = x, pw = w, pdy = dy, py = y, pdx = dx)
        {
            MixedProduct.Forward(px, M, pw, Rows, Columns, py, null);
            MixedProduct.InputGradient(pdy, M, pw, Rows, Columns, 0f, pdx);
        }

        foreach (int i in (int[])[0, 7, M - 1])
        {
            foreach (int r in (int[])[0, 2047, 2048, Rows - 1])
            {
                Near(y[(i * Rows) + r], 0, Columns, k => (x[(i * Columns) + k], w[(r * Columns) + k]));
            }

            foreach (int c in (int[])[0, 1001, Columns - 1])
            {
                Near(dx[(i * Columns) + c], 0, Rows, k => (dy[(i * Rows) + k], w[(k * Columns) + c]));
            }
        }
    }

    [Fact]
    public unsafe void AWeightsGradientOfManyBlocksIsThatOfRoundedFactors()
    {
        const int M = 1030, Rows = 1600, Columns = 600;
        float[] x = Values(M * Columns, 1), dy = Values(M * Rows, 2), first = new float[Rows * Columns], second = new float[Rows * Columns];
        first.AsSpan().Fill(float.NaN);
        second.AsSpan().Fill(float.NaN);
        fixed (float* px = x, pdy = dy, a = first, b = second)
        {
            MixedProduct.WeightGradient(pdy, px, M, Rows, Columns, 0f, a);
            try
            {
                WorkerPool.ThreadLimit = 1;
                MixedProduct.WeightGradient(pdy, px, M, Rows, Columns, 0f, b);
            }
            finally
            {
                WorkerPool.ThreadLimit = 0;
            }
        }

        Assert.Equal(first, second);
        foreach (int r in (int[])[0, 11, 12, 799, 800, 1599])
        {
            foreach (int c in (int[])[0, 31, 32, 63, 64, 575, 576, 599])
            {
                Near(first[(r * Columns) + c], 0, M, k => (dy[(k * Rows) + r], x[(k * Columns) + c]));
            }
        }
    }

    [Fact]
    public void ALayerWithoutInputsHasGradients()
    {
        Tensor weight = Ops.Zeros([40, 0]).RequireGrad();
        Tensor y = Ops.Linear(Ops.Zeros([20, 0]), weight, null, LinearPrecision.Mixed);
        Gradients.Backward(y, Ops.Ones(y.Shape));
        Assert.Equal(0, weight.Grad!.Value.Count);
    }

    [Fact]
    public void MastersOfFloat32GetTheirGradientsThroughMixedProducts()
    {
        const int M = 40, Outputs = 96, Inputs = 64;
        Tensor upstream = Ops.RandomNormal([M, Outputs], new RandomStream(2));
        (float[] Value, float[] Input, float[] Weight) Run(LinearPrecision precision)
        {
            Tensor input = Ops.RandomNormal([M, Inputs], new RandomStream(3)).RequireGrad();
            Tensor weight = Ops.RandomNormal([Outputs, Inputs], new RandomStream(1)).RequireGrad();
            Tensor value = Ops.Linear(input, weight, null, precision);
            float[] kept = value.ToArray<float>();
            Gradients.Backward(value, upstream);
            return (kept, input.Grad!.Value.ToArray<float>(), weight.Grad!.Value.ToArray<float>());
        }

        (float[] Value, float[] Input, float[] Weight) exact = Run(LinearPrecision.Exact), mixed = Run(LinearPrecision.Mixed);
        foreach ((float[] a, float[] b) in ((float[], float[])[])[(exact.Value, mixed.Value), (exact.Input, mixed.Input), (exact.Weight, mixed.Weight)])
        {
            double size = Math.Sqrt(a.Average(v => (double)v * v)), error = Math.Sqrt(a.Zip(b, (p, q) => ((double)p - q) * (p - q)).Average());
            Assert.InRange(error / size, MixedProduct.IsSupported ? 1e-5 : 0, MixedProduct.IsSupported ? 5e-3 : 0);
        }
    }

    private static void Near(double actual, double start, int count, Func<int, (float A, float B)> factors)
    {
        double sum = start, size = Math.Abs(start);
        for (int k = 0; k < count; k++)
        {
            (float a, float b) = factors(k);
            // Without emitted code the first factor stays as it is.
            double product = (double)(MixedProduct.IsSupported ? Rounded(a) : a) * Rounded(b);
            sum += product;
            size += Math.Abs(product);
        }

        // Sums of count + 1 floats in any order.
        double most = (count + 4) * Math.Pow(2, -23) * size;
        Assert.True(Math.Abs(actual - sum) <= most, $"{actual} is not {sum} within {most}");
    }

    /// <summary>The nearest bfloat16, the even one of two.</summary>
    private static float Rounded(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    private static float[] Values(int count, ulong seed) => Ops.RandomNormal([count], new RandomStream(seed)).ToArray<float>();
}
