using System.Runtime.InteropServices;
using Percept.Tensors.Kernels;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>The kernels that multiply a few rows without a panel give the bits that panels give.</summary>
[Trait("Level", "Simd")]
public sealed unsafe class QuantizedDirectTests
{
    [Theory]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.Q8_0)]
    public void Products_EqualThoseOfPanels(DType type)
    {
        // Where no kernel can be had, nothing must claim to have one.
        if (!PanelEmitter.Available)
        {
            Assert.False(DirectEmitter.Has(type));
            return;
        }

        Assert.True(DirectEmitter.Has(type));
        foreach (int n in new[] { 32, 33, 47, 48, 63, 64, 257, 600 })
        {
            foreach (int k in new[] { 32, 96, 256, 1056 })
            {
                byte[] blocks = QuantizedGemmData.Blocks(type, n, k, n + k);
                foreach (int m in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 24 })
                {
                    Compare(type, blocks, n, k, m, false);
                    Compare(type, blocks, n, k, m, true);
                }
            }
        }
    }

    [Fact]
    public void FewColumnsAndManyRows_AreLeftToPanels()
    {
        Assert.False(DirectJob.Takes(Product(DType.Q4_0, null, 31, 64, null, 0), 8));
        Assert.False(DirectJob.Takes(Product(DType.Q4_0, null, 64, 64, null, 0), DirectJob.FewRows + 1));
        Assert.False(DirectJob.Takes(Product(DType.Q4_K, null, 64, 256, null, 0), 8));
    }

    private static QuantizedProduct Product(DType type, byte* w, int n, int k, float* bias, float beta) =>
        new(type, PanelLayout.Of(type), w, type.ByteCount(k), n, k, bias, beta);

    private static void Compare(DType type, byte[] blocks, int n, int k, int m, bool added)
    {
        float[] x = QuantizedGemmData.Normal(m * k, m);
        float[] bias = QuantizedGemmData.Normal(n, n);
        int ldy = n + 3;
        float[] expected = QuantizedGemmData.Normal(m * ldy, k);
        float[] actual = [.. expected];
        byte* packed = (byte*)NativeMemory.AlignedAlloc((nuint)(m * (k / 32) * QuantizedRows.GroupBytesPerRow), 64);
        fixed (byte* w = blocks)
        fixed (float* from = x, b = bias, toExpected = expected, toActual = actual)
        {
            QuantizedProduct product = Product(type, w, n, k, added ? b : null, added ? 0.5f : 0);
            var tiles = new RowTiles(m);
            Pack(product, from, tiles, packed);
            var panels = new PanelJob(product, tiles, packed, toExpected, ldy);
            WorkerPool.Shared.Run(ref panels, panels.Items);
            tiles = new RowTiles(m, DirectEmitter.MaxRows);
            Pack(product, from, tiles, packed);
            long* state = stackalloc long[StreamLanes.StateWords];
            var direct = new DirectJob(product, tiles, packed, toActual, ldy, state);
            WorkerPool.Shared.Run(ref direct, direct.Items);
        }

        NativeMemory.AlignedFree(packed);
        Assert.Equal(expected, actual);
    }

    private static void Pack(in QuantizedProduct product, float* x, RowTiles tiles, byte* packed)
    {
        for (int tile = 0; tile < tiles.Count; tile++)
        {
            int first = tiles.First(tile);
            long offset = (long)first * (product.K / 32) * QuantizedRows.GroupBytesPerRow;
            QuantizedRows.Pack(
                x + (first * product.K), product.K, tiles.Rows(tile), product.K, product.Layout, packed + offset);
        }
    }
}
