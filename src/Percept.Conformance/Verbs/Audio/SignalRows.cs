using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Tensors whose last axis is time.</summary>
internal static class SignalRows
{
    /// <summary>The number of samples of each row.</summary>
    internal static int Length(Tensor x) => x.Shape[x.Shape.Rank - 1];

    /// <summary>The shape with another number of samples.</summary>
    internal static Shape WithLast(Tensor x, int length) => x.Shape.With(x.Shape.Rank - 1, length);
}
