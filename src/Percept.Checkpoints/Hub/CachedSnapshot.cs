namespace Percept.Checkpoints;

/// <summary>A state of a repository in the hub's cache.</summary>
/// <param name="Repository">The repository, <c>org/name</c>.</param>
/// <param name="Commit">The commit's hash.</param>
/// <param name="Revisions">The branches and tags that the cache knows to mean it.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Bytes">What its files take; files that snapshots share count in each.</param>
/// <param name="Files">How many files there are.</param>
/// <param name="Modified">When a file last came.</param>
/// <param name="IsComplete">Whether all its files are there, none of them half loaded.</param>
public sealed record CachedSnapshot(
    string Repository,
    string Commit,
    IReadOnlyList<string> Revisions,
    string Folder,
    long Bytes,
    int Files,
    DateTime Modified,
    bool IsComplete);
