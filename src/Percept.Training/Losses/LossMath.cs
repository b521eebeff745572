using Percept.Tensors;

namespace Percept.Training;

/// <summary>Means over chosen elements.</summary>
internal static class LossMath
{
    /// <summary>Σ values·mask / max(Σ mask, 1); the mask is a constant.</summary>
    internal static Tensor MaskedMean(Tensor values, Tensor mask) => Ops.Scale(
        Ops.Sum(Ops.Multiply(values, mask)), (float)(1 / Math.Max(1.0, Total(mask.Span<float>()))));

    /// <summary>The masked mean along the last axis: [..., T] → [...].</summary>
    internal static Tensor MaskedRowMeans(Tensor values, Tensor mask) => Ops.Divide(
        Ops.Sum(Ops.Multiply(values, mask), -1), Ops.Clamp(Ops.Sum(Ops.Detach(mask), -1), low: 1f));

    internal static double Total(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }

    /// <summary>
    /// One number for each item of a batch, in the shape that stretches over the items' own axes: [B, 1, ...].
    /// </summary>
    internal static Tensor PerItem(ReadOnlySpan<float> values, Tensor like)
    {
        Shape shape = like.Shape;
        if (shape.Rank == 0 || shape[0] != values.Length)
        {
            throw WrongShape(nameof(like), shape, $"{values.Length} items in axis 0");
        }

        for (int axis = 1; axis < shape.Rank; axis++)
        {
            shape = shape.With(axis, 1);
        }

        return Tensor.From(values, shape);
    }

    /// <summary>The error of a tensor whose shape does not fit.</summary>
    internal static ShapeException WrongShape(string argument, in Shape actual, string expected) => new(
        $"'{argument}' has shape {actual}, expected {expected}.", argument, null, expected, actual.ToString());
}
