namespace Percept.Checkpoints;

/// <summary>Which files of a repository are loaded.</summary>
public sealed record PullOptions
{
    /// <summary>Patterns of which a path must fit one; empty for all that Percept can use.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of which a path may fit none.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether files in formats that Percept does not use, or has in a better one, are loaded too.</summary>
    public bool Everything { get; init; }

    /// <summary>How many files are loaded at once.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Whether snapshots hold links to the content; false where the file system has none.</summary>
    internal bool UseLinks { get; init; } = true;

    /// <summary>Whether the file system tells names apart that differ only in case.</summary>
    internal bool TellsCase { get; init; } = OperatingSystem.IsLinux();
}
