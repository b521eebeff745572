using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Qwen3-MoE (transformers: <c>qwen3_moe</c>): Qwen3 with experts in all or some layers.</summary>
internal static class Qwen3MoeDecoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 151936, Hidden = 2048, Inner = 6144, Layers = 24, Heads = 32, KeyValueHeads = 4, Positions = 32768,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        // Published files name it, but here the window is in all layers or in none.
        config.Skip("max_window_layers");
        bool bias = config.Flag("attention_bias", false), used = config.Flag("use_sliding_window", false);
        int? window = config.IsNull("sliding_window") ? null : config.Int("sliding_window", 4096);
        int experts = config.FindInt("num_experts", "num_local_experts") ?? 128;
        DecoderConfig read = s_defaults.Read(config) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            QueryKeyNorm = QueryKeyNorm.Head,
            WindowOfLayer = _ => used ? window : null,
        };
        var options = new SparseMoeOptions
        {
            HiddenSize = read.HiddenSize,
            IntermediateSize = config.Int("moe_intermediate_size", 768),
            Experts = experts,
            Routing = new MoeRouting(config.Int("num_experts_per_tok", 8)) { Renormalise = config.Flag("norm_topk_prob", false) },
            Activation = read.Activation,
        };
        read = read with { Balance = SparseLayers.Balance(config, options.Routing.TopK, 0.001) };
        return SparseLayers.In(read, options, SparseLayers.Qwen(config, experts));
    }
}
