namespace Percept.Conformance;

/// <summary>What became of a run.</summary>
public enum RunStatus
{
    /// <summary>Every output is there and within its tolerance.</summary>
    Matched,

    /// <summary>An output is missing, has another shape or is too far off, or the run ended in an error.</summary>
    Failed,

    /// <summary>Percept has no such verb or operation. Never counts as matched.</summary>
    NotRun,
}
