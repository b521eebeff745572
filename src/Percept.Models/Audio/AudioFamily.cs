namespace Percept.Models;

/// <summary>A class of audio feature extractors that is supported.</summary>
public sealed class AudioFamily
{
    private readonly Func<AudioSettings, int, IAudioFamily> _make;

    internal AudioFamily(
        string type, IReadOnlyList<string> modelTypes, Func<AudioSettings, int, IAudioFamily> make, int sampleRate = 16000)
    {
        Type = type;
        ModelTypes = modelTypes;
        DefaultSampleRate = sampleRate;
        _make = make;
    }

    /// <summary>The name of the class as settings have it: <c>WhisperFeatureExtractor</c>.</summary>
    public string Type { get; }

    /// <summary>The <c>model_type</c>s whose checkpoints use it; the first names the family.</summary>
    public IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The family's name: its first model type.</summary>
    public string Name => ModelTypes[0];

    /// <summary>Samples a second where the settings do not tell.</summary>
    internal int DefaultSampleRate { get; }

    /// <summary>The processor with the class's own defaults.</summary>
    public AudioProcessor CreateDefault() => new(this, AudioSettings.Empty);

    internal IAudioFamily Make(AudioSettings settings, int rate) => _make(settings, rate);
}
