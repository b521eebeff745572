namespace Percept.Checkpoints;

/// <summary>Writes a file so that it is there as a whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes into a temporary file beside the one meant, which replaces it once everything is on the disk. A reader never
    /// sees half a file, and a failure leaves the old one as it was.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="content">Writes the content.</param>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    /// <exception cref="IOException">The file cannot be written there.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(content);
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? full;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"'{full}' cannot be written: there is no folder '{folder}'. Make it, or choose another place.");
        }

        string temporary = $"{full}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (FileStream stream = Open(temporary, full))
            {
                content(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Opens the temporary file; what goes wrong is told of the file meant.</summary>
    private static FileStream Open(string temporary, string path)
    {
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"'{path}' cannot be written: the system refuses a new file in '{Path.GetDirectoryName(path)}' " +
                $"({failure.Message.Replace(temporary, path, StringComparison.Ordinal)}) Choose a place that you may write to.",
                failure);
        }
    }
}
