namespace Percept.Checkpoints;

/// <summary>
/// Keeps two processes from loading the same content at once: a locked file under <c>.locks</c>, as the hub's own tools use it.
/// </summary>
internal static class HubLock
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for a lock and takes it; disposing it gives it back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="waiting">Called once when somebody else has it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal static async Task<FileStream> TakeAsync(string path, Action waiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw new IOException($"The lock '{path}' is a link. Remove it, and pull again.");
        }

        for (bool first = true; ; first = false)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException error) when (IsHeld(error))
            {
                if (first)
                {
                    waiting();
                }

                await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether somebody else has the file; a full disk, say, does not pass by waiting.</summary>
    private static bool IsHeld(IOException error)
    {
        const int SharingViolation = 32, LockViolation = 33, TryAgain = 11, TryAgainMac = 35;
        int code = error.HResult & 0xFFFF;
        return OperatingSystem.IsWindows() ? code is SharingViolation or LockViolation : code is TryAgain or TryAgainMac;
    }
}
