using System.Numerics.Tensors;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Long vectors with <see cref="TensorPrimitives"/>, cut into pieces for the worker pool.</summary>
internal static unsafe class VectorKernels
{
    /// <summary>Elements in one piece: large enough to hide a fork, small enough to share evenly.</summary>
    internal const int PieceLength = 32768;

    /// <summary>target[i] += source[i]. The two may be the same memory, else they do not overlap.</summary>
    internal static void AddInPlace(float* target, float* source, long count)
    {
        var job = new AddJob { Target = target, Source = source, Count = count };
        WorkerPool.Shared.Run(ref job, Pieces(count));
    }

    /// <summary>target[i] = source[i] · factor. The two may be the same memory, else they do not overlap.</summary>
    internal static void Scale(float* source, float factor, float* target, long count)
    {
        var job = new ScaleJob { Source = source, Target = target, Factor = factor, Count = count };
        WorkerPool.Shared.Run(ref job, Pieces(count));
    }

    /// <summary>Copies bytes; the ranges do not overlap.</summary>
    internal static void Copy(byte* source, byte* target, long bytes)
    {
        var job = new CopyJob { Target = target, Source = source, Bytes = bytes };
        WorkerPool.Shared.Run(ref job, Pieces((bytes + 3) / 4));
    }

    /// <summary>target[i] = value.</summary>
    internal static void Fill(float* target, float value, long count)
    {
        var job = new FillJob { Target = target, Value = value, Count = count };
        WorkerPool.Shared.Run(ref job, Pieces(count));
    }

    /// <summary>How many pieces <paramref name="count"/> elements make.</summary>
    internal static int Pieces(long count) => checked((int)((count + PieceLength - 1) / PieceLength));

    private static int Length(long count, int index) => (int)Math.Min(PieceLength, count - ((long)index * PieceLength));

    private struct AddJob : IParallelJob
    {
        public float* Target;
        public float* Source;
        public long Count;

        public readonly void Run(int index)
        {
            long start = (long)index * PieceLength;
            int length = Length(Count, index);
            var target = new Span<float>(Target + start, length);
            TensorPrimitives.Add(target, new ReadOnlySpan<float>(Source + start, length), target);
        }
    }

    private struct ScaleJob : IParallelJob
    {
        public float* Source;
        public float* Target;
        public float Factor;
        public long Count;

        public readonly void Run(int index)
        {
            long start = (long)index * PieceLength;
            int length = Length(Count, index);
            TensorPrimitives.Multiply(
                new ReadOnlySpan<float>(Source + start, length), Factor, new Span<float>(Target + start, length));
        }
    }

    private struct CopyJob : IParallelJob
    {
        public byte* Source;
        public byte* Target;
        public long Bytes;

        public readonly void Run(int index)
        {
            long start = (long)index * PieceLength * 4;
            long length = Math.Min(PieceLength * 4L, Bytes - start);
            Buffer.MemoryCopy(Source + start, Target + start, length, length);
        }
    }

    private struct FillJob : IParallelJob
    {
        public float* Target;
        public float Value;
        public long Count;

        public readonly void Run(int index) =>
            new Span<float>(Target + ((long)index * PieceLength), Length(Count, index)).Fill(Value);
    }
}
