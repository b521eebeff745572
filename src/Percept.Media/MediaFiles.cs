namespace Percept.Media;

/// <summary>Opens files that a caller names.</summary>
internal static class MediaFiles
{
    /// <summary>
    /// Checks a file before it is opened. Opening a named pipe waits until somebody writes into it; pipes and devices state a
    /// length of 0, as empty files do.
    /// </summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is empty, or no regular file.</exception>
    /// <exception cref="MediaLimitException">It is greater than allowed.</exception>
    internal static void Check(string path, DecodeGuard? guard = null)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        }

        if (file.Length == 0)
        {
            throw new InvalidDataException(
                $"'{Path.GetFileName(path)}' is empty, or no regular file (a pipe or a device); copy what it gives into a file first.");
        }

        guard?.CheckBytes(file.Length);
    }

    /// <summary>Reads a whole file that passes <see cref="Check"/>.</summary>
    internal static byte[] Read(string path, DecodeGuard guard)
    {
        Check(path, guard);
        return File.ReadAllBytes(path);
    }
}
