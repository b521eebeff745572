using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Puts mixtures of experts into some of a decoder's layers.</summary>
internal static class SparseLayers
{
    /// <summary>The decoder with a mixture named <c>mlp</c> where a layer is sparse, and a dense part of that name elsewhere.</summary>
    /// <param name="read">The decoder.</param>
    /// <param name="options">What the mixtures are made of.</param>
    /// <param name="sparse">Whether a layer is sparse.</param>
    internal static DecoderConfig In(DecoderConfig read, SparseMoeOptions options, Func<int, bool> sparse) => read with
    {
        FeedForward = (config, weights, layer) => sparse(layer)
            ? new SparseMoe(options, weights["mlp"], Enumerable.Range(0, layer).Count(sparse))
            : new GatedMlp(
                weights["mlp"], config.HiddenSize, config.IntermediateSize, config.Activation, config.FeedForwardBias),
    };

    /// <summary>The loss that spreads tokens over experts, where <c>output_router_logits</c> asks for it, as transformers does.</summary>
    internal static RouterBalance? Balance(ConfigReader config, int topK, double weight) => config.Flag("output_router_logits", false)
        ? new RouterBalance((float)config.Number("router_aux_loss_coef", weight), topK)
        : null;

    /// <summary>The rule of Qwen: every <c>decoder_sparse_step</c>-th layer, but for those of <c>mlp_only_layers</c>.</summary>
    internal static Func<int, bool> Qwen(ConfigReader config, int experts)
    {
        int step = config.Int("decoder_sparse_step", 1);
        int[] dense = config.FindInts("mlp_only_layers") ?? [];
        if (step < 1)
        {
            throw new InvalidDataException($"'decoder_sparse_step' in '{config.File}' is {step}, expected 1 or more.");
        }

        return layer => experts > 0 && !dense.Contains(layer) && (layer + 1) % step == 0;
    }
}
