using Percept.Media;
using Percept.Models;

namespace Percept.Cli;

/// <summary>What a processor makes of a picture.</summary>
/// <param name="Name">The family's or the checkpoint's name.</param>
/// <param name="Plan">The plan; null when the picture is refused.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
internal sealed record PlannedPicture(string Name, ImagePlan? Plan, string? Refusal);

/// <summary>What a file is.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind"><c>picture</c>, <c>clip</c> or <c>sound</c>.</param>
/// <param name="Facts">Names and values, in the order in which they are shown.</param>
/// <param name="Plans">What processors make of a picture, or of a clip's frame.</param>
internal sealed record MediaReport(
    string Path, string Kind, IReadOnlyList<(string Name, object Value)> Facts, IReadOnlyList<PlannedPicture> Plans)
{
    internal static MediaReport Of(string path, IReadOnlyList<NamedProcessor> processors)
    {
        if (path.Length == 0)
        {
            throw new CommandException("a path is empty");
        }

        if (Directory.Exists(path))
        {
            return OfClip(path, processors);
        }

        if (!File.Exists(path))
        {
            throw new CommandException($"there is no file '{path}'");
        }

        long length = new FileInfo(path).Length;
        if (length > MediaLimits.Default.MaxBytes)
        {
            // Long clips are read piece by piece; everything else is read whole.
            return OfClip(path, processors);
        }

        byte[] data = File.ReadAllBytes(path);
        try
        {
            return ImageDecoder.Detect(data) is not null ? OfPicture(path, data, processors)
                : AudioDecoder.Detect(data) switch
                {
                    AudioFormat.External => OfExternal(path, data, processors),
                    null => throw new CommandException($"'{path}' is no picture, sound or clip of a known format"),
                    _ => OfSound(path, data, AudioDecoder.Identify(data)),
                };
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException)
        {
            throw new CommandException($"'{path}': {failure.Message}");
        }
    }

    private static MediaReport OfPicture(string path, byte[] data, IReadOnlyList<NamedProcessor> processors)
    {
        ImageInfo info = ImageDecoder.Identify(data);

        // The header alone can lie: only a picture that decodes is one.
        Image image = ImageDecoder.Decode(data);
        List<(string, object)> facts =
        [
            ("format", info.FileFormat.ToString()),
            ("width", info.Width),
            ("height", info.Height),
            ("orientation", info.Orientation),
            ("upright width", image.Width),
            ("upright height", image.Height),
            ("pixel format", info.Format.ToString()),
            ("bits a sample", info.BitsPerSample),
            ("transparency", info.HasAlpha),
            ("frames", info.Frames),
            ("bytes", data.LongLength),
        ];
        return new(path, info.Frames > 1 ? "clip" : "picture", facts, PlanAll(image.Height, image.Width, processors));
    }

    /// <summary>A file for the FFmpeg program: a clip, or a sound where there are no pictures in it.</summary>
    private static MediaReport OfExternal(string path, byte[] data, IReadOnlyList<NamedProcessor> processors)
    {
        VideoDecoder clip;
        try
        {
            clip = VideoDecoder.Open(path);
        }
        catch (InvalidDataException)
        {
            return OfSound(path, data, null);
        }

        return OfClip(path, clip.Info, processors);
    }

    private static MediaReport OfSound(string path, byte[] data, AudioInfo? info)
    {
        Sound sound = AudioDecoder.Decode(data);
        List<(string, object)> facts =
        [
            ("format", (info?.FileFormat ?? AudioFormat.External).ToString()),
            ("channels", sound.Channels),
            ("sample rate", sound.SampleRate),
            ("bits a sample", info?.BitsPerSample ?? 0),
            ("samples", sound.Length),
            ("seconds", sound.Seconds),
            ("bytes", data.LongLength),
        ];
        return new(path, "sound", facts, []);
    }

    private static MediaReport OfClip(string path, IReadOnlyList<NamedProcessor> processors) =>
        OfClip(path, Open(path).Info, processors);

    private static MediaReport OfClip(string path, ClipInfo info, IReadOnlyList<NamedProcessor> processors)
    {
        List<(string, object)> facts =
        [
            ("codec", info.Codec),
            ("width", info.Width),
            ("height", info.Height),
            ("frames", info.FrameCount),
        ];
        if (info.FramesPerSecond is { } rate)
        {
            facts.Add(("frames a second", rate));
        }

        if (info.Seconds is { } seconds)
        {
            facts.Add(("seconds", seconds));
        }

        facts.Add(("rotation", info.Rotation));
        facts.Add(("sound", info.HasSound));
        return new(path, "clip", facts, PlanAll(info.Height, info.Width, processors));
    }

    private static VideoDecoder Open(string path)
    {
        try
        {
            return VideoDecoder.Open(path);
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException or FileNotFoundException)
        {
            throw new CommandException($"'{path}': {failure.Message}");
        }
    }

    private static PlannedPicture[] PlanAll(int height, int width, IReadOnlyList<NamedProcessor> processors) =>
        [.. processors.Select(named => Plan(named, height, width))];

    private static PlannedPicture Plan(NamedProcessor named, int height, int width)
    {
        try
        {
            return new(named.Name, named.Processor.Plan(height, width), null);
        }
        catch (Exception refusal) when (refusal is ArgumentException or InvalidDataException or NotSupportedException)
        {
            return new(named.Name, null, refusal.Message);
        }
    }
}
