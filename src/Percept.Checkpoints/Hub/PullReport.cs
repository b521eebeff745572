namespace Percept.Checkpoints;

/// <summary>What loading a repository did.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit that was loaded.</param>
/// <param name="Folder">The folder of its files.</param>
/// <param name="Files">The files that are there now.</param>
/// <param name="Skipped">The files that were left out, each with the reason.</param>
/// <param name="Bytes">The length of the files.</param>
/// <param name="Loaded">How many bytes came over the network.</param>
public sealed record PullReport(
    string Repository,
    string Commit,
    string Folder,
    IReadOnlyList<HubFile> Files,
    IReadOnlyList<KeyValuePair<string, string>> Skipped,
    long Bytes,
    long Loaded);
