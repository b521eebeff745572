using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A view of a storage.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="TypeName">The element type in PyTorch's word.</param>
/// <param name="Type">The element type; null where Percept has none.</param>
/// <param name="ElementBytes">The bytes of an element.</param>
/// <param name="First">The first element in the storage.</param>
/// <param name="Sizes">The sizes, outermost first.</param>
/// <param name="Strides">How many elements a step along each axis is.</param>
internal sealed record PickleTensor(
    PickleStorage Storage,
    string TypeName,
    DType? Type,
    int ElementBytes,
    long First,
    long[] Sizes,
    long[] Strides)
{
    /// <summary>How many elements the view has; checked not to overflow when it was made.</summary>
    internal long Count
    {
        get
        {
            long count = 1;
            foreach (long size in Sizes)
            {
                count *= size;
            }

            return count;
        }
    }

    /// <summary>Whether the elements stand in the storage one after the other, in row-major order.</summary>
    internal bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int axis = Sizes.Length - 1; axis >= 0; axis--)
            {
                if (Sizes[axis] != 1 && Strides[axis] != expected && Count != 0)
                {
                    return false;
                }

                expected *= Sizes[axis];
            }

            return true;
        }
    }
}
