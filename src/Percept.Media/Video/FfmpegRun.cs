using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Percept.Media;

/// <summary>One run of <c>ffmpeg</c> or <c>ffprobe</c>: what it writes is read here; it is killed at any limit.</summary>
internal sealed class FfmpegRun : IDisposable
{
    private const int MostComplaint = 2000;

    /// <summary>
    /// The formats that may be opened. Lists of other files (concat, hls, dash, image sequences) are not among them: a file
    /// must not make the program read others.
    /// </summary>
    private const string Formats =
        "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,obu,ivf,flv,ogg,wav,w64,flac,mp3,aac," +
        "ac3,eac3,aiff,au,caf,amr,amrnb,amrwb,asf,gif,apng,mjpeg,mxf,nut,dv,rm,vob,wv,ape,tta,opus,speex,dts,mlp,truehd";

    private readonly Process _process;
    private readonly DecodeGuard _guard;
    private readonly Task<string> _complaint;
    private readonly CancellationTokenRegistration _cancelled;
    private readonly Timer _timer;
    private readonly string _shown;
    private volatile bool _late;

    private FfmpegRun(Process process, DecodeGuard guard, string shown)
    {
        _process = process;
        _guard = guard;
        _shown = shown;
        _complaint = Task.Run(() => ReadComplaint(process.StandardError));
        _cancelled = guard.Cancellation.Register(Kill);
        _timer = new Timer(_ => OnLate(), null, guard.TimeLeft, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the program writes.</summary>
    internal Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts a program on a file.</summary>
    /// <param name="program">The path of the program.</param>
    /// <param name="path">The file to read.</param>
    /// <param name="before">Arguments in front of the input.</param>
    /// <param name="after">Arguments behind it.</param>
    /// <param name="guard">Limits of time, and cancellation.</param>
    /// <param name="shown">What messages call the file; null for its own name.</param>
    internal static FfmpegRun Start(
        string program, string path, IEnumerable<string> before, IEnumerable<string> after, DecodeGuard guard,
        string? shown = null)
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new FileNotFoundException($"There is no file '{path}'.", full);
        }

        guard.Tick();
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string argument in before)
        {
            start.ArgumentList.Add(argument);
        }

        // "file:" in front of a full path: nothing in a name can be taken for an option or another protocol.
        foreach (string argument in (ReadOnlySpan<string>)
            ["-protocol_whitelist", "file,pipe", "-format_whitelist", Formats, "-i", "file:" + full])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string argument in after)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            Process process = Process.Start(start)
                ?? throw new NotSupportedException($"'{program}' could not be started; check the installation of FFmpeg.");
            process.StandardInput.Close();
            return new FfmpegRun(process, guard, shown ?? Path.GetFileName(path));
        }
        catch (Win32Exception error)
        {
            throw new NotSupportedException(
                $"'{program}' could not be started: {error.Message}. Check the installation of FFmpeg.", error);
        }
    }

    /// <summary>Reads until a buffer is full or the program has written all.</summary>
    /// <returns>The bytes read.</returns>
    internal int Read(Span<byte> buffer)
    {
        int read = Output.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        ThrowIfStopped();
        return read;
    }

    /// <summary>Reads all that the program writes.</summary>
    /// <param name="most">The most bytes that are accepted.</param>
    internal byte[] ReadAll(long most)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = Output.Read(buffer)) > 0;)
        {
            if (all.Length + read > most)
            {
                Kill();
                throw new MediaLimitException(
                    $"'{_shown}' decodes to more than {most} bytes; raise the {nameof(MediaLimits)} or cut it first.");
            }

            all.Write(buffer, 0, read);
        }

        ThrowIfStopped();
        return all.ToArray();
    }

    /// <summary>Waits for the end and fails when the program did.</summary>
    internal void Finish()
    {
        _process.WaitForExit();
        ThrowIfStopped();
        if (_process.ExitCode != 0)
        {
            throw new InvalidDataException(
                $"FFmpeg cannot read '{_shown}': {_complaint.GetAwaiter().GetResult()} (exit code {_process.ExitCode}).");
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _cancelled.Dispose();
        Kill();
        _process.WaitForExit();
        _complaint.Wait();
        _process.Dispose();
    }

    /// <summary>The program's last lines, within bounds: everything is read so that it never waits, little is kept.</summary>
    private static string ReadComplaint(StreamReader reader)
    {
        var kept = new StringBuilder();
        char[] buffer = new char[1024];
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            kept.Append(buffer, 0, read);
            if (kept.Length > 2 * MostComplaint)
            {
                kept.Remove(0, kept.Length - MostComplaint);
            }
        }

        string text = kept.ToString().Trim();
        string last = text[(text.LastIndexOf('\n') + 1)..].Trim();
        return last.Length == 0 ? "no reason was given" : last[..Math.Min(last.Length, 500)];
    }

    private void OnLate()
    {
        _late = true;
        Kill();
    }

    private void ThrowIfStopped()
    {
        if (_late)
        {
            throw new MediaLimitException(FormattableString.Invariant(
                $"Decoding '{_shown}' took longer than the {_guard.Limits.MaxTime.TotalSeconds:g} s allowed; ") +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxTime)}.");
        }

        _guard.Tick();
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
        catch (Win32Exception)
        {
            // It is ending.
        }
        catch (AggregateException)
        {
            // A process of its own is ending.
        }
    }
}
