using Percept.Tensors;

namespace Percept.Training;

/// <summary>The sides of many boxes, tensors of one shape, and what is computed of them.</summary>
internal readonly record struct BoxSides(Tensor Left, Tensor Top, Tensor Right, Tensor Bottom)
{
    private Tensor Area => Ops.Multiply(Ops.Subtract(Right, Left), Ops.Subtract(Bottom, Top));

    /// <summary>Takes boxes [N, 4] apart; each side gets the shape given, of N elements.</summary>
    internal static BoxSides Of(Tensor boxes, BoxFormat format, Shape shape)
    {
        Tensor Column(int i) => Ops.Reshape(Ops.Narrow(boxes, 1, i, 1), shape);
        Tensor first = Column(0), second = Column(1), third = Column(2), fourth = Column(3);
        if (format == BoxFormat.Corners)
        {
            return new BoxSides(first, second, third, fourth);
        }

        Tensor halfWidth = Ops.Scale(third, 0.5f), halfHeight = Ops.Scale(fourth, 0.5f);
        return new BoxSides(
            Ops.Subtract(first, halfWidth), Ops.Subtract(second, halfHeight), Ops.Add(first, halfWidth),
            Ops.Add(second, halfHeight));
    }

    /// <summary>
    /// The generalised intersection over union (Rezatofighi et al., 2019); shapes stretch to each other.
    /// </summary>
    internal static Tensor GeneralisedIou(BoxSides a, BoxSides b)
    {
        Tensor inside = Extent(
            Ops.Maximum(a.Left, b.Left), Ops.Maximum(a.Top, b.Top), Ops.Minimum(a.Right, b.Right),
            Ops.Minimum(a.Bottom, b.Bottom));
        Tensor union = Ops.Subtract(Ops.Add(a.Area, b.Area), inside);
        Tensor hull = Extent(
            Ops.Minimum(a.Left, b.Left), Ops.Minimum(a.Top, b.Top), Ops.Maximum(a.Right, b.Right),
            Ops.Maximum(a.Bottom, b.Bottom));
        return Ops.Subtract(Ops.Divide(inside, union), Ops.Divide(Ops.Subtract(hull, union), hull));
    }

    private static Tensor Extent(Tensor left, Tensor top, Tensor right, Tensor bottom) => Ops.Multiply(
        Ops.Clamp(Ops.Subtract(right, left), low: 0f), Ops.Clamp(Ops.Subtract(bottom, top), low: 0f));
}
