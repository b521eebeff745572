using Percept.Bench.Harness;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Bench.Kernels;

/// <summary>Products of floats, packing included: a layer's forward product, its two gradients, and small ones in batches.</summary>
/// <remarks>
/// The shape is m tokens × n outputs × k inputs of a layer y = x·Wᵀ with W [n, k]; <c>dx</c> is dy·W and <c>dw</c> is
/// dyᵀ·x. A batch has one B for each product.
/// </remarks>
internal sealed unsafe class GemmF32Bench(string product, int batch, int m, int n, int k, double percent) : IKernelBench
{
    private float* _x;
    private float* _w;
    private float* _y;

    public string Family => product.Length == 0 ? "gemm-f32" : $"gemm-f32-{product}";

    public string Shape => batch == 1 ? $"{m}x{n}x{k}" : $"{batch}x{m}x{n}x{k}";

    public Bar Bar => Bar.Peak(PeakKind.Fp32, percent);

    public double Work => 2.0 * batch * m * n * k;

    internal static IKernelBench[] All() =>
    [
        Layer("", 512, 4096, 4096, 88),
        Layer("", 577, 4096, 1024, 88),
        Layer("", 577, 1024, 4096, 88),
        .. Training(2048, 4096, 1024, 83),
        .. Training(2048, 1024, 4096, 83),
        .. Training(704, 4864, 896, 0),
        .. Training(704, 896, 4864, 0),
        .. Training(2048, 4096, 4096, 0),
        Layer("", 577, 1024, 1024, 0),
        Layer("", 2048, 11008, 4096, 0),
        Layer("", 8, 4096, 4096, 0),
        Layer("", 16, 4096, 4096, 0),
        Layer("", 32, 4096, 4096, 0),
        Layer("", 64, 4096, 4096, 0),
        Layer("", 128, 4096, 4096, 0),
        new GemmF32Bench("batched", 16, 577, 577, 64, 0),
        new GemmF32Bench("batched", 16, 577, 64, 577, 0),
        new GemmF32Bench("batched", 256, 64, 64, 64, 0),
    ];

    public void Prepare()
    {
        _x = BenchMemory.Floats((long)batch * m * k, 1);
        _w = BenchMemory.Floats((long)batch * n * k, 2);
        _y = BenchMemory.Floats((long)batch * m * n, 3);
    }

    public void Run()
    {
        switch (product)
        {
            case "dx":
                GemmF32.Run(m, k, n, 1, _y, n, false, _w, k, false, 0, _x, k);
                break;
            case "dw":
                GemmF32.Run(n, k, m, 1, _y, n, true, _x, k, false, 0, _w, k);
                break;
            case "batched":
                GemmF32.RunBatched(
                    batch, m, n, k, 1, _x, k, (long)m * k, false, _w, k, (long)n * k, true, 0, _y, n, (long)m * n);
                break;
            default:
                GemmF32.Run(m, n, k, 1, _x, k, false, _w, k, true, 0, _y, n);
                break;
        }
    }

    public void Dispose()
    {
        BenchMemory.Free(_x);
        BenchMemory.Free(_w);
        BenchMemory.Free(_y);
        _x = _w = _y = null;
    }

    private static GemmF32Bench Layer(string product, int m, int n, int k, double percent) =>
        new(product, 1, m, n, k, percent);

    private static GemmF32Bench[] Training(int m, int n, int k, double percent) =>
        [Layer("forward", m, n, k, percent), Layer("dx", m, n, k, percent), Layer("dw", m, n, k, percent)];
}
