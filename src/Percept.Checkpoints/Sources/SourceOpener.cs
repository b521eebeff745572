namespace Percept.Checkpoints;

/// <summary>Finds out what a path holds.</summary>
internal static class SourceOpener
{
    internal static TensorSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SafetensorsSource.Open(path);
    }
}
