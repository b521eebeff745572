namespace Percept.Conformance;

/// <summary>What became of one run of a case.</summary>
/// <param name="Name">The run's name.</param>
/// <param name="Verb">Its verb.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Outputs">Each output compared; empty when the run was not run or ended in an error.</param>
/// <param name="Problem">Why it was not run, or the error it ended in; null otherwise.</param>
public sealed record RunResult(
    string Name, string Verb, RunStatus Status, IReadOnlyList<OutputResult> Outputs, string? Problem);
