using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Qwen2 and Qwen2.5 (transformers: <c>qwen2</c>): q, k and v have biases.</summary>
internal static class Qwen2Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 151936, Hidden = 4096, Inner = 22016, Layers = 32, Heads = 32, KeyValueHeads = 32, Positions = 32768,
    };

    internal static DecoderConfig Read(ConfigReader config) =>
        Windowed(s_defaults.Read(config) with { QueryKeyValueBias = true }, config);

    /// <summary>Adds the rule of Qwen: only when asked for, only from <c>max_window_layers</c> on.</summary>
    internal static DecoderConfig Windowed(DecoderConfig read, ConfigReader config)
    {
        bool used = config.Flag("use_sliding_window", false);
        int? window = config.IsNull("sliding_window") ? null : config.Int("sliding_window", 4096);
        int from = config.Int("max_window_layers", 28);
        bool[] sliding = LayerTypes.Read(config, read.Layers, layer => used && layer >= from);
        return read with { WindowOfLayer = layer => used && sliding[layer] ? window : null };
    }
}
