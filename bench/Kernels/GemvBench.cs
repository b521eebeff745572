using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Memory;

namespace Percept.Bench.Kernels;

/// <summary>Weights [n, k] times one or a few vectors, the weights streamed from memory.</summary>
/// <remarks>Several vectors with bf16 weights go the way of <see cref="LinearPrecision.Fast"/>, all others are exact. A call takes the next of several weight matrices, together at least <see cref="StreamedBytes"/>.</remarks>
internal sealed unsafe class GemvBench(DType type, int m, int n, int k, double percent) : IKernelBench
{
    private const long StreamedBytes = 1L << 30;

    private readonly long _matrixBytes = type.ByteCount((long)n * k);
    private byte* _weights;
    private float* _x;
    private float* _y;
    private int _sets;
    private int _next;

    public string Family => $"gemv-{type.ToString().ToLowerInvariant()}";

    public string Shape => $"{m}x{n}x{k}";

    public Bar Bar => Bar.Peak(PeakKind.MemoryRead, percent);

    public double Work => _matrixBytes;

    internal static IKernelBench[] All() =>
    [
        .. Few(DType.F32),
        .. Few(DType.BF16),
        .. Few(DType.F16),
    ];

    public void Prepare()
    {
        _sets = (int)((StreamedBytes + _matrixBytes - 1) / _matrixBytes);
        _weights = (byte*)OsMemory.Allocate(_sets * _matrixBytes);
        Fill(_weights, (long)n * k);
        for (int set = 1; set < _sets; set++)
        {
            Buffer.MemoryCopy(_weights, _weights + (set * _matrixBytes), _matrixBytes, _matrixBytes);
        }

        _x = BenchMemory.Floats((long)m * k, 2);
        _y = BenchMemory.Floats((long)m * n, 3);
    }

    public void Run()
    {
        byte* weights = _weights + (_next * _matrixBytes);
        _next = (_next + 1) % _sets;
        if (type == DType.BF16 && m > 1)
        {
            LinearProduct.Forward(_x, m, weights, type, n, k, _y, null, LinearPrecision.Fast);
            return;
        }

        GemmSource source = type == DType.F32 ? GemmSource.F32((float*)weights, k, true)
            : type == DType.BF16 ? GemmSource.BF16(weights, k, true)
            : GemmSource.F16(weights, k, true);
        GemmF32.Run(m, n, k, 1, _x, k, false, source, 0, _y, n);
    }

    public void Dispose()
    {
        BenchMemory.Free(_weights);
        BenchMemory.Free(_x);
        BenchMemory.Free(_y);
        _weights = null;
        _x = _y = null;
    }

    private static GemvBench[] Few(DType type) =>
    [
        new(type, 1, 11008, 4096, 92),
        new(type, 2, 11008, 4096, 0),
        new(type, 4, 11008, 4096, 0),
        new(type, 8, 11008, 4096, 0),
        new(type, 16, 11008, 4096, 0),
    ];

    /// <summary>Uniform values in [−0.5, 0.5).</summary>
    private void Fill(byte* weights, long count)
    {
        var random = new Random(1);
        for (long i = 0; i < count; i++)
        {
            float value = random.NextSingle() - 0.5f;
            if (type == DType.F32)
            {
                ((float*)weights)[i] = value;
            }
            else
            {
                ((ushort*)weights)[i] = type == DType.BF16
                    ? (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)
                    : BitConverter.HalfToUInt16Bits((Half)value);
            }
        }
    }
}
