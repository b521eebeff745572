namespace Percept.Models;

/// <summary>
/// The arithmetic of target sizes. Each rule keeps the reference's order of float64 operations and its way of rounding: a
/// different order gives another size for some pictures.
/// </summary>
internal static class SizeRules
{
    /// <summary>Python's <c>round</c> to a whole number: half to even.</summary>
    internal static int Round(double value) => Whole(Math.Round(value, MidpointRounding.ToEven));

    /// <summary>Python's <c>int</c>: towards zero.</summary>
    internal static int Truncate(double value) => Whole(Math.Truncate(value));

    internal static int Floor(double value) => Whole(Math.Floor(value));

    internal static int Ceiling(double value) => Whole(Math.Ceiling(value));

    /// <summary>Refuses sizes that are no picture's.</summary>
    internal static void CheckSource(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
    }

    /// <summary>Refuses a target that has a side of 0.</summary>
    internal static ImageSize Check(ImageSize target, int height, int width, string rule) =>
        target is { Height: >= 1, Width: >= 1 }
            ? target
            : throw new ArgumentException(
                $"A picture of {new ImageSize(height, width)} comes to {target} by the rule '{rule}'; " +
                "it is too narrow: crop or pad it first.");

    /// <summary>The size that a setting means for a picture, by the rules that the plain encoders share.</summary>
    /// <exception cref="InvalidDataException">The setting means no size.</exception>
    /// <exception cref="ArgumentException">The picture is too narrow for it.</exception>
    internal static ImageSize Target(SizeSetting size, int height, int width)
    {
        CheckSource(height, width);
        ImageSize target = size switch
        {
            { ShortestEdge: > 0, LongestEdge: > 0 } =>
                ShortestAndLongestEdge(height, width, size.ShortestEdge.Value, size.LongestEdge.Value),
            { ShortestEdge: > 0 } => ShortestEdge(height, width, size.ShortestEdge.Value),
            { MaxHeight: > 0, MaxWidth: > 0 } => Within(height, width, size.MaxHeight.Value, size.MaxWidth.Value),
            _ => size.Fixed ?? throw new InvalidDataException(
                $"The size {size} can't be resized to; expected height and width, shortest_edge, or max_height and max_width."),
        };
        return Check(target, height, width, $"size {size}");
    }

    /// <summary>The shorter side becomes <paramref name="size"/>, the longer keeps the aspect ratio.</summary>
    internal static ImageSize ShortestEdge(int height, int width, int size)
    {
        (int shorter, int longer) = width <= height ? (width, height) : (height, width);
        int target = Truncate((double)((long)size * longer) / shorter);
        return width <= height ? new(target, size) : new(size, target);
    }

    /// <summary>The shorter side becomes <paramref name="size"/> unless the longer would pass <paramref name="limit"/>.</summary>
    internal static ImageSize ShortestAndLongestEdge(int height, int width, int size, int limit)
    {
        double? exact = null;
        double shorter = Math.Min(height, width);
        double longer = Math.Max(height, width);
        if (longer / shorter * size > limit)
        {
            exact = limit * shorter / longer;
            size = Round(exact.Value);
        }

        if ((height <= width && height == size) || (width <= height && width == size))
        {
            return new(height, width);
        }

        if (width < height)
        {
            return new(Truncate(exact is { } e ? e * height / width : (double)((long)size * height) / width), size);
        }

        return new(size, Truncate(exact is { } f ? f * width / height : (double)((long)size * width) / height));
    }

    /// <summary>The greatest size of the same aspect ratio within limits, also when the picture is smaller.</summary>
    internal static ImageSize Within(int height, int width, int maxHeight, int maxWidth)
    {
        double scale = Math.Min((double)maxHeight / height, (double)maxWidth / width);
        return new(Truncate(height * scale), Truncate(width * scale));
    }

    /// <summary>The nearest multiple of a divisor, at least one of it.</summary>
    internal static int NearestMultiple(double length, int divisor) => Math.Max(Round(length / divisor) * divisor, divisor);

    private static int Whole(double value) => Math.Abs(value) <= int.MaxValue
        ? (int)value
        : throw new ArgumentException("The picture's aspect ratio is too extreme: a side would pass 2^31 pixels.");
}
