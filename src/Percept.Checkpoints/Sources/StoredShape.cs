using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Turns the sizes that a file tells into a shape.</summary>
internal static class StoredShape
{
    /// <summary>The shape of some sizes.</summary>
    /// <param name="sizes">The sizes, outermost first, none negative.</param>
    /// <param name="name">The tensor's name, for errors.</param>
    /// <param name="file">The file, for errors.</param>
    /// <exception cref="NotSupportedException">Percept can't have such a tensor.</exception>
    internal static Shape Create(IReadOnlyList<long> sizes, string name, string file)
    {
        if (sizes.Count > Shape.MaxRank)
        {
            throw new NotSupportedException(
                $"Tensor '{name}' of '{file}' has {sizes.Count} axes, at most {Shape.MaxRank} are possible.");
        }

        Span<int> axes = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < sizes.Count; i++)
        {
            if (sizes[i] > int.MaxValue)
            {
                throw new NotSupportedException(
                    $"Tensor '{name}' of '{file}' has {sizes[i]} along axis {i}, at most {int.MaxValue} are possible.");
            }

            axes[i] = (int)sizes[i];
        }

        try
        {
            return Shape.Create(axes[..sizes.Count]);
        }
        catch (ShapeException error)
        {
            throw new NotSupportedException($"Tensor '{name}' of '{file}' is too large: {error.Message}", error);
        }
    }
}
