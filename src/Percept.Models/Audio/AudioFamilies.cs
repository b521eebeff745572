namespace Percept.Models;

/// <summary>Every class of audio feature extractors: one line each.</summary>
internal static class AudioFamilies
{
    internal const string Clap = "ClapFeatureExtractor";
    internal const string SpeechToText = "Speech2TextFeatureExtractor";

    private static readonly Dictionary<string, Func<AudioSettings, int, IAudioFamily>> s_families = new(StringComparer.Ordinal)
    {
        ["ASTFeatureExtractor"] = static (settings, rate) => new AstAudioFamily(settings, rate),
        [Clap] = static (settings, rate) => new ClapAudioFamily(settings, rate),
        ["Gemma3nAudioFeatureExtractor"] = static (settings, rate) => new Gemma3nAudioFamily(settings, rate),
        ["ParakeetFeatureExtractor"] = static (settings, rate) => new ParakeetAudioFamily(settings, rate),
        ["Phi4MultimodalFeatureExtractor"] = static (settings, rate) => new Phi4AudioFamily(settings, rate),
        ["SeamlessM4TFeatureExtractor"] = static (settings, rate) => new SeamlessM4tAudioFamily(settings, rate),
        [SpeechToText] = static (settings, rate) => new SpeechToTextAudioFamily(settings, rate),
        ["Wav2Vec2FeatureExtractor"] = static (settings, _) => new Wav2Vec2AudioFamily(settings),
        ["WhisperFeatureExtractor"] = static (settings, rate) => new WhisperAudioFamily(settings, rate),
    };

    internal static IEnumerable<string> Names => s_families.Keys;

    internal static Func<AudioSettings, int, IAudioFamily> Find(string type) =>
        s_families.TryGetValue(type, out Func<AudioSettings, int, IAudioFamily>? family)
            ? family
            : throw new NotSupportedException($"There is no audio processor '{type}', only {string.Join(", ", Names)}.");
}
