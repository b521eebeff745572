using Percept.Media;
using Percept.Models;

namespace Percept.Cli;

/// <summary>Finds out what files are, and what processors make of them.</summary>
/// <param name="processors">The processors.</param>
/// <param name="limits">What is decoded at the most.</param>
/// <param name="framesPerSecond">The rate at which clips are shown to models; null for that of their settings.</param>
internal sealed class MediaInspection(ProcessorSet processors, MediaLimits limits, double? framesPerSecond)
{
    /// <summary>The rate that clips without times are taken to have, as the references do.</summary>
    private const double UnknownRate = 24;

    /// <summary>The container of a clip or sound, as the file's first bytes tell; null for anything else.</summary>
    internal static string? ContainerOf(string path)
    {
        byte[] head = new byte[4096];
        using FileStream file = File.OpenRead(path);
        return AudioDecoder.DetectContainer(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
    }

    internal MediaReport Of(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return OfClip(path, "folder", null);
            }

            CommandPaths.CheckFile("file", path);
            long length = new FileInfo(path).Length;

            // Long clips are read piece by piece; everything else is read whole.
            return length > limits.MaxBytes
                ? OfClip(path, ContainerOf(path) ?? "unknown", length)
                : Of(path, File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            throw new CommandException($"'{path}': {failure.Message}");
        }
    }

    private MediaReport Of(string path, byte[] data)
    {
        if (ImageDecoder.Detect(data) is not null || ImageDecoder.DetectUndecoded(data) is not null)
        {
            return OfPicture(path, data);
        }

        return AudioDecoder.Detect(data) switch
        {
            AudioFormat.External => OfExternal(path, data),
            null => throw new CommandException($"'{path}' is no picture, sound or clip of a known format"),
            _ => OfSound(path, data, AudioDecoder.Identify(data, AudioOptions())),
        };
    }

    private MediaReport OfPicture(string path, byte[] data)
    {
        ImageInfo info = ImageDecoder.Identify(data, new ImageDecodeOptions { Limits = limits with { MaxPixels = long.MaxValue } });
        bool decodes = (long)info.Width * info.Height <= limits.MaxPixels;
        if (info.Frames > 1 && decodes)
        {
            return OfClip(path, info.FileFormat.ToString(), data.LongLength);
        }

        if (decodes)
        {
            // The header alone can lie: only a picture that decodes is one.
            ImageDecoder.Decode(data, new ImageDecodeOptions { Limits = limits });
        }

        return new MediaReport(path, "picture",
        [
            ("format", info.FileFormat.ToString()),
            ("width", info.Width),
            ("height", info.Height),
            ("orientation", info.Orientation),
            ("upright width", info.UprightWidth),
            ("upright height", info.UprightHeight),
            ("pixel format", info.Format.ToString()),
            ("bits a sample", info.BitsPerSample),
            ("transparency", info.HasAlpha),
            ("frames", info.Frames),
            ("decoded", decodes),
            ("bytes", data.LongLength),
        ])
        {
            Pictures = PlanAll(processors.Images, processor => processor.Plan(info.UprightHeight, info.UprightWidth)),
            Note = decodes ? null : FormattableString.Invariant(
                $"More than {limits.MaxPixels} pixels: this is what the header says; raise --max-pixels to decode the picture."),
        };
    }

    /// <summary>A file for the FFmpeg program: a clip, or a sound where there are no pictures in it.</summary>
    private MediaReport OfExternal(string path, byte[] data)
    {
        VideoDecoder clip;
        try
        {
            clip = VideoDecoder.Open(path, VideoOptions());
        }
        catch (InvalidDataException)
        {
            return OfSound(path, data, null);
        }

        return OfClip(path, AudioDecoder.DetectContainer(data), clip.Info, data.LongLength);
    }

    private MediaReport OfSound(string path, byte[] data, AudioInfo? info)
    {
        // By its path, so that a complaint of the FFmpeg program is about this file.
        Sound sound = info is null ? AudioDecoder.DecodeFile(path, AudioOptions()) : AudioDecoder.Decode(data, AudioOptions());
        return new MediaReport(path, "sound",
        [
            ("format", info?.FileFormat.ToString() ?? AudioDecoder.DetectContainer(data)),
            ("channels", sound.Channels),
            ("sample rate", sound.SampleRate),
            ("bits a sample", info?.BitsPerSample is > 0 and var bits ? bits : null),
            ("samples", sound.Length),
            ("seconds", sound.Seconds),
            ("bytes", data.LongLength),
        ])
        {
            Sounds = PlanAll(processors.Sounds, processor => processor.Plan(sound.Length, sound.SampleRate)),
        };
    }

    private MediaReport OfClip(string path, string format, long? bytes) =>
        OfClip(path, format, VideoDecoder.Open(path, VideoOptions()).Info, bytes);

    private MediaReport OfClip(string path, string? format, ClipInfo info, long? bytes)
    {
        var clip = new ClipFrames(info.FrameCount, info.FramesPerSecond ?? UnknownRate);
        return new MediaReport(path, "clip",
        [
            ("format", format),
            ("codec", info.Codec),
            ("width", info.Width),
            ("height", info.Height),
            ("frames", info.FrameCount),
            ("frames a second", info.FramesPerSecond),
            ("seconds", info.Seconds),
            ("rotation", info.Rotation),
            ("sound", info.HasSound),
            ("bytes", bytes),
        ])
        {
            Pictures = PlanAll(processors.Images, processor => processor.Plan(info.Height, info.Width)),
            Clips = PlanAll(processors.Videos, processor =>
                processor.Plan(processor.ChooseFrames(clip, framesPerSecond).Length, info.Height, info.Width)),
            Note = info.FramesPerSecond is null
                ? FormattableString.Invariant($"Without times of its own the clip is taken to have {UnknownRate} frames a second.")
                : null,
        };
    }

    private AudioDecodeOptions AudioOptions() => new() { Limits = limits };

    private VideoDecodeOptions VideoOptions() => new() { Limits = limits };

    private static Planned<TPlan>[] PlanAll<TProcessor, TPlan>(
        IReadOnlyList<NamedProcessor<TProcessor>> processors, Func<TProcessor, TPlan> plan)
        where TProcessor : class
        where TPlan : class => [.. processors.Select(named => Plan(named, plan))];

    private static Planned<TPlan> Plan<TProcessor, TPlan>(NamedProcessor<TProcessor> named, Func<TProcessor, TPlan> plan)
        where TProcessor : class
        where TPlan : class
    {
        try
        {
            return named.Processor is { } processor ? new(named.Name, plan(processor), null) : new(named.Name, null, named.Problem);
        }
        catch (Exception refusal) when (refusal is ArgumentException or InvalidDataException or NotSupportedException)
        {
            return new(named.Name, null, refusal.Message);
        }
    }
}
