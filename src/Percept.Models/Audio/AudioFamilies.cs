namespace Percept.Models;

/// <summary>Every class of audio feature extractors: one line each.</summary>
public static class AudioFamilies
{
    internal const string SpeechToText = "Speech2TextFeatureExtractor";

    /// <summary>All of them, by the order of their families' names.</summary>
    public static IReadOnlyList<AudioFamily> All { get; } =
    [
        new("ASTFeatureExtractor", ["audio-spectrogram-transformer"], static (settings, rate) => new AstAudioFamily(settings, rate)),
        new("ClapFeatureExtractor", ["clap"], static (settings, rate) => new ClapAudioFamily(settings, rate), 48000),
        new("Gemma3nAudioFeatureExtractor", ["gemma3n"], static (settings, rate) => new Gemma3nAudioFamily(settings, rate)),
        new("ParakeetFeatureExtractor", ["parakeet_ctc", "parakeet_encoder"],
            static (settings, rate) => new ParakeetAudioFamily(settings, rate)),
        new("Phi4MultimodalFeatureExtractor", ["phi4_multimodal"], static (settings, rate) => new Phi4AudioFamily(settings, rate)),
        new("SeamlessM4TFeatureExtractor", ["seamless_m4t", "seamless_m4t_v2", "wav2vec2-bert"],
            static (settings, rate) => new SeamlessM4tAudioFamily(settings, rate)),
        new(SpeechToText, ["speech_to_text"], static (settings, rate) => new SpeechToTextAudioFamily(settings, rate)),
        new("Wav2Vec2FeatureExtractor",
            ["wav2vec2", "hubert", "wavlm", "wav2vec2-conformer", "unispeech", "unispeech-sat", "sew", "sew-d", "data2vec-audio"],
            static (settings, _) => new Wav2Vec2AudioFamily(settings)),
        new("WhisperFeatureExtractor", ["whisper", "qwen2_audio", "qwen2_5_omni", "voxtral"],
            static (settings, rate) => new WhisperAudioFamily(settings, rate)),
    ];

    private static readonly FamilyTable<AudioFamily> s_table = new(
        "audio", All, static family => family.Type, static family => family.ModelTypes);

    /// <summary>The class of a name.</summary>
    /// <param name="type">The <c>feature_extractor_type</c> of the settings.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static AudioFamily Find(string type) => s_table.Find(type);

    /// <summary>The class that a model's checkpoints use.</summary>
    /// <param name="modelType">The <c>model_type</c> of <c>config.json</c>.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static AudioFamily FindByModel(string modelType) => s_table.FindByModel(modelType);

    /// <summary>
    /// The class that a person names, by a model type or a class: the case, dashes, dots and underscores do not count. Null for none.
    /// </summary>
    /// <param name="name">The name.</param>
    public static AudioFamily? FindLoosely(string name) => s_table.FindLoosely(name);
}
