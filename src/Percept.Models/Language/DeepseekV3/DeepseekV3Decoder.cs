using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// DeepSeek-V3 and R1 (transformers: <c>deepseek_v3</c>): latent attention, experts chosen by sigmoids with a correction.
/// </summary>
internal static class DeepseekV3Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 129280, Hidden = 7168, Inner = 18432, Layers = 61, Heads = 128, Positions = 4096, SharedKeys = true,
    };

    /// <summary>Published files hold a 62nd layer that guesses the token after the next.</summary>
    internal static KeyMap Keys { get; } =
        LlamaDecoder.Keys.Ignore("model.layers.61.{*}", "a layer for guessing further tokens, which the model runs without");

    internal static DecoderConfig Read(ConfigReader config)
    {
        config.Skip("num_nextn_predict_layers");
        string scores = config.Text("scoring_func", "sigmoid");
        if (scores != "sigmoid")
        {
            throw config.Unsupported("scoring_func", scores, "sigmoid");
        }

        string method = config.Text("topk_method", "noaux_tc");
        if (method != "noaux_tc")
        {
            throw config.Unsupported("topk_method", method, "noaux_tc");
        }

        RopeLayout layout = config.Flag("rope_interleave", true) ? RopeLayout.InterleavedToHalves : RopeLayout.Halves;
        DecoderConfig read = DeepseekV2Decoder.Latent(s_defaults, config, layout);
        return DeepseekV2Decoder.Experts(
            read, config, new DeepseekV2Decoder.ExpertDefaults(256, 2048, 1, 3, 8),
            choices => new MoeRouting(choices)
            {
                Sigmoid = true,
                Renormalise = config.Flag("norm_topk_prob", true),
                Scale = (float)config.Number("routed_scaling_factor", 2.5),
                Groups = config.Int("n_group", 8),
                KeptGroups = config.Int("topk_group", 4),
                GroupsByTopTwo = true,
            },
            correction: true);
    }
}
