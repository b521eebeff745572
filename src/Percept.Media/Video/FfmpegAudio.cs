using System.Globalization;

namespace Percept.Media;

/// <summary>Sounds that the FFmpeg program decodes: the first sound track of any file it can read.</summary>
internal static class FfmpegAudio
{
    private const int HeaderBytes = 4096;

    /// <summary>The sound of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="program">The program.</param>
    /// <param name="guard">Limits.</param>
    /// <param name="shown">What messages call the file; null for its own name.</param>
    internal static Sound Decode(string path, FfmpegProgram program, DecodeGuard guard, string? shown = null)
    {
        // One second more than allowed: enough for the check behind to see that there is more.
        double seconds = Math.Min(guard.Limits.MaxSeconds + 1, 1e7);
        using FfmpegRun run = FfmpegRun.Start(
            program.FfmpegPath, path, ["-nostdin", "-hide_banner", "-v", "error"],
            [
                "-map", "0:a:0", "-vn", "-sn", "-dn", "-t", seconds.ToString("f3", CultureInfo.InvariantCulture),
                "-c:a", "pcm_f32le", "-f", "wav", "-bitexact", "pipe:1",
            ],
            guard, shown);
        byte[] wave = run.ReadAll(Math.Min((guard.Limits.MaxSamples * sizeof(float)) + HeaderBytes, Array.MaxLength));
        run.Finish();
        return WavReader.Matches(wave)
            ? WavReader.Decode(wave, guard, verify: false)
            : throw new InvalidDataException($"'{shown ?? Path.GetFileName(path)}' has no sound.");
    }

    /// <summary>The same of a file in memory, which is written down for the program and deleted behind it.</summary>
    internal static Sound Decode(ReadOnlyMemory<byte> data, FfmpegProgram program, DecodeGuard guard)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var file = new FileStream(path, OwnersOnly()))
            {
                file.Write(data.Span);
            }

            return Decode(path, program, guard, "the sound");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A new file that nobody else may read: what a user sends is nobody else's business on a shared machine.</summary>
    private static FileStreamOptions OwnersOnly()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
