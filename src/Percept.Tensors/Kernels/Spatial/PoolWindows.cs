namespace Percept.Tensors.Kernels.Spatial;

/// <summary>
/// The windows of a pooling over three axes: for each output index the input indices, and how many count.
/// </summary>
/// <remarks>
/// Output index i of an axis covers First[i], First[i] + Step, … below End[i]; an average divides by the product of
/// Counted.
/// </remarks>
internal unsafe struct PoolWindows
{
    private fixed int _in[3];
    private fixed int _out[3];
    private fixed int _step[3];
    private fixed long _tables[3];

    /// <summary>Elements of one input plane.</summary>
    internal readonly long InPlane => (long)_in[0] * _in[1] * _in[2];

    /// <summary>Elements of one output plane.</summary>
    internal readonly long OutPlane => (long)_out[0] * _out[1] * _out[2];

    /// <summary>Ints that the tables of three axes take.</summary>
    internal static long TableLength(long depth, long height, long width) => 3 * (depth + height + width);

    internal readonly int In(int axis) => _in[axis];

    internal readonly int Out(int axis) => _out[axis];

    internal readonly int Step(int axis) => _step[axis];

    internal readonly int* First(int axis) => (int*)_tables[axis];

    internal readonly int* End(int axis) => (int*)_tables[axis] + _out[axis];

    internal readonly int* Counted(int axis) => (int*)_tables[axis] + (2 * _out[axis]);

    /// <summary>Windows of one size that move by a stride.</summary>
    /// <param name="axis">0 to 2.</param>
    /// <param name="table">Takes three ints an output index.</param>
    /// <param name="size">The input's size.</param>
    /// <param name="count">The output's size.</param>
    /// <param name="kernel">The window's size.</param>
    /// <param name="stride">How far it moves.</param>
    /// <param name="padding">Elements on both sides.</param>
    /// <param name="dilation">The distance of its elements.</param>
    /// <param name="countPadding">Whether elements of the padding count in an average.</param>
    internal void Slide(
        int axis, int* table, int size, int count, int kernel, int stride, int padding, int dilation, bool countPadding)
    {
        Set(axis, table, size, count, dilation);
        for (int i = 0; i < count; i++)
        {
            int first = (int)(((long)i * stride) - padding);
            long end = first + ((long)dilation * (kernel - 1)) + 1;
            int padded = (int)(Math.Min(end, (long)size + padding) - first);
            int skipped = first < 0 ? (int)((-(long)first + dilation - 1) / dilation) : 0;
            First(axis)[i] = first + (skipped * dilation);
            End(axis)[i] = (int)Math.Min(end, size);
            Counted(axis)[i] = countPadding ? padded : Math.Max(0, End(axis)[i] - First(axis)[i]);
        }
    }

    /// <summary>Windows that divide the axis evenly: from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉.</summary>
    internal void Divide(int axis, int* table, int size, int count)
    {
        Set(axis, table, size, count, 1);
        for (int i = 0; i < count; i++)
        {
            First(axis)[i] = (int)((long)i * size / count);
            End(axis)[i] = (int)((((i + 1L) * size) + count - 1) / count);
            Counted(axis)[i] = End(axis)[i] - First(axis)[i];
        }
    }

    private void Set(int axis, int* table, int size, int count, int step)
    {
        _in[axis] = size;
        _out[axis] = count;
        _step[axis] = step;
        _tables[axis] = (long)table;
    }
}
