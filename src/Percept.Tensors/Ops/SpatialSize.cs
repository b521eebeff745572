using System.Globalization;

namespace Percept.Tensors;

/// <summary>One number for each spatial axis: a kernel size, stride, padding, dilation or output size.</summary>
/// <remarks>
/// Made from one number for all axes, from (height, width) or from (depth, height, width):
/// <c>Stride = 2</c>, <c>Padding = (1, 2)</c>. The default value means "not given" and takes the op's own default. An
/// op over one axis takes one number.
/// </remarks>
public readonly record struct SpatialSize
{
    private SpatialSize(int given, int depth, int height, int width)
    {
        Given = given;
        Depth = depth;
        Height = height;
        Width = width;
    }

    /// <summary>How many numbers were given: 0 for the default value, 1 for the same number on all axes.</summary>
    public int Given { get; }

    /// <summary>The number of the third axis from the end.</summary>
    public int Depth { get; }

    /// <summary>The number of the last axis but one.</summary>
    public int Height { get; }

    /// <summary>The number of the last axis.</summary>
    public int Width { get; }

    /// <summary>The same number for all axes.</summary>
    /// <param name="size">The number.</param>
    public static implicit operator SpatialSize(int size) => new(1, size, size, size);

    /// <summary>Numbers for two axes.</summary>
    /// <param name="size">Height, then width.</param>
    public static implicit operator SpatialSize((int Height, int Width) size) => new(2, 0, size.Height, size.Width);

    /// <summary>Numbers for three axes.</summary>
    /// <param name="size">Depth, height, width.</param>
    public static implicit operator SpatialSize((int Depth, int Height, int Width) size) =>
        new(3, size.Depth, size.Height, size.Width);

    /// <summary>From a list of one number for all axes, or one for each of two or three.</summary>
    /// <param name="sizes">One to three numbers, outermost axis first.</param>
    /// <exception cref="ArgumentException">None or more than three.</exception>
    public static SpatialSize From(ReadOnlySpan<int> sizes) => sizes.Length switch
    {
        1 => sizes[0],
        2 => (sizes[0], sizes[1]),
        3 => (sizes[0], sizes[1], sizes[2]),
        _ => throw new ArgumentException($"One to three numbers were expected, got {sizes.Length}.", nameof(sizes)),
    };

    /// <summary>The numbers in brackets.</summary>
    public override string ToString() => Given switch
    {
        0 => "default",
        1 => Width.ToString(CultureInfo.InvariantCulture),
        2 => string.Create(CultureInfo.InvariantCulture, $"({Height}, {Width})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"({Depth}, {Height}, {Width})"),
    };

    /// <summary>All three numbers for an op over the last <paramref name="axes"/> axes.</summary>
    /// <param name="axes">1 to 3.</param>
    /// <param name="fallback">The number where none was given.</param>
    /// <param name="neutral">The number of axes that the op does not have.</param>
    /// <param name="minimum">The least number allowed.</param>
    /// <param name="argument">The name for errors.</param>
    internal SpatialSize For(int axes, int fallback, int neutral, int minimum, string argument)
    {
        if (Given > 1 && Given != axes)
        {
            throw new ArgumentException(
                $"'{argument}' has {Given} numbers, expected 1 or {axes} for an op over {axes} axes.", argument);
        }

        SpatialSize all = Given == 0 ? fallback : this;
        all = new SpatialSize(
            3, axes > 2 ? all.Depth : neutral, axes > 1 ? all.Height : neutral, all.Width);
        if (all.Width < minimum || (axes > 1 && all.Height < minimum) || (axes > 2 && all.Depth < minimum))
        {
            throw new ArgumentOutOfRangeException(argument, this.ToString(), $"'{argument}' must be {minimum} or more on each axis.");
        }

        return all;
    }

    /// <summary>The number of one of the three axes: 0 is depth, 2 is width.</summary>
    internal int At(int axis) => axis == 0 ? Depth : axis == 1 ? Height : Width;
}
