namespace Percept.Models;

/// <summary>A prompt has another number of placeholders than its media have rows.</summary>
public sealed class PlaceholderMismatchException : ArgumentException
{
    /// <summary>Makes the error.</summary>
    /// <param name="what">What the placeholders stand for, as a plural: <c>pictures</c>.</param>
    /// <param name="placeholders">How many placeholders there are.</param>
    /// <param name="rows">How many rows the media have.</param>
    public PlaceholderMismatchException(string what, int placeholders, int rows)
        : base(
            $"The prompt has {placeholders} placeholders of {what}, but their features are {rows} rows. " +
            "Prepare the prompt with the processor of the same checkpoint.")
    {
        Placeholders = placeholders;
        Rows = rows;
    }

    /// <summary>How many placeholders there are.</summary>
    public int Placeholders { get; }

    /// <summary>How many rows the media have.</summary>
    public int Rows { get; }
}
