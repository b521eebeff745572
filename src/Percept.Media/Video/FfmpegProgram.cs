using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>The FFmpeg program on this machine: <c>ffmpeg</c> and <c>ffprobe</c>, for formats without a decoder of our own.</summary>
/// <remarks>
/// It is run as a child process with a list of arguments, never through a shell; it may read files and pipes but no network,
/// and no format that refers to other files. Immutable and thread-safe.
/// </remarks>
public sealed class FfmpegProgram
{
    /// <summary>The environment variable that names the folder of the two programs, or the path of <c>ffmpeg</c>.</summary>
    public const string EnvironmentVariable = "PERCEPT_FFMPEG";

    private FfmpegProgram(string ffmpeg, string ffprobe)
    {
        FfmpegPath = ffmpeg;
        FfprobePath = ffprobe;
    }

    /// <summary>The full path of <c>ffmpeg</c>.</summary>
    public string FfmpegPath { get; }

    /// <summary>The full path of <c>ffprobe</c>.</summary>
    public string FfprobePath { get; }

    /// <summary>
    /// Looks the program up: in a folder that is given, else where <see cref="EnvironmentVariable"/> says, else on the
    /// search path.
    /// </summary>
    /// <param name="folder">The folder of the two programs, or the path of <c>ffmpeg</c>; null to look it up.</param>
    /// <exception cref="NotSupportedException">It is not there; the message tells how to install it.</exception>
    public static FfmpegProgram Find(string? folder = null) => TryFind(folder)
        ?? throw new NotSupportedException(
            (folder is null
                ? "This file needs the FFmpeg program, which is not installed: neither 'ffmpeg' and 'ffprobe' on the search path " +
                  $"nor a folder in the environment variable {EnvironmentVariable}. "
                : $"'{folder}' does not hold the programs 'ffmpeg' and 'ffprobe'. ") + InstallHint());

    /// <summary>Looks the program up as <see cref="Find"/> does; null when it is not there.</summary>
    /// <param name="folder">The folder of the two programs, or the path of <c>ffmpeg</c>; null to look it up.</param>
    public static FfmpegProgram? TryFind(string? folder = null)
    {
        folder ??= Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } stated ? stated : null;
        if (folder is not null)
        {
            return In(File.Exists(folder) ? Path.GetDirectoryName(Path.GetFullPath(folder))! : folder);
        }

        string search = Environment.GetEnvironmentVariable("PATH") ?? "";
        return search.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(Path.IsPathFullyQualified).Select(In).FirstOrDefault(found => found is not null);
    }

    private static FfmpegProgram? In(string folder)
    {
        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        string ffmpeg = Path.Combine(folder, "ffmpeg" + suffix);
        string ffprobe = Path.Combine(folder, "ffprobe" + suffix);
        return File.Exists(ffmpeg) && File.Exists(ffprobe)
            ? new FfmpegProgram(Path.GetFullPath(ffmpeg), Path.GetFullPath(ffprobe))
            : null;
    }

    private static string InstallHint()
    {
        string how = OperatingSystem.IsWindows() ? "'winget install Gyan.FFmpeg'"
            : OperatingSystem.IsMacOS() ? "'brew install ffmpeg'"
            : RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? "'sudo apt install ffmpeg' (Debian, Ubuntu) or 'sudo dnf install ffmpeg' (Fedora)"
            : "your system's package manager";
        return $"Install it with {how}, or convert the file first: WAV, FLAC and MP3 sounds, GIF, APNG and WebP clips need no other program.";
    }
}
