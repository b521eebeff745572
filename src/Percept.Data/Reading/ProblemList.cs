namespace Percept.Data;

/// <summary>Collects what is wrong with one record.</summary>
/// <param name="source">Where the record begins.</param>
internal sealed class ProblemList(SampleSource source)
{
    private readonly List<DataProblem> _problems = [];

    /// <summary>The record's name, once it is known.</summary>
    internal string? Id { get; set; }

    internal IReadOnlyList<DataProblem> Problems => _problems;

    internal SampleSource Source => source;

    internal void Add(DataProblemKind kind, string message, string nextStep) =>
        _problems.Add(new DataProblem(source, Id, kind, message, nextStep));
}
