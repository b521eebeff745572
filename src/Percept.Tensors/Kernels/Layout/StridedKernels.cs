using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Copies, sums in place and sums over axes between strided views.</summary>
/// <remarks>
/// Copy: to[Σ iₐ·Toₐ] = from[Σ iₐ·Fromₐ] for every position of the axes. After joining axes, a line of the innermost
/// destination axis is a block copy (both dense), a fill (source stride 0), part of a square-tiled transposition
/// (another axis is dense in the source) or an element loop. An item is a group of lines of about
/// <see cref="VectorKernels.PieceLength"/> elements, or a part of one long line. Views must not overlap.
/// </remarks>
internal static unsafe class StridedKernels
{
    /// <summary>Side of a transposed tile: both sides of it stay in the first-level cache.</summary>
    internal const int TileSide = 64;

    private enum Line
    {
        Dense,
        Fill,
        Tile,
        Single,
    }

    /// <summary>Copies elements of <paramref name="bytes"/> bytes.</summary>
    /// <param name="from">The source's first element.</param>
    /// <param name="to">The destination's first element.</param>
    /// <param name="bytes">1, 2, 4, 8 or 16.</param>
    /// <param name="axes">Sizes and strides.</param>
    internal static void Copy(byte* from, byte* to, int bytes, StridedAxes axes)
    {
        switch (bytes)
        {
            case 1: Copy(from, to, axes); break;
            case 2: Copy((ushort*)from, (ushort*)to, axes); break;
            case 4: Copy((uint*)from, (uint*)to, axes); break;
            case 8: Copy((ulong*)from, (ulong*)to, axes); break;
            default: throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "Elements have 1, 2, 4 or 8 bytes.");
        }
    }

    /// <summary>Copies elements.</summary>
    internal static void Copy<T>(T* from, T* to, StridedAxes axes)
        where T : unmanaged
    {
        if (axes.Count == 0)
        {
            return;
        }

        axes.Normalise();
        if (axes.Rank == 0)
        {
            *to = *from;
            return;
        }

        var job = new CopyJob<T>(from, to, axes);
        WorkerPool.Shared.Run(ref job, job.Items);
    }

    /// <summary>The scalar twin of <see cref="Copy{T}"/>.</summary>
    internal static void CopyScalar<T>(T* from, T* to, in StridedAxes axes)
        where T : unmanaged
    {
        long* at = stackalloc long[StridedAxes.Max];
        for (long i = 0; i < axes.Count; i++)
        {
            axes.Locate(i, axes.Rank, at, out long f, out long t);
            to[t] = from[f];
        }
    }

    /// <summary>to[…] += factor·from[…] over the axes.</summary>
    internal static void Add(float* from, float* to, float factor, StridedAxes axes)
    {
        if (axes.Count == 0)
        {
            return;
        }

        axes.Normalise();
        if (axes.Rank == 0)
        {
            *to += factor * *from;
            return;
        }

        var job = new AddJob(from, to, factor, axes);
        WorkerPool.Shared.Run(ref job, job.Items);
    }

    /// <summary>
    /// Sums over axes: to[…] = Σ from[…], where axes with destination stride 0 are summed over. Kept axes come first.
    /// </summary>
    /// <param name="from">The source.</param>
    /// <param name="to">The destination; every kept position is overwritten.</param>
    /// <param name="kept">The kept axes; sizes and both strides.</param>
    /// <param name="summed">The axes summed over, in the order of summation.</param>
    internal static void Sum(float* from, float* to, StridedAxes kept, StridedAxes summed)
    {
        if (kept.Count == 0)
        {
            return;
        }

        kept.Normalise();
        summed.Join();
        var job = new SumJob(from, to, kept, summed);
        WorkerPool.Shared.Run(ref job, job.Items);
    }

    private readonly struct CopyJob<T> : IParallelJob
        where T : unmanaged
    {
        private readonly T* _from;
        private readonly T* _to;
        private readonly StridedAxes _axes;
        private readonly Line _line;
        private readonly int _outer;
        private readonly long _outers;
        private readonly long _together;
        private readonly long _part;
        private readonly int _parts;

        internal CopyJob(T* from, T* to, StridedAxes axes)
        {
            _from = from;
            _to = to;
            int last = axes.Rank - 1;
            _line = Line.Single;
            if (axes.To(last) == 1)
            {
                _line = axes.From(last) == 1 ? Line.Dense : axes.From(last) == 0 ? Line.Fill : Line.Single;
                for (int i = 0; i < last && _line == Line.Single; i++)
                {
                    if (axes.From(i) == 1 && axes.Size(i) >= 4)
                    {
                        axes.MoveBeforeLast(i);
                        _line = Line.Tile;
                    }
                }
            }

            _axes = axes;
            _outer = _line == Line.Tile ? last - 1 : last;
            _outers = axes.CountOf(0, _outer);
            // A line is cut along its last axis, a transposed matrix along its other one.
            long length = axes.Size(_outer);
            long unit = _line == Line.Tile ? axes.Size(last) : 1;
            _part = Math.Max(TileSide, VectorKernels.PieceLength / unit / TileSide * TileSide);
            _parts = (int)((length + _part - 1) / _part);
            _together = _parts > 1 ? 1 : Math.Max(1, VectorKernels.PieceLength / (length * unit));
        }

        internal int Items => checked((int)((_outers + _together - 1) / _together * _parts));

        [SkipLocalsInit]
        public void Run(int index)
        {
            long* at = stackalloc long[StridedAxes.Max];
            long first = index / _parts * _together;
            long end = Math.Min(_outers, first + _together);
            long start = index % _parts * _part;
            long length = Math.Min(_part, _axes.Size(_outer) - start);
            _axes.Locate(first, _outer, at, out long from, out long to);
            from += start * _axes.From(_outer);
            to += start * _axes.To(_outer);
            for (long i = first; i < end; i++)
            {
                RunLine(_from + from, _to + to, length);
                _axes.Next(_outer, at, ref from, ref to);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void RunLine(T* from, T* to, long length)
        {
            switch (_line)
            {
                case Line.Dense:
                    CopyDense(from, to, length);
                    break;
                case Line.Fill:
                    new Span<T>(to, (int)length).Fill(*from);
                    break;
                case Line.Tile:
                    Transpose(from, to, length, _axes.To(_outer), _axes.Size(_outer + 1), _axes.From(_outer + 1));
                    break;
                default:
                    CopySingle(from, _axes.From(_outer), to, _axes.To(_outer), length);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyDense<T>(T* from, T* to, long length)
        where T : unmanaged
    {
        long bytes = length * sizeof(T);
        if (bytes > 512)
        {
            Buffer.MemoryCopy(from, to, bytes, bytes);
            return;
        }

        byte* f = (byte*)from;
        byte* t = (byte*)to;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; bytes >= 32; bytes -= 32, f += 32, t += 32)
            {
                Vector256.Load(f).Store(t);
            }
        }

        for (long i = 0; i < bytes / sizeof(T); i++)
        {
            ((T*)t)[i] = ((T*)f)[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopySingle<T>(T* from, long fromStride, T* to, long toStride, long length)
        where T : unmanaged
    {
        for (; length > 0; length--, from += fromStride, to += toStride)
        {
            *to = *from;
        }
    }

    /// <summary>to[r·ldt + c] = from[c·ldf + r].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* from, T* to, long rows, long ldt, long cols, long ldf)
        where T : unmanaged
    {
        for (long r = 0; r < rows; r += TileSide)
        {
            int height = (int)Math.Min(TileSide, rows - r);
            for (long c = 0; c < cols; c += TileSide)
            {
                int width = (int)Math.Min(TileSide, cols - c);
                T* f = from + (c * ldf) + r;
                T* t = to + (r * ldt) + c;
                if (sizeof(T) == sizeof(float) && width >= 4)
                {
                    Gemm.GemmTranspose.Block((float*)f, ldf, width, height, (float*)t, ldt);
                    continue;
                }

                for (int j = 0; j < width; j++)
                {
                    CopySingle(f + (j * ldf), 1, t + j, ldt, height);
                }
            }
        }
    }

    private readonly struct AddJob : IParallelJob
    {
        private readonly float* _from;
        private readonly float* _to;
        private readonly float _factor;
        private readonly StridedAxes _axes;
        private readonly int _outer;
        private readonly long _outers;
        private readonly long _together;

        internal AddJob(float* from, float* to, float factor, in StridedAxes axes)
        {
            _from = from;
            _to = to;
            _factor = factor;
            _axes = axes;
            _outer = axes.Rank - 1;
            _outers = axes.CountOf(0, _outer);
            _together = Math.Max(1, VectorKernels.PieceLength / axes.Size(_outer));
        }

        internal int Items => checked((int)((_outers + _together - 1) / _together));

        [SkipLocalsInit]
        public void Run(int index)
        {
            long* at = stackalloc long[StridedAxes.Max];
            long first = index * _together;
            long end = Math.Min(_outers, first + _together);
            int length = checked((int)_axes.Size(_outer));
            bool dense = _axes.From(_outer) == 1 && _axes.To(_outer) == 1;
            _axes.Locate(first, _outer, at, out long from, out long to);
            for (long i = first; i < end; i++)
            {
                float* f = _from + from;
                float* t = _to + to;
                if (dense)
                {
                    Span<float> target = new(t, length);
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(f, length), _factor, target, target);
                }
                else
                {
                    for (int j = 0; j < length; j++)
                    {
                        t[j * _axes.To(_outer)] += _factor * f[j * _axes.From(_outer)];
                    }
                }

                _axes.Next(_outer, at, ref from, ref to);
            }
        }
    }

    /// <summary>Lines of the last kept axis where it is dense on both sides, single sums elsewhere.</summary>
    private readonly struct SumJob : IParallelJob
    {
        private readonly float* _from;
        private readonly float* _to;
        private readonly StridedAxes _kept;
        private readonly StridedAxes _summed;
        private readonly bool _lines;
        private readonly int _outer;
        private readonly long _outers;
        private readonly long _together;

        internal SumJob(float* from, float* to, in StridedAxes kept, in StridedAxes summed)
        {
            _from = from;
            _to = to;
            _kept = kept;
            _summed = summed;
            int last = kept.Rank - 1;
            _lines = last >= 0 && kept.From(last) == 1 && kept.To(last) == 1;
            _outer = _lines ? last : kept.Rank;
            _outers = kept.CountOf(0, _outer);
            long work = Math.Max(1, summed.Count) * (_lines ? kept.Size(last) : 1);
            _together = Math.Max(1, VectorKernels.PieceLength / work);
        }

        internal int Items => checked((int)((_outers + _together - 1) / _together));

        [SkipLocalsInit]
        public void Run(int index)
        {
            long* at = stackalloc long[StridedAxes.Max];
            long first = index * _together;
            long end = Math.Min(_outers, first + _together);
            _kept.Locate(first, _outer, at, out long from, out long to);
            for (long i = first; i < end; i++)
            {
                if (_lines)
                {
                    SumLine(_from + from, _to + to, checked((int)_kept.Size(_outer)));
                }
                else
                {
                    _to[to] = SumOne(_from + from);
                }

                _kept.Next(_outer, at, ref from, ref to);
            }
        }

        private void SumLine(float* from, float* to, int length)
        {
            long* at = stackalloc long[StridedAxes.Max];
            Span<float> target = new(to, length);
            long count = _summed.Count;
            if (count == 0)
            {
                target.Clear();
                return;
            }

            _summed.Locate(0, _summed.Rank, at, out long offset, out long unused);
            new ReadOnlySpan<float>(from, length).CopyTo(target);
            for (long i = 1; i < count; i++)
            {
                _summed.Next(_summed.Rank, at, ref offset, ref unused);
                TensorPrimitives.Add(target, new ReadOnlySpan<float>(from + offset, length), target);
            }
        }

        private float SumOne(float* from)
        {
            long* at = stackalloc long[StridedAxes.Max];
            int last = _summed.Rank - 1;
            if (last < 0)
            {
                return *from;
            }

            bool dense = _summed.From(last) == 1;
            long lines = _summed.CountOf(0, last);
            int length = checked((int)_summed.Size(last));
            double sum = 0;
            _summed.Locate(0, last, at, out long offset, out long unused);
            for (long i = 0; i < lines; i++)
            {
                float* f = from + offset;
                if (dense)
                {
                    sum += TensorPrimitives.Sum(new ReadOnlySpan<float>(f, length));
                }
                else
                {
                    for (int j = 0; j < length; j++)
                    {
                        sum += f[j * _summed.From(last)];
                    }
                }

                _summed.Next(last, at, ref offset, ref unused);
            }

            return (float)sum;
        }
    }
}
