namespace Percept.Checkpoints;

/// <summary>A file inside a zip file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsStored">Whether it stands there as it is; else it is deflated.</param>
/// <param name="Offset">Its first byte in the zip file.</param>
/// <param name="StoredBytes">How many bytes it takes there.</param>
/// <param name="Bytes">How many bytes it has.</param>
internal readonly record struct ZipEntry(string Name, bool IsStored, long Offset, long StoredBytes, long Bytes);
