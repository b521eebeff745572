using Percept.Models;

namespace Percept.Cli;

/// <summary>A processor and what to call it.</summary>
/// <typeparam name="TProcessor">Its kind.</typeparam>
/// <param name="Name">The family's or the checkpoint's name.</param>
/// <param name="Processor">The processor; null when it cannot be made.</param>
/// <param name="Problem">Why it cannot be made; null when it can.</param>
internal sealed record NamedProcessor<TProcessor>(string Name, TProcessor? Processor, string? Problem = null)
    where TProcessor : class;

/// <summary>The processors that files are shown to.</summary>
/// <param name="Images">For pictures, and for the frames of clips.</param>
/// <param name="Videos">For clips.</param>
/// <param name="Sounds">For sounds.</param>
internal sealed record ProcessorSet(
    IReadOnlyList<NamedProcessor<ImageProcessor>> Images,
    IReadOnlyList<NamedProcessor<VideoProcessor>> Videos,
    IReadOnlyList<NamedProcessor<AudioProcessor>> Sounds)
{
    /// <summary>Every class, with its own defaults.</summary>
    internal static ProcessorSet All() => new(
        [.. ImageFamilies.All.Select(Named)], [.. VideoFamilies.All.Select(Named)], [.. AudioFamilies.All.Select(Named)]);

    /// <summary>The classes that names stand for, however they are written.</summary>
    internal static ProcessorSet Of(IReadOnlyList<string> names)
    {
        var images = new List<ImageFamily>();
        var videos = new List<VideoFamily>();
        var sounds = new List<AudioFamily>();
        foreach (string name in names)
        {
            ImageFamily? image = ImageFamilies.FindLoosely(name);
            VideoFamily? video = VideoFamilies.FindLoosely(name);
            AudioFamily? sound = AudioFamilies.FindLoosely(name);
            if (image is null && video is null && sound is null)
            {
                throw new CommandException($"there is no family '{name}'; there are {string.Join(", ", Known())}");
            }

            images.AddRange(image is null ? [] : [image]);
            videos.AddRange(video is null ? [] : [video]);
            sounds.AddRange(sound is null ? [] : [sound]);
        }

        return new(
            [.. images.Distinct().Select(Named)], [.. videos.Distinct().Select(Named)], [.. sounds.Distinct().Select(Named)]);
    }

    /// <summary>The processors of a checkpoint's folder: of its files may come one for each kind of media.</summary>
    internal static ProcessorSet OfFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new CommandException($"'{folder}' is a file; name the folder it is in with --processor");
        }

        if (!Directory.Exists(folder))
        {
            throw CommandPaths.Missing("folder", folder);
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        NamedProcessor<ImageProcessor> image = Load(name, () => ImageProcessor.Load(folder));
        NamedProcessor<VideoProcessor> video = Load(name, () => VideoProcessor.Load(folder));
        NamedProcessor<AudioProcessor> sound = Load(name, () => AudioProcessor.Load(folder));
        return image.Processor is null && video.Processor is null && sound.Processor is null
            ? throw new CommandException(image.Problem ?? $"'{folder}' has no processor")
            : new([image], [video], [sound]);
    }

    private static NamedProcessor<TProcessor> Load<TProcessor>(string name, Func<TProcessor> load)
        where TProcessor : class
    {
        try
        {
            return new(name, load());
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException or FileNotFoundException)
        {
            return new(name, null, failure.Message);
        }
    }

    private static IEnumerable<string> Known() => ImageFamilies.All.Select(family => family.Name)
        .Concat(VideoFamilies.All.Select(family => family.Name))
        .Concat(AudioFamilies.All.Select(family => family.Name)).Distinct().Order(StringComparer.Ordinal);

    private static NamedProcessor<ImageProcessor> Named(ImageFamily family) => new(family.Name, family.CreateDefault());

    private static NamedProcessor<VideoProcessor> Named(VideoFamily family) => new(family.Name, family.CreateDefault());

    private static NamedProcessor<AudioProcessor> Named(AudioFamily family) => new(family.Name, family.CreateDefault());
}
