using System.Text.Json;
using Percept.Media;

namespace Percept.Models;

/// <summary>Makes a model's inputs of clips whose frames are chosen, as the settings of a checkpoint say.</summary>
/// <remarks>
/// Thread-safe. Which frames of a clip are shown is decided before, by <see cref="FrameSampling"/>. What it returns
/// belongs to the tensor scope that is open at the call.
/// </remarks>
public sealed class VideoProcessor
{
    private const string ProcessorFile = "processor_config.json";
    private const string VideoFile = "video_preprocessor_config.json";
    private const string PreprocessorFile = "preprocessor_config.json";

    private readonly IVideoFamily _family;

    private readonly FrameChoice _choice;

    internal VideoProcessor(VideoFamily family, SettingsReader settings)
    {
        Family = family;
        if (settings.FindOverride("do_sample_frames") is { ValueKind: JsonValueKind.True })
        {
            throw new NotSupportedException(
                $"'do_sample_frames' asks the processor to choose frames; choose them before, by {nameof(FrameSampling)}.");
        }

        _family = family.Make(settings);
        _choice = family.Choice.Read(settings);
        UnreadSettings = settings.Unread;
        Settings = settings.Effective;
    }

    /// <summary>The class of the processor.</summary>
    public VideoFamily Family { get; }

    /// <summary>Every setting that the class knows, with the value that holds, as JSON.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; }

    /// <summary>
    /// Settings that were given and that change nothing here; a call's settings of choosing frames are among them.
    /// </summary>
    public IReadOnlyList<string> UnreadSettings { get; }

    /// <summary>Reads the processor of a checkpoint's folder.</summary>
    /// <param name="folder">
    /// A folder with <c>video_preprocessor_config.json</c>, or <c>processor_config.json</c> with its
    /// <c>video_processor</c>, or
    /// <c>preprocessor_config.json</c>; where none names a class, <c>config.json</c> names the model.
    /// </param>
    /// <param name="overrides">Settings that hold instead of the files': an object; null for none.</param>
    /// <exception cref="FileNotFoundException">The folder has none of the files.</exception>
    /// <exception cref="InvalidDataException">A file is no JSON, or a setting is not understood.</exception>
    /// <exception cref="NotSupportedException">The class or one of its settings is not supported.</exception>
    public static VideoProcessor Load(string folder, JsonElement? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        JsonElement? processor = JsonSettings.Find(folder, ProcessorFile);
        (string file, JsonElement? own) = processor is { } whole
            && whole.TryGetProperty("video_processor", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object
                ? (ProcessorFile, inner)
                : JsonSettings.Find(folder, VideoFile) is { } video ? (VideoFile, video)
                : (PreprocessorFile, JsonSettings.Find(folder, PreprocessorFile));
        return own is { } settings
            ? JsonSettings.InFile(Path.Combine(folder, file), settings, found => new VideoProcessor(
                FamilyOf(found, folder), new SettingsReader(found, overrides, processor)))
            : throw new FileNotFoundException(
                $"'{folder}' has no '{VideoFile}'. Put the file of the published checkpoint into the folder.",
                Path.Combine(folder, VideoFile));
    }

    /// <summary>
    /// The frames that the class's rule chooses of a clip, with the settings of the file; all of them where the settings choose
    /// none.
    /// </summary>
    /// <param name="clip">The number of frames and their rate.</param>
    /// <param name="framesPerSecond">A rate that holds instead of the settings'; null for theirs.</param>
    /// <returns>Numbers from 0, ascending; some may stand more than once.</returns>
    /// <exception cref="ArgumentException">The rule cannot choose from this clip.</exception>
    public int[] ChooseFrames(ClipFrames clip, double? framesPerSecond = null) => (framesPerSecond is { } rate
        ? _choice with { Samples = true, Rate = rate, Count = null }
        : _choice).Choose(clip);

    /// <summary>
    /// What becomes of a clip of a size: no pixel is needed, and <see cref="Process"/> goes by the same plan.
    /// </summary>
    /// <param name="frames">The number of frames.</param>
    /// <param name="height">The frames' rows.</param>
    /// <param name="width">The frames' columns.</param>
    /// <exception cref="ArgumentException">The processor refuses clips of this size or length.</exception>
    public VideoPlan Plan(int frames, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        SizeRules.CheckSource(height, width);
        try
        {
            return _family.Plan(frames, height, width);
        }
        catch (OverflowException error)
        {
            throw ImageProcessor.TooGreat(error);
        }
    }

    /// <summary>Makes inputs of clips.</summary>
    /// <param name="clips">The frames of each clip, at least one, of one size within a clip.</param>
    /// <returns>Tensors by the reference's names; pixels are float32.</returns>
    /// <exception cref="ArgumentException">A clip is empty or refused, or its frames differ in size.</exception>
    public ImageInputs Process(IReadOnlyList<IReadOnlyList<Image>> clips)
    {
        ArgumentNullException.ThrowIfNull(clips);
        if (clips.Count == 0 || clips.Any(static clip => clip.Count == 0))
        {
            throw new ArgumentException("There is no clip, or one without frames.", nameof(clips));
        }

        if (clips.Any(static clip => clip.Any(frame => frame.Width != clip[0].Width || frame.Height != clip[0].Height)))
        {
            throw new ArgumentException("The frames of a clip must have one size.", nameof(clips));
        }

        var inputs = new ImageInputs();
        try
        {
            _family.Run(clips, inputs);
        }
        catch (OverflowException error)
        {
            throw ImageProcessor.TooGreat(error);
        }

        return inputs;
    }

    private static VideoFamily FamilyOf(JsonElement settings, string folder) =>
        JsonSettings.TextOf(settings, "video_processor_type") is { } type ? VideoFamilies.Find(type)
        : JsonSettings.Find(folder, "config.json") is { } config && JsonSettings.TextOf(config, "model_type") is { } model
            ? VideoFamilies.FindByModel(model)
            : throw new InvalidDataException(
                "The settings name no 'video_processor_type', and there is no 'config.json' with a 'model_type'.");
}
