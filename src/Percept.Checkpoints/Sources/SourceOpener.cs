namespace Percept.Checkpoints;

/// <summary>Finds out what a path holds, by its content.</summary>
internal static class SourceOpener
{
    // Enough for every mark: the longest is a legacy PyTorch file's.
    private const int HeadBytes = 64;

    internal static TensorSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            path = CheckpointFolder.Find(path);
        }

        return IsIndex(path) ? ShardedSource.Open(path) : OpenFile(path);
    }

    /// <summary>Opens one file that holds tensors itself.</summary>
    internal static TensorSource OpenFile(string path)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        long length;
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1))
        {
            head = head[..stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
            length = stream.Length;
        }

        if (head.StartsWith("GGUF"u8))
        {
            return GgufSource.Open(path);
        }

        if (head.StartsWith("PK"u8) || head.StartsWith(PickleSource.LegacyMark))
        {
            return PickleSource.Open(path);
        }

        if (head.Length > 8 && head[8] == (byte)'{')
        {
            return SafetensorsSource.Open(path);
        }

        throw Unknown(path, head, length);
    }

    private static bool IsIndex(string path)
    {
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return File.Exists(path)
            ? true
            : throw new FileNotFoundException($"There is no '{path}'. Check the path.", path);
    }

    private static Exception Unknown(string path, ReadOnlySpan<byte> head, long length)
    {
        if (length == 0)
        {
            return new InvalidDataException($"'{path}' is empty. Download it again.");
        }

        if (head.StartsWith("version https://git-lfs"u8))
        {
            return new InvalidDataException(
                $"'{path}' is a Git LFS pointer, not the file itself. Fetch the files with 'git lfs pull' or 'percept pull'.");
        }

        if (head.StartsWith("<"u8))
        {
            return new InvalidDataException($"'{path}' is a web page, not a checkpoint. Download it again.");
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0x80]))
        {
            return new NotSupportedException(
                $"'{path}' is a Python pickle, but not one that PyTorch wrote. Save the tensors as safetensors.");
        }

        return new InvalidDataException(
            $"'{path}' is no safetensors, PyTorch or GGUF file (it begins with {Convert.ToHexString(head[..Math.Min(8, head.Length)])} " +
            $"and has {length} bytes). Check the path, or download it again.");
    }
}
