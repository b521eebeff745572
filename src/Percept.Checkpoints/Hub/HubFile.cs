namespace Percept.Checkpoints;

/// <summary>A file of a repository, as the hub lists it.</summary>
/// <param name="Path">Its path in the repository, with slashes.</param>
/// <param name="Bytes">Its length; null when the hub does not say.</param>
/// <param name="Hash">Its SHA-256 (64 hexadecimal digits) or git's SHA-1 of it (40); null when the hub does not say.</param>
public sealed record HubFile(string Path, long? Bytes, string? Hash);
