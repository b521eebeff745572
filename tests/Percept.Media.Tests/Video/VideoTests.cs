using System.Diagnostics;
using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Clips: folders of pictures without, all else with the FFmpeg program, where it is installed.</summary>
public sealed class VideoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("percept-video-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void PicturesOfAFolderComeInNaturalOrder()
    {
        foreach (int i in (int[])[1, 2, 9, 10, 11])
        {
            File.WriteAllBytes(Path.Combine(_folder, $"frame{i}.png"), TinyPng.Gray(4, 3, (byte)i));
        }

        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "no picture");
        VideoDecoder clip = VideoDecoder.Open(_folder);
        Assert.Equal((5, 4, 3), (clip.Info.FrameCount, clip.Info.Width, clip.Info.Height));
        Assert.Equal([11, 1, 9, 1], clip.Read([4, 0, 2, 0]).Select(frame => (int)frame.Pixels[0]));
        Assert.Equal(PixelFormat.Rgb, clip.Read([1])[0].Format);
        Assert.Empty(clip.Read([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => clip.Read([5]));
        Assert.Throws<NotSupportedException>(() => clip.Timestamps());
        clip = VideoDecoder.Open(_folder, new VideoDecodeOptions { FolderFramesPerSecond = 2 });
        Assert.Equal([1, 2, 2], clip.ReadAt([-1, 0.5, 0.9]).Select(frame => (int)frame.Pixels[0]));
        Assert.Null(clip.ReadSound());
    }

    [Fact]
    public void FoldersAreHeldToTheLimits()
    {
        for (int i = 0; i < 3; i++)
        {
            File.WriteAllBytes(Path.Combine(_folder, $"{i}.png"), TinyPng.Gray(8, 8, 1));
        }

        var frames = new VideoDecodeOptions { Limits = new MediaLimits { MaxFrames = 2 } };
        Assert.Throws<MediaLimitException>(() => VideoDecoder.Open(_folder, frames));
        var pixels = new VideoDecodeOptions { Limits = new MediaLimits { MaxTotalPixels = 130 } };
        Assert.Throws<MediaLimitException>(() => VideoDecoder.Open(_folder, pixels).Read([0, 1, 2]));
        File.WriteAllBytes(Path.Combine(_folder, "9.png"), TinyPng.Gray(8, 9, 1));
        Assert.Contains("8×9", Assert.Throws<InvalidDataException>(() => VideoDecoder.Open(_folder).Read([3])).Message);
        Assert.Throws<InvalidDataException>(() => VideoDecoder.Open(Directory.CreateDirectory(Path.Combine(_folder, "none")).FullName));
    }

    [Theory]
    [InlineData("a2", "a10", -1)]
    [InlineData("a10b", "a10a", 1)]
    [InlineData("a007", "a7", 1)]
    [InlineData("a", "a1", -1)]
    [InlineData("99999999999999999999", "100000000000000000000", -1)]
    [InlineData("x", "x", 0)]
    public void NumbersCountAsNumbers(string a, string b, int order)
    {
        Assert.Equal(order, Math.Sign(NaturalOrder.Compare(a, b)));
        Assert.Equal(-order, Math.Sign(NaturalOrder.Compare(b, a)));
    }

    [Fact]
    public void WithoutTheProgramTheMessageTellsHowToInstallIt()
    {
        Assert.Null(FfmpegProgram.TryFind(_folder));
        Assert.Contains("nstall", Assert.Throws<NotSupportedException>(() => FfmpegProgram.Find(_folder)).Message);
    }

    [Fact]
    public void ChosenFramesAreDecoded()
    {
        FfmpegProgram program = Need();
        string path = Clip(program, "-clip.mkv", "color=c=black:s=32x16:r=10:d=2,geq=lum='16+N*10':cb=128:cr=128", sound: true);
        var options = new VideoDecodeOptions { Ffmpeg = program };
        VideoDecoder clip = VideoDecoder.Open(path, options);
        Assert.Equal((20, 32, 16, true), (clip.Info.FrameCount, clip.Info.Width, clip.Info.Height, clip.Info.HasSound));
        Assert.Equal(10, clip.Info.FramesPerSecond!.Value, 3);
        int[] all = [.. clip.Read([.. Enumerable.Range(0, 20)]).Select(frame => (int)frame.Pixels[0])];
        Assert.Equal(20, all.Distinct().Count());
        Assert.Equal(all.Order(), all);
        Assert.Equal([all[19], all[3], all[4], all[3]], clip.Read([19, 3, 4, 3]).Select(frame => (int)frame.Pixels[0]));
        Assert.Equal([all[0], all[5], all[19]], clip.ReadAt([0, 0.55, 99]).Select(frame => (int)frame.Pixels[0]));
        Sound sound = clip.ReadSound()!;
        Assert.InRange(sound.Seconds, 1.9, 2.1);
        Assert.InRange(AudioDecoder.DecodeFile(path, new AudioDecodeOptions { Ffmpeg = program }).Seconds, 1.9, 2.1);
    }

    [Fact]
    public void ClipsAreHeldToTheLimits()
    {
        FfmpegProgram program = Need();
        string path = Clip(program, "long.mkv", "color=s=16x16:r=5:d=4", sound: true);
        Assert.Throws<MediaLimitException>(() => VideoDecoder.Open(
            path, new VideoDecodeOptions { Ffmpeg = program, Limits = new MediaLimits { MaxSeconds = 3 } }));
        Assert.Throws<MediaLimitException>(() => VideoDecoder.Open(
            path, new VideoDecodeOptions { Ffmpeg = program, Limits = new MediaLimits { MaxPixels = 255 } }));
        Assert.Throws<MediaLimitException>(() => VideoDecoder.Open(
            path, new VideoDecodeOptions { Ffmpeg = program, Limits = new MediaLimits { MaxFrames = 2 } }).Read([0, 1, 2]));
        Assert.Throws<MediaLimitException>(() => AudioDecoder.DecodeFile(
            path, new AudioDecodeOptions { Ffmpeg = program, Limits = new MediaLimits { MaxSeconds = 3 } }));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => VideoDecoder.Open(path, new VideoDecodeOptions { Ffmpeg = program }, source.Token));
    }

    [Fact]
    public void FilesThatReferToOthersAreRefused()
    {
        var options = new VideoDecodeOptions { Ffmpeg = Need() };
        string target = Clip(options.Ffmpeg, "target.mkv", "color=s=16x16:r=5:d=1", sound: false);
        foreach ((string name, string text) in ((string, string)[])
        [
            ("list.ffconcat", $"ffconcat version 1.0\nfile '{target}'\n"),
            ("list.m3u8", $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n"),
            ("broken.mp4", "no clip at all"),
        ])
        {
            string path = Path.Combine(_folder, name);
            File.WriteAllText(path, text);
            Assert.Throws<InvalidDataException>(() => VideoDecoder.Open(path, options));
        }

        Assert.ThrowsAny<IOException>(() => VideoDecoder.Open("http://127.0.0.1/clip.mp4", options));
        Assert.ThrowsAny<IOException>(() => VideoDecoder.Open("concat:" + target, options));
    }

    [Fact]
    public void ManyScatteredFramesAreAskedForInSeveralRuns()
    {
        int[] frames = [.. Enumerable.Range(0, 4096).Select(i => i * 3_000)];
        int at = 0;
        var all = new List<string>();
        while (at < frames.Length)
        {
            (string expression, int count) = FfmpegClip.Selection(frames, at);
            Assert.True(expression.Length < 17_000 && count > 0);
            all.AddRange(expression.Split('+'));
            at += count;
        }

        Assert.Equal(frames.Select(frame => $"eq(n,{frame})"), all);
        Assert.Equal(("between(n,5,7)+eq(n,9)", 4), FfmpegClip.Selection([1, 5, 6, 7, 9], 1));
    }

    [Fact]
    public void SoundsInMemoryAreWrittenWhereNobodyElseReads()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        foreach (string name in (string[])["ffmpeg", "ffprobe"])
        {
            // A program that tells the mode of the file it gets, as a complaint.
            string path = Path.Combine(_folder, name);
            File.WriteAllText(
                path,
                "#!/bin/sh\nfor a in \"$@\"; do case \"$a\" in file:*) stat -c %a \"${a#file:}\" >&2;; esac; done\nexit 1\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }

        var options = new AudioDecodeOptions { Ffmpeg = FfmpegProgram.Find(_folder) };
        string message = Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode((byte[])[.. "OggS"u8, 0, 0], options)).Message;
        Assert.Contains("600", message, StringComparison.Ordinal);
        Assert.Contains("'the sound'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void PipesAreRefusedBeforeTheyAreOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes among its files.");
        string pipe = Path.Combine(_folder, "frame1.png");
        using (var make = Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
        }

        Assert.Throws<InvalidDataException>(() => VideoDecoder.Open(pipe));
        Assert.Throws<InvalidDataException>(() => VideoDecoder.Open(_folder));
        Assert.Throws<InvalidDataException>(() => AudioDecoder.DecodeFile(pipe));
        Assert.Throws<FileNotFoundException>(() => VideoDecoder.Open(Path.Combine(_folder, "absent.mp4")));
    }

    [Fact]
    public void PicturesInTheContainerOfClipsAreCalledByTheirName()
    {
        byte[] heic = [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8];
        Assert.Equal("HEIC", ImageDecoder.DetectUndecoded(heic));
        Assert.Contains("HEIC", Assert.Throws<NotSupportedException>(() => ImageDecoder.Decode(heic)).Message);
        Assert.Null(AudioDecoder.Detect(heic));
        Assert.Equal("AVIF", ImageDecoder.DetectUndecoded((byte[])[0, 0, 0, 24, .. "ftypavif"u8]));
        Assert.Equal("MP4", AudioDecoder.DetectContainer((byte[])[0, 0, 0, 24, .. "ftypisom"u8]));
        Assert.Equal("Ogg", AudioDecoder.DetectContainer("OggS"u8));
        Assert.Null(AudioDecoder.DetectContainer("RIFF"u8));
    }

    private static FfmpegProgram Need()
    {
        FfmpegProgram? program = FfmpegProgram.TryFind();
        Assert.SkipWhen(program is null, "The FFmpeg program is not installed.");
        return program!;
    }

    private string Clip(FfmpegProgram program, string name, string source, bool sound)
    {
        string path = Path.Combine(_folder, name);
        var start = new ProcessStartInfo(program.FfmpegPath) { RedirectStandardError = true, UseShellExecute = false };
        string[] extra = sound ? ["-f", "lavfi", "-i", "sine=frequency=440:duration=20", "-shortest", "-c:a", "pcm_s16le"] : [];
        foreach (string argument in (string[])
            ["-nostdin", "-v", "error", "-f", "lavfi", "-i", source, .. extra, "-c:v", "ffv1", "file:" + path])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, complaint);
        return path;
    }
}
