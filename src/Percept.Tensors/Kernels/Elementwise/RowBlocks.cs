namespace Percept.Tensors.Kernels;

/// <summary>How a matrix is cut into parallel items of whole rows: by its size alone, never by the number of threads.</summary>
internal static class RowBlocks
{
    /// <summary>Rows of one item: about <see cref="UnaryKernels.Chunk"/> elements, or all rows of a small matrix.</summary>
    internal static long ItemRows(long rows, long columns) => rows * columns < UnaryKernels.ParallelFrom
        ? Math.Max(rows, 1)
        : Math.Max(1, UnaryKernels.Chunk / Math.Max(columns, 1));

    /// <summary>The number of items of <paramref name="itemRows"/> rows, the last one maybe shorter.</summary>
    internal static int Items(long rows, long itemRows) => checked((int)((rows + itemRows - 1) / itemRows));
}

/// <summary>A matrix of floats: contiguous rows, <see cref="Stride"/> elements from one to the next.</summary>
internal readonly unsafe struct Rows(float* start, long stride)
{
    internal float* Start { get; } = start;

    internal long Stride { get; } = stride;

    internal float* this[long row] => Start + (row * Stride);
}
