namespace Percept.Data;

/// <summary>Something wrong with one record of a dataset.</summary>
/// <param name="Source">The file and the line where the record begins.</param>
/// <param name="Id">The record's name; null where it has none or cannot be read.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Message">What is wrong in words: what was expected and what was found.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record DataProblem(SampleSource Source, string? Id, DataProblemKind Kind, string Message, string NextStep)
{
    /// <summary><c>file:line: kind: message. Next step.</c></summary>
    public override string ToString() => $"{Source}: {Kind}: {Message}. {NextStep}.";
}
