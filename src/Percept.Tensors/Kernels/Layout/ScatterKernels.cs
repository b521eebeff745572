using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Element-wise gather and scatter along one axis, as PyTorch's gather, scatter and scatter_add.</summary>
/// <remarks>
/// The index has the rank of the data and, but for the axis, sizes no greater than the data's. "Picked" below is the
/// tensor laid out like the index (its own strides), "whole" the tensor that is addressed through it. Positions outside
/// the axis are the items, each with the axis in order, so that places that meet are written in the same order whatever
/// the number of threads.
/// </remarks>
internal static unsafe class ScatterKernels
{
    /// <summary>What is done at each place.</summary>
    internal enum Kind
    {
        /// <summary>picked = whole.</summary>
        Gather,

        /// <summary>whole = picked.</summary>
        Put,

        /// <summary>whole += picked, float32.</summary>
        Add,

        /// <summary>whole = 0.</summary>
        Clear,
    }

    /// <summary>Runs one kind over all elements of the index.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="whole">The addressed tensor.</param>
    /// <param name="wholeShape">Its shape.</param>
    /// <param name="picked">The tensor that goes with the index; unused to clear.</param>
    /// <param name="pickedShape">Its shape, at least the index's along each axis.</param>
    /// <param name="index">int32 or int64, checked to lie in the axis.</param>
    /// <param name="wide">Whether the index is int64.</param>
    /// <param name="indexShape">Its shape.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="bytes">Bytes of an element.</param>
    internal static void Run(
        Kind kind, byte* whole, in Shape wholeShape, byte* picked, in Shape pickedShape, byte* index, bool wide,
        in Shape indexShape, int axis, int bytes)
    {
        if (indexShape.Count == 0)
        {
            return;
        }

        long lines = indexShape.Count / indexShape[axis];
        long together = Math.Max(1, VectorKernels.PieceLength / 4 / indexShape[axis]);
        var job = new Job
        {
            Kind = kind, Whole = whole, WholeShape = wholeShape, Picked = picked, PickedShape = pickedShape, Index = index,
            Wide = wide, IndexShape = indexShape, Axis = axis, Bytes = bytes, Lines = lines, Together = together,
        };
        WorkerPool.Shared.Run(ref job, checked((int)((lines + together - 1) / together)));
    }

    private struct Job : IParallelJob
    {
        public Kind Kind;
        public byte* Whole;
        public Shape WholeShape;
        public byte* Picked;
        public Shape PickedShape;
        public byte* Index;
        public bool Wide;
        public Shape IndexShape;
        public int Axis;
        public int Bytes;
        public long Lines;
        public long Together;

        public readonly void Run(int index)
        {
            long wholeStride = WholeShape.CountFrom(Axis + 1);
            long pickedStride = PickedShape.CountFrom(Axis + 1);
            long indexStride = IndexShape.CountFrom(Axis + 1);
            int count = IndexShape[Axis];
            long end = Math.Min(Lines, (index + 1) * Together);
            for (long line = index * Together; line < end; line++)
            {
                Locate(line, out long at, out long whole, out long picked);
                switch (Bytes)
                {
                    case 1: Line(Whole + whole, wholeStride, Picked + picked, pickedStride, at, indexStride, count); break;
                    case 2: Line((ushort*)Whole + whole, wholeStride, (ushort*)Picked + picked, pickedStride, at, indexStride, count); break;
                    case 4: Line((uint*)Whole + whole, wholeStride, (uint*)Picked + picked, pickedStride, at, indexStride, count); break;
                    default: Line((ulong*)Whole + whole, wholeStride, (ulong*)Picked + picked, pickedStride, at, indexStride, count); break;
                }
            }
        }

        /// <summary>Offsets of a line's first elements; a line is a position of all axes but the one.</summary>
        private readonly void Locate(long line, out long at, out long whole, out long picked)
        {
            at = 0;
            whole = 0;
            picked = 0;
            long indexStride = 1, wholeStride = 1, pickedStride = 1;
            for (int i = IndexShape.Rank - 1; i >= 0; i--)
            {
                int size = IndexShape[i];
                if (i != Axis)
                {
                    long position = line % size;
                    line /= size;
                    at += position * indexStride;
                    whole += position * wholeStride;
                    picked += position * pickedStride;
                }

                indexStride *= size;
                wholeStride *= WholeShape[i];
                pickedStride *= PickedShape[i];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Line<T>(T* whole, long wholeStride, T* picked, long pickedStride, long at, long indexStride, int count)
            where T : unmanaged
        {
            for (int i = 0; i < count; i++, at += indexStride, picked += pickedStride)
            {
                T* place = whole + ((Wide ? ((long*)Index)[at] : ((int*)Index)[at]) * wholeStride);
                switch (Kind)
                {
                    case Kind.Gather: *picked = *place; break;
                    case Kind.Put: *place = *picked; break;
                    case Kind.Clear: *place = default; break;
                    default: *(float*)place += *(float*)picked; break;
                }
            }
        }
    }
}
