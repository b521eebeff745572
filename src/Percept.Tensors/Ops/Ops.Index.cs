using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Threading;

namespace Percept.Tensors;

/// <content>Rows by number and by mask.</content>
public static partial class Ops
{
    /// <summary>Indices of an axis by number: result[…, i, …] = input[…, index[i], …]. The gradient adds up.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="index">I32 or I64, [n].</param>
    /// <param name="axis">The axis; it gets size n.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the axis.</exception>
    public static unsafe Tensor IndexSelect(Tensor input, Tensor index, int axis)
    {
        RequirePlain(input, nameof(input));
        int at = RequireRows(input, index, axis);
        int rows = checked((int)index.Count);
        Tensor result = Result(input.Shape.With(at, rows), input.DType);
        using ThreadScratch.Lease map = RowMap(index);
        RowKernels.Gather(
            input.Pointer, result.Pointer, input.Shape.CountBefore(at), input.Shape[at], rows,
            input.Shape.CountFrom(at + 1) * ElementBytes(input), ElementBytes(input), (long*)map.Pointer);
        if (Tape.Wants(input))
        {
            Tape.Record(&IndexSelectGradient, result, [input]).Save(index).SaveNumber(at).LeavesAll();
        }

        return result;
    }

    /// <summary>A copy of the input to which alpha·source[…, i, …] is added at […, index[i], …].</summary>
    /// <param name="input">Float32.</param>
    /// <param name="index">I32 or I64, [n].</param>
    /// <param name="source">Float32 of the input's shape but n along the axis.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="alpha">The factor.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the axis.</exception>
    public static unsafe Tensor IndexAdd(Tensor input, Tensor index, Tensor source, int axis, float alpha = 1f)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(source, nameof(source));
        int at = RequireRows(input, index, axis);
        RequireShape(source, input.Shape.With(at, checked((int)index.Count)), nameof(source));
        Tensor result = Copied(input);
        AddRows(source, result, index, at, alpha);
        if (Tape.Wants([input, source]))
        {
            Tape.Record(&IndexAddGradient, result, [input, source]).Save(index).SaveNumber(at).SaveNumber(alpha);
        }

