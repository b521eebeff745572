namespace Percept.Text;

/// <summary>What rendering a chat template may take. Templates come from model folders and are not trusted.</summary>
public sealed record TemplateLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>The greatest length of the rendered text, UTF-16 units. Default: 16 million.</summary>
    public int MaxOutputLength { get; init; } = 16 << 20;

    /// <summary>The greatest length of one text that an expression makes, UTF-16 units. Default: 16 million.</summary>
    public int MaxTextLength { get; init; } = 16 << 20;

    /// <summary>The greatest number of items of one list that an expression makes. Default: 1 million.</summary>
    public int MaxListLength { get; init; } = 1 << 20;

    /// <summary>The greatest length of a <c>range</c>. Default: 100 000, as in the reference's sandbox.</summary>
    public int MaxRangeLength { get; init; } = 100_000;

    /// <summary>The greatest size of a whole number, bits. Default: 262 144.</summary>
    public int MaxIntegerBits { get; init; } = 1 << 18;

    /// <summary>The deepest nesting of calls, recursive loops and values. Default: 200.</summary>
    public int MaxDepth { get; init; } = 200;

    /// <summary>
    /// The greatest amount of work: one for each statement, call and item, and one for every four characters made.
    /// Default: 20 million.
    /// </summary>
    public long MaxSteps { get; init; } = 20_000_000;

    /// <summary>The longest time. Default: 10 seconds.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(10);
}
