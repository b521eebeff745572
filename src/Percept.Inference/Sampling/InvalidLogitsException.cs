namespace Percept.Inference;

/// <summary>No token can be chosen: the logits are not numbers, or every token is forbidden.</summary>
/// <param name="message">What is wrong, and what to do.</param>
/// <param name="row">The row of the batch.</param>
/// <param name="position">How many tokens the row had generated before.</param>
public sealed class InvalidLogitsException(string message, int row, int position) : InvalidOperationException(message)
{
    /// <summary>The row of the batch.</summary>
    public int Row { get; } = row;

    /// <summary>How many tokens the row had generated before.</summary>
    public int Position { get; } = position;

    /// <summary>What was found, without what to do; null where the logits are numbers.</summary>
    internal string? Finding { get; private init; }

    internal static InvalidLogitsException NotFinite(float value, int token, int row, int position)
    {
        string finding = FormattableString.Invariant(
            $"The logit of token {token} is {value} in row {row} after {position} generated tokens: the weights or the inputs are broken.");
        return new InvalidLogitsException($"{finding} Run the model layer by layer to find where it begins.", row, position)
        {
            Finding = finding,
        };
    }

    internal static InvalidLogitsException AllForbidden(int row, int position) => new(
        $"Every token is forbidden in row {row} after {position} generated tokens: settings or constraints contradict each " +
        "other (suppressed and forced ids, a constraint and a minimal length).",
        row, position);
}