        return result;
    }

    /// <summary>
    /// Places by number along the first axes: result[j…] = input[a[j…], b[j…], …]. The gradient adds up.
    /// </summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="indices">
    /// I32 or I64 of one shape, one for each of the first axes; negative ones count from the end.
    /// </param>
    /// <returns>[index shape..., remaining axes...].</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in its axis.</exception>
    public static unsafe Tensor Index(Tensor input, params ReadOnlySpan<Tensor> indices)
    {
        RequirePlain(input, nameof(input));
        int axes = indices.Length;
        if (axes == 0 || axes > input.Rank)
        {
            throw new ArgumentException($"Shape {input.Shape} takes 1 to {input.Rank} indices, got {axes}.", nameof(indices));
        }

        Shape picked = indices[0].Shape;
        Span<int> sizes = stackalloc int[2 * Shape.MaxRank];
        picked.Sizes.CopyTo(sizes);
        input.Shape.Sizes[axes..].CopyTo(sizes[picked.Rank..]);
        Shape shape = Shape.Create(sizes[..(picked.Rank + input.Rank - axes)]);
        for (int axis = 0; axis < axes; axis++)
        {
            RequireIndices(indices[axis], nameof(indices));
            RequireShape(indices[axis], picked, nameof(indices));
            RequirePlaces(indices[axis], input.Shape[axis]);
        }

        Tensor result = Result(shape, input.DType);
        bool wanted = Tape.Wants(input);
        TapeEntry? entry = wanted ? Tape.Record(&IndexGradient, result, [input]).SaveNumber(axes) : null;
        Tensor rows = Temporary([checked((int)picked.Count)], DType.I64);
        Span<long> map = rows.Writable<long>();
        map.Clear();
        for (int axis = 0; axis < axes; axis++)
        {
            AddPlaces(indices[axis], input.Shape[axis], map);
        }

        RowKernels.Gather(
            input.Pointer, result.Pointer, 1, input.Shape.CountBefore(axes), rows.Count,
            input.Shape.CountFrom(axes) * ElementBytes(input), ElementBytes(input), (long*)rows.Pointer);
        if (entry is not null)
        {
            entry.Save(rows);
        }
        else
        {
            rows.Dispose();
        }

        return result;
    }

    /// <summary>
    /// A copy of the input in which the places where the mask is true take the source's elements in order; the gradient
    /// of the source is that at its places, and 0 for elements left over.
    /// </summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="mask">
    /// Bool over the input's first axes (all of them, or fewer for whole rows; further axes of size 1 may follow).
    /// </param>
    /// <param name="source">The same type; at least as many elements as places.</param>
    /// <exception cref="ShapeException">The mask does not fit or the source is too short.</exception>
    public static unsafe Tensor MaskedScatter(Tensor input, Tensor mask, Tensor source)
    {
        RequirePlain(input, nameof(input));
        int axes = RequireMask(input, mask);
        RequireType(source, input.DType, nameof(source));
        long rows = mask.Count;
        long row = input.Shape.CountFrom(axes);
        using ThreadScratch.Lease map = MaskMap(mask, rows, out long places);
        if (source.Count < places * row)
        {
            throw ShapeException.ForShape(nameof(source), source.Shape, $"at least {places * row} elements for the mask's places");
        }

        Tensor result = Copied(input);
        CopyPlaces(source, result, rows, row, (long*)map.Pointer, true);
        if (Tape.Wants([input, source]))
        {
            Tape.Record(&MaskedScatterGradient, result, [input, source]).Save(mask);
        }

        return result;
    }

    /// <summary>The elements, or whole rows, where the mask is true, in order.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="mask">Bool over the input's first axes; further axes of size 1 may follow.</param>
    /// <returns>[places, remaining axes...].</returns>
    /// <exception cref="ShapeException">The mask does not fit.</exception>
    public static unsafe Tensor MaskedSelect(Tensor input, Tensor mask)
    {
        RequirePlain(input, nameof(input));
        int axes = RequireMask(input, mask);
        long rows = mask.Count, row = input.Shape.CountFrom(axes);
        using ThreadScratch.Lease map = MaskMap(mask, rows, out long places);
        Span<int> sizes = stackalloc int[Shape.MaxRank + 1];
        sizes[0] = checked((int)places);
        input.Shape.Sizes[axes..].CopyTo(sizes[1..]);
        Tensor result = Result(Shape.Create(sizes[..(1 + input.Rank - axes)]), input.DType);
        CopyPlaces(input, result, rows, row, (long*)map.Pointer, false);
        if (Tape.Wants(input))
        {
            Tape.Record(&MaskedSelectGradient, result, [input]).Save(mask);
        }

        return result;
    }

    private static int RequireRows(Tensor input, Tensor index, int axis)
    {
        RequireIndices(index, nameof(index));
        RequireRank(index, 0, 1, nameof(index));
        int at = RequireAxis(input, axis, nameof(axis));
        IndexKernels.RequireRange(index, input.Shape[at], nameof(index));
        return at;
    }

    /// <summary>The numbers of an index tensor as int64; dispose the lease in strict nesting.</summary>
    private static unsafe ThreadScratch.Lease RowMap(Tensor index)
    {
        long count = index.Count;
        ThreadScratch.Lease lease = ThreadScratch.Rent(sizeof(long) * count);
        long* map = (long*)lease.Pointer;
        byte* p = index.Pointer;
        bool wide = index.DType == DType.I64;
        for (long i = 0; i < count; i++)
        {
            map[i] = wide ? ((long*)p)[i] : ((int*)p)[i];
        }

        return lease;
    }

    private static unsafe void AddRows(Tensor from, Tensor to, Tensor index, int axis, float alpha)
    {
        using ThreadScratch.Lease map = RowMap(index);
        RowKernels.Add(
            from.Floats, to.Floats, to.Shape.CountBefore(axis), index.Count, to.Shape[axis], to.Shape.CountFrom(axis + 1),
            alpha, (long*)map.Pointer);
    }

    private static void IndexSelectGradient(TapeEntry entry)
    {
        Tensor dx = Zeros(entry.Input(0).Shape);
        AddRows(entry.OutputGrad(), dx, entry.Saved(0), (int)entry.Number(0), 1f);
        entry.Add(0, dx);
    }

    private static void IndexAddGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        if (entry.Wants(0))
        {
            entry.Add(0, dy);
        }

        if (entry.Wants(1))
        {
            Tensor picked = IndexSelect(dy, entry.Saved(0), (int)entry.Number(0));
            entry.Add(1, entry.Number(1) == 1 ? picked : Scale(picked, (float)entry.Number(1)));
        }
    }

    private static unsafe void RequirePlaces(Tensor index, int size)
    {
        byte* p = index.Pointer;
        bool wide = index.DType == DType.I64;
        for (long i = 0; i < index.Count; i++)
        {
            long value = wide ? ((long*)p)[i] : ((int*)p)[i];
            if (value < -size || value >= size)
            {
                throw new ArgumentOutOfRangeException(
                    "indices", value, $"'indices' holds {value} at place {i}, expected {-size} to {size - 1}.");
            }
        }
    }

    /// <summary>map = map·size + index, where negative indices count from the end.</summary>
    private static unsafe void AddPlaces(Tensor index, int size, Span<long> map)
    {
        byte* p = index.Pointer;
        bool wide = index.DType == DType.I64;
        for (int i = 0; i < map.Length; i++)
        {
            long value = wide ? ((long*)p)[i] : ((int*)p)[i];
            map[i] = (map[i] * size) + (value < 0 ? value + size : value);
        }
    }

    private static unsafe void IndexGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Tensor rows = entry.Saved(0);
        Tensor dx = Zeros(entry.Input(0).Shape);
        int axes = (int)entry.Number(0);
        RowKernels.Add(
            dy.Floats, dx.Floats, 1, rows.Count, dx.Shape.CountBefore(axes), dx.Shape.CountFrom(axes), 1f, (long*)rows.Pointer);
        entry.Add(0, dx);
    }

    /// <summary>How many of the input's axes a mask covers: trailing axes of size 1 stretch over the input's.</summary>
    private static int RequireMask(Tensor input, Tensor mask)
    {
        RequireType(mask, DType.Bool, nameof(mask));
        int axes = mask.Rank;
        bool fits = axes <= input.Rank;
        int covered = axes;
        while (fits && covered > 0 && mask.Shape[covered - 1] == 1 && input.Shape[covered - 1] != 1)
        {
            covered--;
        }

        for (int i = 0; i < covered && fits; i++)
        {
            fits = mask.Shape[i] == input.Shape[i];
        }

        if (!fits)
        {
            throw ShapeException.ForShape(nameof(mask), mask.Shape, $"the first axes of {input.Shape}");
        }

        return covered;
    }

    /// <summary>For each place of a mask the number of true places before it, or −1 where it is false.</summary>
    private static unsafe ThreadScratch.Lease MaskMap(Tensor mask, long rows, out long places)
    {
        ThreadScratch.Lease lease = ThreadScratch.Rent(sizeof(long) * rows);
        long* map = (long*)lease.Pointer;
        byte* p = mask.Pointer;
        places = 0;
        for (long i = 0; i < rows; i++)
        {
            map[i] = p[i] != 0 ? places++ : -1;
        }

        return lease;
    }

    /// <summary>
    /// With <paramref name="spread"/>, to[i] = from[map[i]], else to[map[i]] = from[i], for rows with a map of 0 or
    /// more.
    /// </summary>
    private static unsafe void CopyPlaces(Tensor from, Tensor to, long rows, long row, long* map, bool spread)
    {
        int bytes = ElementBytes(from);
        var job = new PlacesJob
        {
            From = from.Pointer, To = to.Pointer, Row = row * bytes, Rows = rows, Map = map, Spread = spread,
            Together = Math.Max(1, VectorKernels.PieceLength / Math.Max(1, row)),
        };
        WorkerPool.Shared.Run(ref job, checked((int)((rows + job.Together - 1) / job.Together)));
    }

    private static unsafe void MaskedScatterGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Tensor mask = entry.Saved(0);
        long rows = mask.Count, row = dy.Shape.CountFrom(RequireMask(dy, mask));
        using ThreadScratch.Lease map = MaskMap(mask, rows, out _);
        if (entry.Wants(0))
        {
            Tensor dx = Copied(dy);
            float* p = dx.Floats;
            for (long i = 0; i < rows; i++)
            {
                if (((long*)map.Pointer)[i] >= 0)
                {
                    new Span<float>(p + (i * row), checked((int)row)).Clear();
                }
            }

            entry.Add(0, dx);
        }

        if (entry.Wants(1))
        {
            Tensor dx = Zeros(entry.Input(1).Shape);
            CopyPlaces(dy, dx, rows, row, (long*)map.Pointer, false);
            entry.Add(1, dx);
        }
    }

    private static unsafe void MaskedSelectGradient(TapeEntry entry)
    {
        Tensor dx = Zeros(entry.Input(0).Shape);
        Tensor mask = entry.Saved(0);
        long rows = mask.Count, row = dx.Shape.CountFrom(RequireMask(dx, mask));
        using ThreadScratch.Lease map = MaskMap(mask, rows, out _);
        CopyPlaces(entry.OutputGrad(), dx, rows, row, (long*)map.Pointer, true);
        entry.Add(0, dx);
    }

    private unsafe struct PlacesJob : IParallelJob
    {
        public byte* From;
        public byte* To;
        public long Row;
        public long Rows;
        public long Together;
        public long* Map;
        public bool Spread;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * Together);
            for (long i = index * Together; i < end; i++)
            {
                if (Map[i] >= 0)
                {
                    byte* from = From + ((Spread ? Map[i] : i) * Row);
                    Buffer.MemoryCopy(from, To + ((Spread ? i : Map[i]) * Row), Row, Row);
                }
            }
        }
    }
}
