using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Qwen1.5-MoE and Qwen2-MoE (transformers: <c>qwen2_moe</c>): experts, and one for every token behind a gate of its own.
/// </summary>
internal static class Qwen2MoeDecoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 151936, Hidden = 2048, Inner = 5632, Layers = 24, Heads = 16, KeyValueHeads = 16, Positions = 32768,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        DecoderConfig read = s_defaults.Read(config) with { QueryKeyValueBias = config.Flag("qkv_bias", true) };
        int experts = config.FindInt("num_experts", "num_local_experts") ?? 60;
        var options = new SparseMoeOptions
        {
            HiddenSize = read.HiddenSize,
            IntermediateSize = config.Int("moe_intermediate_size", 1408),
            Experts = experts,
            Routing = new MoeRouting(config.Int("num_experts_per_tok", 4)) { Renormalise = config.Flag("norm_topk_prob", false) },
            Activation = read.Activation,
            SharedName = "shared_expert",
            SharedSize = config.Int("shared_expert_intermediate_size", 5632),
            SharedGate = true,
        };
        read = Windowed(read, config) with { Balance = SparseLayers.Balance(config, options.Routing.TopK, 0.001) };
        return SparseLayers.In(read, options, SparseLayers.Qwen(config, experts));
    }

    /// <summary>Here the windows are in every other of the first <c>max_window_layers</c> layers, unlike in Qwen2.</summary>
    private static DecoderConfig Windowed(DecoderConfig read, ConfigReader config)
    {
        bool used = config.Flag("use_sliding_window", false);
        int? window = config.IsNull("sliding_window") ? null : config.Int("sliding_window", 4096);
        int until = config.Int("max_window_layers", 28);
        bool[] sliding = LayerTypes.Read(config, read.Layers, layer => layer % 2 == 0 && layer < until);
        return read with { WindowOfLayer = layer => used && sliding[layer] ? window : null };
    }
}
