using System.Runtime.InteropServices;
using Percept.Tensors;

namespace Percept.Bench.Kernels;

/// <summary>Random quantized weights, one or more sets that are used in turn.</summary>
internal sealed unsafe class QuantizedBlocks : IDisposable
{
    /// <summary>Bytes of all sets together where weights are to come from memory.</summary>
    private const long StreamedBytes = 1L << 30;

    private readonly byte* _memory;
    private readonly long _bytes;
    private readonly int _sets;
    private int _next;

    internal QuantizedBlocks(DType type, int n, int k, int sets)
    {
        _sets = sets;
        _bytes = type.ByteCount((long)n * k);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)(_bytes * sets), 64);
        byte[] pattern = Pattern(type);
        for (long at = 0; at < _bytes * sets; at += pattern.Length)
        {
            long count = Math.Min(pattern.Length, (_bytes * sets) - at);
            pattern.AsSpan(0, (int)count).CopyTo(new Span<byte>(_memory + at, (int)count));
        }
    }

    /// <summary>How many sets of a matrix exceed every cache.</summary>
    internal static int StreamedSets(DType type, int n, int k) => (int)(StreamedBytes / type.ByteCount((long)n * k));

    /// <summary>The next set.</summary>
    internal byte* Next()
    {
        byte* set = _memory + (_next * _bytes);
        _next = (_next + 1) % _sets;
        return set;
    }

    /// <summary>Uniform random activations.</summary>
    internal static float* Activations(long count)
    {
        float* values = (float*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(float)), 64);
        var random = new Random(2);
        for (long i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    /// <summary>Fills a quantized tensor with random codes and sane scales.</summary>
    internal static void Fill(Tensor tensor)
    {
        byte[] pattern = Pattern(tensor.DType);
        for (int row = 0; row < tensor.Shape[0]; row++)
        {
            using Tensor part = tensor.Rows(row, 1);
            fixed (byte* to = part.Bytes())
            {
                for (long at = 0; at < part.ByteCount; at += pattern.Length)
                {
                    int count = (int)Math.Min(pattern.Length, part.ByteCount - at);
                    pattern.AsSpan(0, count).CopyTo(new Span<byte>(to + at, count));
                }
            }
        }
    }

    /// <summary>Some blocks of random codes with sane scales.</summary>
    private static byte[] Pattern(DType type)
    {
        var random = new Random(1);
        byte[] blocks = new byte[type.BlockBytes() * 256];
        random.NextBytes(blocks);
        for (int at = 0; at < blocks.Length; at += type.BlockBytes())
        {
            int factor = type == DType.Q6_K ? 208 : 0;
            BitConverter.TryWriteBytes(blocks.AsSpan(at + factor), (Half)(0.001 + (0.02 * random.NextDouble())));
            if (type == DType.Q4_K)
            {
                BitConverter.TryWriteBytes(blocks.AsSpan(at + 2), (Half)(0.001 + (0.02 * random.NextDouble())));
            }
        }

        return blocks;
    }
}
