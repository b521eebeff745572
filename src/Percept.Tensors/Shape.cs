using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Percept.Tensors;

/// <summary>The sizes of a tensor's axes, outermost first; up to <see cref="MaxRank"/> axes. Rank 0 is a scalar.</summary>
/// <remarks>A value without heap memory: <c>Shape s = [batch, tokens, hidden];</c>.</remarks>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The most axes that a tensor can have.</summary>
    public const int MaxRank = 8;

    private readonly Axes _axes;

    // Stored less one, so that the default value is the scalar shape with one element.
    private readonly long _countLessOne;

    private Shape(ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > MaxRank)
        {
            throw new ShapeException(
                $"A shape has at most {MaxRank} axes, got {sizes.Length}.",
                nameof(sizes),
                null,
                MaxRank.ToString(CultureInfo.InvariantCulture),
                sizes.Length.ToString(CultureInfo.InvariantCulture));
        }

        long count = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            int size = sizes[i];
            if (size < 0)
            {
                throw Impossible("is negative", i, sizes);
            }

            if (size != 0 && count > (1L << 48) / size)
            {
                throw Impossible("makes a tensor of more than 2^48 elements", i, sizes);
            }

            count *= size;
            _axes[i] = size;
        }

        Rank = sizes.Length;
        _countLessOne = count - 1;
    }

    /// <summary>How many axes there are.</summary>
    public int Rank { get; }

    /// <summary>How many elements a tensor of this shape has: the product of the sizes, 1 for rank 0.</summary>
    public long Count => _countLessOne + 1;

    /// <summary>The sizes, outermost first.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int> Sizes => ((ReadOnlySpan<int>)_axes)[..Rank];

    /// <summary>The size of an axis.</summary>
    /// <param name="axis">From 0, or from −1 for the last.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int this[int axis] => _axes[Axis(axis)];

    /// <summary>Makes a shape.</summary>
    /// <param name="sizes">The sizes, outermost first.</param>
    /// <exception cref="ShapeException">More than <see cref="MaxRank"/> axes, a negative size, or over 2^48 elements.</exception>
    public static Shape Create(ReadOnlySpan<int> sizes) => new(sizes);

    /// <summary>Whether two shapes have the same axes.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(in Shape left, in Shape right) => left.Sizes.SequenceEqual(right.Sizes);

    /// <summary>Whether two shapes differ.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(in Shape left, in Shape right) => !(left == right);

    /// <summary>An axis counted from 0.</summary>
    /// <param name="axis">From 0, or from −1 for the last.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis)
    {
        int rank = Rank;
        int positive = axis < 0 ? axis + rank : axis;
        if ((uint)positive >= (uint)rank)
        {
            throw new ShapeException(
                $"There is no axis {axis} in shape {this}.",
                nameof(axis),
                axis,
                $"-{rank}..{rank - 1}",
                axis.ToString(CultureInfo.InvariantCulture));
        }

        return positive;
    }

    /// <summary>The product of the sizes before an axis.</summary>
    /// <param name="axis">From 0 to <see cref="Rank"/>.</param>
    public long CountBefore(int axis) => Product(Sizes[..axis]);

    /// <summary>The product of the sizes from an axis on.</summary>
    /// <param name="axis">From 0 to <see cref="Rank"/>.</param>
    public long CountFrom(int axis) => Product(Sizes[axis..]);

    /// <summary>The same shape with one axis of another size.</summary>
    /// <param name="axis">From 0, or from −1 for the last.</param>
    /// <param name="size">The new size.</param>
    public Shape With(int axis, int size)
    {
        Span<int> sizes = stackalloc int[MaxRank];
        Sizes.CopyTo(sizes);
        sizes[Axis(axis)] = size;
        return new Shape(sizes[..Rank]);
    }

    /// <summary>The same shape without one axis.</summary>
    /// <param name="axis">From 0, or from −1 for the last.</param>
    public Shape Without(int axis)
    {
        Span<int> sizes = stackalloc int[MaxRank];
        int at = Axis(axis);
        Sizes[..at].CopyTo(sizes);
        Sizes[(at + 1)..].CopyTo(sizes[at..]);
        return new Shape(sizes[..(Rank - 1)]);
    }

    /// <summary>The same shape with one more axis.</summary>
    /// <param name="axis">Where the new axis stands: from 0 to <see cref="Rank"/>.</param>
    /// <param name="size">Its size.</param>
    public Shape Insert(int axis, int size)
    {
        Span<int> sizes = stackalloc int[MaxRank + 1];
        Sizes[..axis].CopyTo(sizes);
        sizes[axis] = size;
        Sizes[axis..].CopyTo(sizes[(axis + 1)..]);
        return new Shape(sizes[..(Rank + 1)]);
    }

    /// <summary>The shape that two shapes broadcast to, by NumPy's rule: axes are matched from the last, and 1 stretches.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other.</param>
    /// <exception cref="ShapeException">An axis differs and neither size is 1.</exception>
    public static Shape Broadcast(in Shape left, in Shape right) => Broadcast(left, right, nameof(right));

    /// <summary>The same, with the name of the argument that an error is about.</summary>
    internal static Shape Broadcast(in Shape left, in Shape right, string argument)
    {
        int rank = Math.Max(left.Rank, right.Rank);
        Span<int> sizes = stackalloc int[MaxRank];
        for (int i = 1; i <= rank; i++)
        {
            int a = i <= left.Rank ? left[-i] : 1;
            int b = i <= right.Rank ? right[-i] : 1;
            if (a != b && a != 1 && b != 1)
            {
                throw new ShapeException(
                    $"Shapes {left} and {right} do not broadcast: axis {-i} is {a} in one and {b} in the other.",
                    argument,
                    rank - i,
                    a.ToString(CultureInfo.InvariantCulture),
                    b.ToString(CultureInfo.InvariantCulture));
            }

            sizes[rank - i] = a == 1 ? b : a;
        }

        return new Shape(sizes[..rank]);
    }

    /// <summary>Enumerates the sizes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int>.Enumerator GetEnumerator() => Sizes.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int size in Sizes)
        {
            hash.Add(size);
        }

        return hash.ToHashCode();
    }

    /// <summary>The sizes in brackets: <c>[2, 3, 4]</c>.</summary>
    public override string ToString() => Text(Sizes);

    private static string Text(ReadOnlySpan<int> sizes)
    {
        var text = new StringBuilder("[");
        for (int i = 0; i < sizes.Length; i++)
        {
            text.Append(i == 0 ? string.Empty : ", ").Append(sizes[i].ToString(CultureInfo.InvariantCulture));
        }

        return text.Append(']').ToString();
    }

    private static long Product(ReadOnlySpan<int> sizes)
    {
        long product = 1;
        foreach (int size in sizes)
        {
            product *= size;
        }

        return product;
    }

    private static ShapeException Impossible(string problem, int axis, ReadOnlySpan<int> sizes) =>
        new(
            $"Axis {axis} of shape {Text(sizes)} {problem}.",
            nameof(sizes),
            axis,
            "a size of 0 or more, at most 2^48 elements in all",
            sizes[axis].ToString(CultureInfo.InvariantCulture));

    [InlineArray(MaxRank)]
    private struct Axes
    {
        private int _first;
    }
}
