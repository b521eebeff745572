using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Every family of decoders: one line each.</summary>
public static class LanguageFamilies
{
    /// <summary>The families.</summary>
    public static IReadOnlyList<LanguageFamily> All { get; } =
    [
        Of("llama", LlamaDecoder.Read),
        Of("mistral", MistralDecoder.Read),
        Of("qwen2", Qwen2Decoder.Read),
        Of("qwen3", Qwen3Decoder.Read),
        Of("gemma", GemmaDecoder.Read),
        Of("gemma2", Gemma2Decoder.Read),
        Of("gemma3_text", Gemma3Decoder.Read),
        Of("phi3", Phi3Decoder.Read),
        Of("olmo2", Olmo2Decoder.Read),
        Of("mixtral", MixtralDecoder.Read, MixtralDecoder.Keys),
        Of("qwen2_moe", Qwen2MoeDecoder.Read),
        Of("qwen3_moe", Qwen3MoeDecoder.Read),
        Of("deepseek_v2", DeepseekV2Decoder.Read),
        Of("deepseek_v3", DeepseekV3Decoder.Read, DeepseekV3Decoder.Keys),
        Of("internlm2", InternLm2Decoder.Read, InternLm2Decoder.Keys),
        new("gpt2", Gpt2Decoder.Keys, Gpt2Decoder.Make),
        new("opt", OptDecoder.Keys, OptDecoder.Make),
    ];

    /// <summary>The family of a language part's configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="missing">The <c>model_type</c> where none is given.</param>
    /// <exception cref="NotSupportedException">There is none; the error lists what exists.</exception>
    public static LanguageFamily Find(ConfigReader config, string missing = "llama")
    {
        ArgumentNullException.ThrowIfNull(config);
        string type = config.FindText("model_type") ?? missing;
        return All.FirstOrDefault(family => family.ModelType == type)
            ?? throw config.Unsupported("model_type", type, string.Join(", ", All.Select(family => family.ModelType)));
    }

    private static LanguageFamily Of(string type, Func<ConfigReader, DecoderConfig> read, KeyMap? keys = null) =>
        new(type, keys ?? LlamaDecoder.Keys, (config, weights) => new DecoderModel(read(config), weights));
}
