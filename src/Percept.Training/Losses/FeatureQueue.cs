using Percept.Tensors;

namespace Percept.Training;

/// <summary>A ring of the newest vectors, which serve as negatives of a contrastive loss.</summary>
public sealed class FeatureQueue : IDisposable
{
    /// <summary>Begins with given vectors.</summary>
    /// <param name="rows">Float32 [Q, E]; copied.</param>
    /// <param name="pointer">The row that is overwritten next.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public FeatureQueue(Tensor rows, int pointer = 0)
    {
        int count = Dims.Match(rows, "q e")["q"];
        ArgumentOutOfRangeException.ThrowIfNegative(pointer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(pointer, count);
        Pointer = pointer;
        using ScopeSuspension suspended = TensorScope.Suspend();
        Rows = Ops.Clone(Ops.Detach(rows));
    }

    /// <summary>The vectors, float32 [Q, E]; changed by <see cref="Add"/>.</summary>
    public Tensor Rows { get; }

    /// <summary>The row that is overwritten next.</summary>
    public int Pointer { get; private set; }

    /// <summary>Overwrites the oldest vectors, past the end from the front on.</summary>
    /// <param name="rows">Float32 [n, E], n at most Q.</param>
    /// <exception cref="ShapeException">There are more rows than places, or rows of another length.</exception>
    public void Add(Tensor rows)
    {
        int capacity = Rows.Shape[0], width = Rows.Shape[1];
        Dims.Match(Rows, "q e").And(rows, "n e");
        int count = rows.Shape[0];
        if (count > capacity)
        {
            throw LossMath.WrongShape(nameof(rows), rows.Shape, $"at most {capacity} rows");
        }

        int first = Math.Min(count, capacity - Pointer);
        ReadOnlySpan<float> source = rows.Span<float>();
        Span<float> target = Rows.Writable<float>();
        source[..(first * width)].CopyTo(target[(Pointer * width)..]);
        source[(first * width)..].CopyTo(target);
        Pointer = (Pointer + count) % capacity;
    }

    /// <summary>Frees the vectors.</summary>
    public void Dispose() => Rows.Dispose();
}
