namespace Percept.Models;

/// <summary>A class of video processors that is supported.</summary>
public sealed class VideoFamily
{
    private readonly Func<SettingsReader, IVideoFamily> _make;

    internal VideoFamily(
        string type, IReadOnlyList<string> modelTypes, Func<SettingsReader, IVideoFamily> make, FrameChoice? choice = null)
    {
        Choice = choice ?? new FrameChoice();
        Type = type;
        ModelTypes = modelTypes;
        _make = make;
    }

    /// <summary>The name of the class as settings have it: <c>Qwen2VLVideoProcessor</c>.</summary>
    public string Type { get; }

    /// <summary>The <c>model_type</c>s whose checkpoints use it; the first names the family.</summary>
    public IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The family's name: its first model type.</summary>
    public string Name => ModelTypes[0];

    /// <summary>How the class chooses frames where no file says otherwise.</summary>
    internal FrameChoice Choice { get; }

    /// <summary>The processor with the class's own defaults.</summary>
    public VideoProcessor CreateDefault() => new(this, new SettingsReader(null));

    internal IVideoFamily Make(SettingsReader settings) => _make(settings);
}
