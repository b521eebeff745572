using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Mixtral (transformers: <c>mixtral</c>): a Mistral whose feed-forward parts are mixtures of experts.</summary>
internal static class MixtralDecoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 32000, Hidden = 4096, Inner = 14336, Layers = 32, Heads = 32, KeyValueHeads = 8, Positions = 131072, Eps = 1e-5,
        Theta = 1_000_000,
    };

    /// <summary>Published files call the mixture <c>block_sparse_moe</c> and number the layers of an expert.</summary>
    internal static KeyMap Keys { get; } = LlamaDecoder.Keys
        .Rename("model.layers.{n}.block_sparse_moe.experts.{n}.w1.{*}", "model.layers.{n}.mlp.experts.{n}.gate_proj.{*}")
        .Rename("model.layers.{n}.block_sparse_moe.experts.{n}.w3.{*}", "model.layers.{n}.mlp.experts.{n}.up_proj.{*}")
        .Rename("model.layers.{n}.block_sparse_moe.experts.{n}.w2.{*}", "model.layers.{n}.mlp.experts.{n}.down_proj.{*}")
        .Rename("model.layers.{n}.block_sparse_moe.{*}", "model.layers.{n}.mlp.{*}");

    internal static DecoderConfig Read(ConfigReader config)
    {
        // Noise in the router is for training only.
        config.Skip("router_jitter_noise");
        DecoderConfig read = s_defaults.Read(config);
        int? window = config.FindInt("sliding_window");
        var options = new SparseMoeOptions
        {
            HiddenSize = read.HiddenSize,
            IntermediateSize = read.IntermediateSize,
            Experts = config.FindInt("num_local_experts", "num_experts") ?? 8,
            Routing = new MoeRouting(config.Int("num_experts_per_tok", 2)) { Renormalise = true },
            Activation = read.Activation,
        };
        read = read with { WindowOfLayer = _ => window, Balance = SparseLayers.Balance(config, options.Routing.TopK, 0.001) };
        return SparseLayers.In(read, options, _ => true);
    }
}
