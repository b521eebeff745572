using System.Text.Json;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Makes a model's inputs of sounds, as the settings of a checkpoint say.</summary>
/// <remarks>Thread-safe. What it returns belongs to the tensor scope that is open at the call.</remarks>
public sealed class AudioProcessor
{
    private const string PreprocessorFile = "preprocessor_config.json";
    private const string ProcessorFile = "processor_config.json";

    private readonly IAudioFamily _family;

    internal AudioProcessor(AudioFamily family, AudioSettings settings)
    {
        Family = family;
        SampleRate = settings.Int("sampling_rate", family.DefaultSampleRate);
        _family = family.Make(settings, SampleRate);
        UnreadOverrides = settings.UnreadOverrides;
    }

    /// <summary>The class of the processor.</summary>
    public AudioFamily Family { get; }

    /// <summary>The reference's class: <c>WhisperFeatureExtractor</c> and its kin.</summary>
    public string Type => Family.Type;

    /// <summary>Samples a second that sounds must have.</summary>
    public int SampleRate { get; }

    /// <summary>Overrides that the class does not know: they change nothing.</summary>
    public IReadOnlyList<string> UnreadOverrides { get; }

    /// <summary>Reads the processor of a checkpoint's folder.</summary>
    /// <param name="folder">
    /// A folder with <c>preprocessor_config.json</c>, or with <c>processor_config.json</c> and its <c>feature_extractor</c>.
    /// </param>
    /// <param name="overrides">Settings of the call, which hold instead of the file's: an object; null for none.</param>
    /// <exception cref="FileNotFoundException">The folder has neither file.</exception>
    /// <exception cref="InvalidDataException">A file is no JSON, or a setting is not understood.</exception>
    /// <exception cref="NotSupportedException">The class or one of its settings is not supported.</exception>
    public static AudioProcessor Load(string folder, JsonElement? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        JsonElement? processor = JsonSettings.Find(folder, ProcessorFile);
        if (processor is { } whole
            && whole.TryGetProperty("feature_extractor", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object)
        {
            return JsonSettings.InFile(
                Path.Combine(folder, ProcessorFile), inner, found => Create(found, overrides, processor));
        }

        string path = Path.Combine(folder, PreprocessorFile);
        return JsonSettings.Find(folder, PreprocessorFile) is { } own
            ? JsonSettings.InFile(path, own, found => Create(found, overrides, processor))
            : throw new FileNotFoundException(
                $"'{folder}' has no '{PreprocessorFile}', and no '{ProcessorFile}' with a 'feature_extractor'. " +
                "Put the file of the published checkpoint into the folder.",
                path);
    }

    /// <summary>Makes the processor that settings describe.</summary>
    /// <param name="settings">The content of <c>preprocessor_config.json</c>.</param>
    /// <param name="overrides">Settings of the call, which hold instead: an object; null for none.</param>
    /// <exception cref="InvalidDataException">The class is not named, or a setting is not understood.</exception>
    /// <exception cref="NotSupportedException">The class or one of its settings is not supported.</exception>
    public static AudioProcessor Create(JsonElement settings, JsonElement? overrides = null) => Create(settings, overrides, null);

    /// <summary>
    /// What becomes of a sound of a length: features, frames, tokens. No sample is needed, and the features go by the same plan.
    /// </summary>
    /// <param name="samples">The samples of the sound, in one channel at <see cref="SampleRate"/>.</param>
    /// <exception cref="ArgumentException">The family refuses sounds of this length.</exception>
    public AudioPlan Plan(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        try
        {
            return _family.Plan(samples);
        }
        catch (OverflowException error)
        {
            throw new ArgumentException(
                "The settings and the sound come to sizes over 2^31; a length, a padding or a number of bands is too great.", error);
        }
    }

    /// <summary>What becomes of a sound at another rate, see <see cref="Plan(int)"/>.</summary>
    /// <param name="samples">The samples of each channel of the sound.</param>
    /// <param name="sampleRate">Its samples a second.</param>
    /// <exception cref="ArgumentException">The family refuses sounds of this length.</exception>
    public AudioPlan Plan(int samples, int sampleRate) => Plan(
        SincResampler.OutputLength(samples, sampleRate, SampleRate));

    /// <summary>Makes inputs of sounds: mixed to one channel and resampled to <see cref="SampleRate"/> where they differ.</summary>
    /// <param name="sounds">The sounds, at least one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Tensors by the reference's names.</returns>
    /// <exception cref="ArgumentException">There is no sound, or the family refuses their lengths.</exception>
    public IReadOnlyDictionary<string, Tensor> Process(
        IReadOnlyList<Sound> sounds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sounds);
        return Process(
            [.. sounds.Select(sound => (ReadOnlyMemory<float>)sound.ToMono().Resample(SampleRate).Memory)], cancellationToken);
    }

    /// <summary>Makes inputs of waves with one channel and <see cref="SampleRate"/> samples a second.</summary>
    /// <param name="waves">The samples of each sound, at least one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Tensors by the reference's names.</returns>
    /// <exception cref="ArgumentException">There is no sound, or the family refuses their lengths.</exception>
    public IReadOnlyDictionary<string, Tensor> Process(
        IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(waves);
        if (waves.Count == 0)
        {
            throw new ArgumentException("There is no sound to process.", nameof(waves));
        }

        return _family.Run(waves, cancellationToken);
    }

    private static AudioProcessor Create(JsonElement settings, JsonElement? overrides, JsonElement? model)
    {
        var read = new AudioSettings(settings, overrides, model);
        return new AudioProcessor(AudioFamilies.Find(TypeOf(settings)), read);
    }

    /// <summary>Published Speech2Text files name no class; one setting is theirs alone.</summary>
    private static string TypeOf(JsonElement settings) => JsonSettings.TextOf(settings, "feature_extractor_type")
        ?? (settings.TryGetProperty("do_ceptral_normalize", out _)
            ? AudioFamilies.SpeechToText
            : throw new InvalidDataException(
                "The settings name no 'feature_extractor_type'; known are " +
                $"{string.Join(", ", AudioFamilies.All.Select(family => family.Type))}."));
}
