using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Rows looked up by index and added back by index. Indices are checked before anything is read.</summary>
internal static unsafe class IndexKernels
{
    private const int ColumnsOfPiece = 512;

    /// <summary>An element of an I32 or I64 tensor's memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long At(byte* indices, bool wide, long i) => wide ? ((long*)indices)[i] : ((int*)indices)[i];

    /// <summary>Throws unless every index is in [0, bound).</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not; the message names it and its place.</exception>
    internal static void RequireRange(Tensor indices, long bound, string argument)
    {
        byte* data = indices.Pointer;
        bool wide = indices.DType == DType.I64;
        long count = indices.Count;
        for (long i = 0; i < count; i++)
        {
            long value = At(data, wide, i);
            if ((ulong)value >= (ulong)bound)
            {
                throw new ArgumentOutOfRangeException(
                    argument, value, $"Index {value} at place {i} of '{argument}' is not in [0, {bound}).");
            }
        }
    }

    /// <summary>target[i, :] = table[ids[i], :] as float32.</summary>
    internal static void LookUp(Tensor ids, Tensor table, float* target)
    {
        var job = new LookUpJob
        {
            Ids = ids.Pointer,
            Wide = ids.DType == DType.I64,
            Table = table.Pointer,
            Type = table.DType,
            Width = table.Shape[1],
            RowBytes = table.DType.ByteCount(table.Shape[1]),
            Target = target,
        };
        WorkerPool.Shared.Run(ref job, checked((int)ids.Count));
    }

    /// <summary>table[ids[i], :] += source[i, :] in the order of i; rows of <paramref name="skipped"/> are left out.</summary>
    internal static void AddRows(Tensor ids, float* source, float* table, int width, int skipped)
    {
        var job = new AddRowsJob
        {
            Ids = ids.Pointer,
            Wide = ids.DType == DType.I64,
            Count = ids.Count,
            Source = source,
            Table = table,
            Width = width,
            Skipped = skipped,
        };
        WorkerPool.Shared.Run(ref job, (width + ColumnsOfPiece - 1) / ColumnsOfPiece);
    }

    /// <summary>target[b, t] = labels[b, t + 1], and <paramref name="fill"/> at the end of each row; labels are [..., T].</summary>
    internal static void ShiftLeft(Tensor labels, long fill, long* target)
    {
        byte* source = labels.Pointer;
        bool wide = labels.DType == DType.I64;
        int length = labels.Shape[-1];
        long count = labels.Count;
        for (long i = 0; i < count; i++)
        {
            target[i] = i % length == length - 1 ? fill : At(source, wide, i + 1);
        }
    }

    private struct LookUpJob : IParallelJob
    {
        public byte* Ids;
        public bool Wide;
        public byte* Table;
        public DType Type;
        public int Width;
        public long RowBytes;
        public float* Target;

        public readonly void Run(int index)
        {
            byte* row = Table + (At(Ids, Wide, index) * RowBytes);
            float* target = Target + ((long)index * Width);
            switch (Type)
            {
                case DType.F32:
                    Buffer.MemoryCopy(row, target, RowBytes, RowBytes);
                    break;
                case DType.BF16:
                    HalfFloats.DecodeBF16(row, 0, Width, target);
                    break;
                case DType.F16:
                    HalfFloats.DecodeF16(row, 0, Width, target);
                    break;
                default:
                    BlockFormats.RowDecoder(Type)(row, 0, Width, target);
                    break;
            }
        }
    }

    /// <summary>Items are ranges of columns, so that the rows of one item are added in the order of the ids.</summary>
    private struct AddRowsJob : IParallelJob
    {
        public byte* Ids;
        public bool Wide;
        public long Count;
        public float* Source;
        public float* Table;
        public int Width;
        public int Skipped;

        public readonly void Run(int index)
        {
            int start = index * ColumnsOfPiece;
            int length = Math.Min(ColumnsOfPiece, Width - start);
            for (long i = 0; i < Count; i++)
            {
                long row = At(Ids, Wide, i);
                if (row != Skipped)
                {
                    var sum = new Span<float>(Table + (row * Width) + start, length);
                    TensorPrimitives.Add(sum, new ReadOnlySpan<float>(Source + (i * Width) + start, length), sum);
                }
            }
        }
    }
}
