using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class QuantizedGemmKernelTests
{
    private const int K = 512;

    public static TheoryData<DType> PanelTypes => [.. QuantizedGemmData.PanelTypes];

    [Theory]
    [MemberData(nameof(PanelTypes))]
    public void Unpacking_EqualsItsScalarTwinAndTheDecoder(DType type)
    {
        PanelLayout layout = PanelLayout.Of(type);
        byte[] blocks = QuantizedGemmData.Blocks(type, 32, K, 1);
        float[] w = QuantizedGemmData.Decode(type, blocks, 32, K);
        int groups = K / PanelLayout.Group;
        byte* panel = (byte*)NativeMemory.AlignedAlloc((nuint)(groups * layout.GroupBytes), 64);
        byte* twin = (byte*)NativeMemory.AlignedAlloc((nuint)(groups * layout.GroupBytes), 64);
        fixed (byte* source = blocks)
        {
            byte** rows = stackalloc byte*[32];
            for (int i = 0; i < 32; i++)
            {
                rows[i] = source + (i * type.ByteCount(K));
            }

            PanelUnpack.Run(type, rows, 0, K / layout.BlockElements, panel);
            PanelUnpack.RunScalar(type, rows, 0, K / layout.BlockElements, twin);
        }

        var span = new ReadOnlySpan<byte>(panel, groups * layout.GroupBytes);
        Assert.True(span.SequenceEqual(new ReadOnlySpan<byte>(twin, groups * layout.GroupBytes)));
        for (int column = 0; column < 32; column++)
        {
            for (int k = 0; k < K; k++)
            {
                byte* group = twin + (k / 32 * layout.GroupBytes);
                int part = k % 32 * layout.Parts / 32;
                float* scales = (float*)(group + PanelLayout.QuantBytes) + (32 * part) + column;
                int quant = group[(k % 32 / 4 * 128) + (4 * column) + (k % 4)] - layout.Offset;
                double value = (double)quant * scales[0] + (layout.HasMinimum ? scales[32 * layout.Parts] : 0);
                Assert.Equal(w[(column * K) + k], value, 1e-5);
            }
        }

        NativeMemory.AlignedFree(panel);
        NativeMemory.AlignedFree(twin);
    }

    [Theory]
    [MemberData(nameof(PanelTypes))]
    public void Kernels_EqualTheScalarTwin(DType type)
    {
        PanelLayout layout = PanelLayout.Of(type);
        byte[] blocks = QuantizedGemmData.Blocks(type, 32, K, 2);
        int groups = K / PanelLayout.Group;
        byte* panel = (byte*)NativeMemory.AlignedAlloc((nuint)(groups * layout.GroupBytes), 64);
        byte* packed = (byte*)NativeMemory.AlignedAlloc((nuint)(6 * groups * QuantizedRows.GroupBytesPerRow), 64);
        float* sums = (float*)NativeMemory.AlignedAlloc(6 * 32 * sizeof(float), 64);
        float* twin = (float*)NativeMemory.AlignedAlloc(6 * 32 * sizeof(float), 64);
        fixed (byte* source = blocks)
        {
            byte** rows = stackalloc byte*[32];
            for (int i = 0; i < 32; i++)
            {
                rows[i] = source + (i * type.ByteCount(K));
            }

            PanelUnpack.RunScalar(type, rows, 0, K / layout.BlockElements, panel);
        }

        for (int rows = 1; rows <= 6; rows++)
        {
            float[] x = QuantizedGemmData.Normal(rows * K, rows);
            fixed (float* from = x)
            {
                QuantizedRows.Pack(from, K, rows, K, layout, packed);
            }

            for (int accumulate = 0; accumulate < 2; accumulate++)
            {
                var arguments = new PanelArguments
                {
                    Rows = packed, Panel = panel, Sums = twin, Groups = groups, Accumulate = accumulate,
                    Tiles = 1, SumBytes = PanelLayout.ScaleBytes, Ahead = panel,
                };
                PanelKernels.RunScalar(layout, rows, arguments);
                float tolerance = 1e-6f * Math.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(twin, 32 * rows)));
                foreach (int width in new[] { 0, 128, 256, 512 })
                {
                    arguments.Sums = sums;
                    new Span<float>(sums, 192).Clear();
                    if (accumulate == 1)
                    {
                        arguments.Accumulate = 0;
                        Run(width, layout, rows, ref arguments);
                        arguments.Accumulate = 1;
                        arguments.Sums = sums;
                    }

                    Run(width, layout, rows, ref arguments);
                    for (int i = 0; i < 32 * rows; i++)
                    {
                        Assert.Equal(twin[i], sums[i], tolerance);
                    }
                }
            }
        }

        NativeMemory.AlignedFree(panel);
        NativeMemory.AlignedFree(packed);
        NativeMemory.AlignedFree(sums);
        NativeMemory.AlignedFree(twin);
    }

    [Fact]
    public void Quantizing_EqualsItsScalarTwin()
    {
        sbyte* quants = stackalloc sbyte[32];
        sbyte* twin = stackalloc sbyte[32];
        for (int seed = 0; seed < 200; seed++)
        {
            float[] x = QuantizedGemmData.Normal(32, seed);
            float factor = seed % 5 == 0 ? 1e-38f : seed % 5 == 1 ? 1e30f : seed % 5 == 2 ? 1e-20f : 1f;
            for (int i = 0; i < 32; i++)
            {
                x[i] *= factor;
            }

            fixed (float* from = x)
            {
                float scale = QuantizedRows.Quantize(from, quants, out int first, out int second);
                float twinScale = QuantizedRows.QuantizeScalar(from, twin, out int twinFirst, out int twinSecond);
                Assert.Equal(twinScale, scale);
                Assert.Equal((twinFirst, twinSecond), (first, second));
                Assert.True(new ReadOnlySpan<sbyte>(quants, 32).SequenceEqual(new ReadOnlySpan<sbyte>(twin, 32)));
                for (int i = 0; i < 32; i++)
                {
                    Assert.InRange(Math.Abs((quants[i] * (double)scale) - x[i]), 0, (0.5001 * scale) + 1e-30);
                }
            }
        }
    }

    private static void Run(int width, in PanelLayout layout, int rows, ref PanelArguments arguments)
    {
        switch (width)
        {
            case 128 when Vector128.IsHardwareAccelerated:
                PanelKernels.RunVector(layout, rows, ref arguments);
                break;
            case 256 when Avx2.IsSupported && Fma.IsSupported:
                PanelKernels.RunAvx2(layout, rows, arguments);
                break;
            default:
                PanelKernels.Run(layout, rows, ref arguments);
                break;
        }
    }
}
