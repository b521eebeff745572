using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels;

namespace Percept.Bench.Kernels;

/// <summary>Decoding a slab of blocks that stays in the cache, one thread, against copying as many floats; no bar.</summary>
internal sealed unsafe class DequantizeBench(DType type, int rows, int columns) : IKernelBench
{
    private byte* _blocks;
    private float* _source;
    private float* _floats;

    public string Family => "dequantize";

    public string Shape => $"{type} {rows}x{columns}";

    public Bar Bar => Bar.TimesBaseline(0);

    public double Work => 0;

    internal static IKernelBench[] All() =>
    [
        new DequantizeBench(DType.BF16, 32, 1024),
        new DequantizeBench(DType.F16, 32, 1024),
        new DequantizeBench(DType.Q4_0, 32, 1024),
        new DequantizeBench(DType.Q8_0, 32, 1024),
        new DequantizeBench(DType.Q4_K, 32, 1024),
        new DequantizeBench(DType.Q5_K, 32, 1024),
        new DequantizeBench(DType.Q6_K, 32, 1024),
        new DequantizeBench(DType.IQ3_S, 32, 1024),
    ];

    public void Prepare()
    {
        long elements = (long)rows * columns;
        long bytes = type.ByteCount(elements);
        _blocks = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        _source = (float*)NativeMemory.AlignedAlloc((nuint)elements * 4, 64);
        _floats = (float*)NativeMemory.AlignedAlloc((nuint)elements * 4, 64);
        var random = new Random(1);
        for (long i = 0; i < elements; i++)
        {
            _source[i] = (random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 0.04f;
        }

        // Formats without an encoder get bytes whose scales, wherever they lie, are ordinary numbers.
        if (Quantization.CanQuantize(type))
        {
            BlockFormats.Quantize(type, _source, elements, _blocks);
        }
        else
        {
            for (long i = 0; i < bytes; i++)
            {
                _blocks[i] = (byte)(random.Next(256) & 0x3B);
            }
        }
    }

    public void Run()
    {
        delegate*<byte*, long, int, float*, void> decode = BlockFormats.RowDecoder(type);
        long stride = type.ByteCount(columns);
        for (int row = 0; row < rows; row++)
        {
            decode(_blocks + (row * stride), 0, columns, _floats + ((long)row * columns));
        }
    }

    public void Baseline() =>
        new ReadOnlySpan<float>(_source, rows * columns).CopyTo(new Span<float>(_floats, rows * columns));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_blocks);
        NativeMemory.AlignedFree(_source);
        NativeMemory.AlignedFree(_floats);
    }
}
