using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// DeepSeek-V2 (transformers: <c>deepseek_v2</c>): latent attention, experts of groups chosen by a softmax.
/// </summary>
internal static class DeepseekV2Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 32000, Hidden = 4096, Inner = 11008, Layers = 32, Heads = 32, Positions = 2048, SharedKeys = true,
    };

    /// <summary>The configuration's values for latent attention where files leave them out: the same in both generations.</summary>
    private const int QueryRank = 1536, LatentRank = 512, PlainSize = 128, RotarySize = 64, ValueSize = 128;

    internal static DecoderConfig Read(ConfigReader config)
    {
        // The reference reads norm_topk_prob and renormalises nothing.
        config.Skip("norm_topk_prob");
        string scores = config.Text("scoring_func", "softmax");
        if (scores != "softmax")
        {
            throw config.Unsupported("scoring_func", scores, "softmax");
        }

        string method = config.Text("topk_method", "greedy");
        if (method is not ("greedy" or "group_limited_greedy"))
        {
            throw config.Unsupported("topk_method", method, "greedy, group_limited_greedy");
        }

        int? groups = config.FindInt("n_group"), kept = config.FindInt("topk_group");
        bool grouped = method == "group_limited_greedy";
        DecoderConfig read = Latent(s_defaults, config, RopeLayout.Interleaved) with
        {
            FeedForwardBias = config.Flag("mlp_bias", false),
        };
        return Experts(read, config, new ExpertDefaults(64, 1407, 2, 0), choices => new MoeRouting(choices)
        {
            Scale = (float)config.Number("routed_scaling_factor", 1),
            Groups = grouped ? groups ?? 1 : 1,
            KeptGroups = grouped ? kept ?? 1 : 1,
        });
    }

    /// <summary>Reads what both generations share, but for the experts.</summary>
    internal static DecoderConfig Latent(DecoderDefaults defaults, ConfigReader config, RopeLayout layout)
    {
        // How many cards the weights were spread over, and training's losses.
        config.Skip("ep_size", "seq_aux", "aux_loss_alpha", "head_dim", "num_key_value_heads");
        DecoderConfig read = defaults.Read(config);
        int rotary = config.Int("qk_rope_head_dim", RotarySize), plain = config.Int("qk_nope_head_dim", PlainSize);
        RopeFrequencies rope = RopeSettings.Read(config, rotary, defaults.Theta, read.MaximumPositions);
        var options = new LatentAttentionOptions
        {
            HiddenSize = read.HiddenSize,
            Heads = read.Heads,
            QueryRank = config.IsNull("q_lora_rank") ? null : config.Int("q_lora_rank", QueryRank),
            LatentRank = config.Int("kv_lora_rank", LatentRank),
            PlainSize = plain,
            RotarySize = rotary,
            ValueSize = config.Int("v_head_dim", ValueSize),
            Scale = Scale(plain + rotary, rope),
            RopeLayout = layout,
            Bias = config.Flag("attention_bias", false),
        };
        return read with
        {
            Ropes = [rope],
            Attention = (_, weights, layer) => new LatentAttention(options, weights["self_attn"], layer),
        };
    }

    /// <summary>Puts the experts into the layers from <c>first_k_dense_replace</c> on.</summary>
    internal static DecoderConfig Experts(
        DecoderConfig read, ConfigReader config, ExpertDefaults defaults, Func<int, MoeRouting> routing, bool correction = false)
    {
        int first = config.Int("first_k_dense_replace", defaults.FirstDense), every = config.Int("moe_layer_freq", 1);
        bool dense = config.IsNull("n_routed_experts");
        int inner = config.Int("moe_intermediate_size", defaults.Inner);
        int shared = config.IsNull("n_shared_experts") ? 0 : config.Int("n_shared_experts", defaults.Shared);
        if (dense)
        {
            return read;
        }

        if (every < 1)
        {
            throw new InvalidDataException($"'moe_layer_freq' in '{config.File}' is {every}, expected 1 or more.");
        }

        const string Choices = "num_experts_per_tok";
        int choices = defaults.Choices is { } missing ? config.Int(Choices, missing) : config.Int(Choices);
        var options = new SparseMoeOptions
        {
            HiddenSize = read.HiddenSize,
            IntermediateSize = inner,
            Experts = config.FindInt("n_routed_experts", "num_experts", "num_local_experts") ?? defaults.Experts,
            Routing = routing(choices),
            Activation = read.Activation,
            Correction = correction,
            SharedName = shared > 0 ? "shared_experts" : null,
            SharedSize = shared * inner,
            SharedBias = read.FeedForwardBias,
        };
        return SparseLayers.In(read, options, layer => layer >= first && layer % every == 0);
    }

    /// <summary>1/√(key size), raised where YaRN asks for it: with cos and sin left as they are, scores grow by its square.</summary>
    private static float Scale(int keySize, RopeFrequencies rope)
    {
        double scale = 1 / Math.Sqrt(keySize);
        if (rope.Scaling == RopeScaling.Default || rope.MScaleAllDimensions is not { } all || all == 0)
        {
            return (float)scale;
        }

        double factor = rope.Factor ?? (double)rope.MaximumPositions / (rope.OriginalPositions ?? rope.MaximumPositions);
        double stretch = factor <= 1 ? 1 : (0.1 * all * Math.Log(factor)) + 1;
        return (float)(scale * stretch * stretch);
    }

    /// <summary>What holds where a configuration leaves the experts' values out.</summary>
    internal sealed record ExpertDefaults(int Experts, int Inner, int Shared, int FirstDense, int? Choices = null);
}
