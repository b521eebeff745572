using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>The weights' side of a product with quantized weights.</summary>
/// <param name="Type">The type of the blocks.</param>
/// <param name="Layout">Their panel form.</param>
/// <param name="Weights">The blocks, [N, K].</param>
/// <param name="RowBytes">Bytes of a row of blocks.</param>
/// <param name="N">Rows of the weights.</param>
/// <param name="K">Columns of the weights.</param>
/// <param name="Bias">[N] or null.</param>
/// <param name="Beta">Factor of the old result.</param>
internal readonly unsafe record struct QuantizedProduct(
    DType Type, PanelLayout Layout, nint Weights, long RowBytes, int N, int K, nint Bias, float Beta)
{
    internal QuantizedProduct(
        DType type, PanelLayout layout, byte* weights, long rowBytes, int n, int k, float* bias, float beta)
        : this(type, layout, (nint)weights, rowBytes, n, k, (nint)bias, beta)
    {
    }

    /// <summary>Brings sums into the result: y = sums + beta·y + bias.</summary>
    /// <param name="product">Bias and beta.</param>
    /// <param name="column">The first column.</param>
    /// <param name="columns">How many.</param>
    /// <param name="sums">One a column.</param>
    /// <param name="y">The results, of the first column on.</param>
    internal static void Finish(in QuantizedProduct product, int column, int columns, float* sums, float* y) =>
        Finish((float*)product.Bias, product.Beta, column, columns, sums, y);

    /// <summary>The same with a bias, null for none, and a factor.</summary>
    internal static void Finish(float* bias, float beta, int column, int columns, float* sums, float* y)
    {
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 8 <= columns; i += 8)
            {
                Vector256<float> value = Vector256.Load(sums + i);
                value = beta == 0 ? value : value + (Vector256.Load(y + i) * beta);
                value = bias == null ? value : value + Vector256.Load(bias + column + i);
                value.Store(y + i);
            }
        }

        for (; i < columns; i++)
        {
            float value = beta == 0 ? sums[i] : sums[i] + (y[i] * beta);
            y[i] = bias == null ? value : value + bias[column + i];
        }
    }
}
