using Percept.Tensors.Memory;

namespace Percept.Bench.Harness;

/// <summary>Operands of benchmarks, from the same allocator (and page sizes) as tensors.</summary>
internal static unsafe class BenchMemory
{
    /// <summary>Uniform values in [−0.5, 0.5); free with <see cref="Free"/>.</summary>
    internal static float* Floats(long count, int seed)
    {
        float* values = (float*)OsMemory.Allocate(Math.Max(64, count * sizeof(float)));
        var random = new Random(seed);
        for (long i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }

    /// <summary>The same as bfloat16.</summary>
    internal static ushort* BFloats(long count, int seed)
    {
        ushort* values = (ushort*)OsMemory.Allocate(Math.Max(64, count * sizeof(ushort)));
        var random = new Random(seed);
        for (long i = 0; i < count; i++)
        {
            values[i] = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }

        return values;
    }

    /// <summary>Frees operands; null does nothing.</summary>
    internal static void Free(void* values) => OsMemory.Free((byte*)values);
}
