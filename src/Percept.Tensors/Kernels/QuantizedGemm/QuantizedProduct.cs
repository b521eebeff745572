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
}
