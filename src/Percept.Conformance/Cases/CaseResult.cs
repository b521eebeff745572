namespace Percept.Conformance;

/// <summary>What became of a case.</summary>
/// <param name="Folder">The case's folder.</param>
/// <param name="Id">What the case calls itself; the folder's name where it could not be read.</param>
/// <param name="Runs">Its runs in order.</param>
/// <param name="Problem">Why the case itself could not be read; null otherwise.</param>
public sealed record CaseResult(string Folder, string Id, IReadOnlyList<RunResult> Runs, string? Problem)
{
    /// <summary>Whether there was something to run, and all of it was run and matched.</summary>
    public bool Matches => Problem is null && Runs.Count > 0 && Runs.All(run => run.Status == RunStatus.Matched);
}
