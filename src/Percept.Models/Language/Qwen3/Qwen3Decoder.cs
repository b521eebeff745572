using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Qwen3 (transformers: <c>qwen3</c>): no biases, a norm over each head of queries and keys.</summary>
internal static class Qwen3Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 151936, Hidden = 4096, Inner = 22016, Layers = 32, Heads = 32, KeyValueHeads = 32, HeadSize = 128, Positions = 32768,
    };

    internal static DecoderConfig Read(ConfigReader config) => Of(s_defaults, config);

    internal static DecoderConfig Of(DecoderDefaults defaults, ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return Qwen2Decoder.Windowed(
            defaults.Read(config) with { QueryKeyValueBias = bias, OutputBias = bias, QueryKeyNorm = QueryKeyNorm.Head }, config);
    }
}
