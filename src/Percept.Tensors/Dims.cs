using System.Globalization;
using System.Runtime.CompilerServices;

namespace Percept.Tensors;

/// <summary>
/// Checks shapes against patterns such as <c>"b 3 h w"</c> and holds the sizes that the names stood for:
/// <c>Dims d = Dims.Match(pixels, "b 3 h w").And(mask, "b h w");</c>.
/// </summary>
/// <remarks>
/// A word is a size, a name, or <c>_</c> for any size; a first word <c>...</c> stands for any number of axes. A name has
/// one size over all tensors matched. Nothing is allocated.
/// </remarks>
public ref struct Dims
{
    private const int MaximumNames = 16;

    private Names _names;
    private Sizes _sizes;
    private int _count;

    /// <summary>The size that a name stood for.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">No pattern had that name.</exception>
    public readonly int this[string name]
    {
        get
        {
            int at = Find(name);
            return at >= 0 ? _sizes[at] : throw new ArgumentException($"No pattern had a size named '{name}'.", nameof(name));
        }
    }

    /// <summary>Checks the first tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="argument">The tensor's name in errors; the expression given, when left out.</param>
    /// <exception cref="ShapeException">The shape does not fit; the error names argument, axis, expected and actual size.</exception>
    public static Dims Match(
        Tensor tensor, string pattern, [CallerArgumentExpression(nameof(tensor))] string argument = "") =>
        default(Dims).And(tensor, pattern, argument);

    /// <summary>Checks a further tensor against the sizes known so far.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="argument">The tensor's name in errors; the expression given, when left out.</param>
    /// <exception cref="ShapeException">The shape does not fit; the error names argument, axis, expected and actual size.</exception>
    public Dims And(Tensor tensor, string pattern, [CallerArgumentExpression(nameof(tensor))] string argument = "")
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Dims result = this;
        Shape shape = tensor.Shape;
        ReadOnlyMemory<char> rest = pattern.AsMemory().Trim();
        bool open = rest.Span.StartsWith("...");
        if (open)
        {
            rest = rest[3..].TrimStart();
        }

        int words = 0;
        for (ReadOnlyMemory<char> left = rest; !left.IsEmpty; words++)
        {
            left = Rest(left);
        }

        if (open ? shape.Rank < words : shape.Rank != words)
        {
            throw ShapeException.ForShape(argument, shape, $"{(open ? "at least " : string.Empty)}{words} axes [{pattern}]");
        }

        for (int axis = shape.Rank - words; !rest.IsEmpty; axis++)
        {
            ReadOnlyMemory<char> word = Word(rest);
            rest = Rest(rest);
            result.Bind(word, shape, axis, argument, pattern);
        }

        return result;
    }

    private static ReadOnlyMemory<char> Word(ReadOnlyMemory<char> text)
    {
        int end = text.Span.IndexOf(' ');
        return end < 0 ? text : text[..end];
    }

    private static ReadOnlyMemory<char> Rest(ReadOnlyMemory<char> text) => text[Word(text).Length..].TrimStart();

    private readonly int Find(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_names[i].Span.SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    private void Bind(ReadOnlyMemory<char> word, in Shape shape, int axis, string argument, string pattern)
    {
        int size = shape[axis];
        if (word.Span is "_")
        {
            return;
        }

        int expected;
        if (char.IsAsciiDigit(word.Span[0]))
        {
            expected = int.Parse(word.Span, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        else if (Find(word.Span) is >= 0 and int known)
        {
            expected = _sizes[known];
        }
        else
        {
            if (_count == MaximumNames)
            {
                throw new ArgumentException($"More than {MaximumNames} names of sizes.", nameof(pattern));
            }

            _names[_count] = word;
            _sizes[_count++] = size;
            return;
        }

        if (size != expected)
        {
            throw new ShapeException(
                $"Axis {axis} of '{argument}' has size {size}, expected {word} = {expected} (shape {shape}, pattern [{pattern}]).",
                argument,
                axis,
                expected.ToString(CultureInfo.InvariantCulture),
                size.ToString(CultureInfo.InvariantCulture));
        }
    }

    [InlineArray(MaximumNames)]
    private struct Names
    {
        private ReadOnlyMemory<char> _first;
    }

    [InlineArray(MaximumNames)]
    private struct Sizes
    {
        private int _first;
    }
}
