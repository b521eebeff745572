using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Gemma (transformers: <c>gemma</c>): scaled embeddings, norms of 1 + w, a tied head.</summary>
internal static class GemmaDecoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 256000, Hidden = 3072, Inner = 24576, Layers = 28, Heads = 16, KeyValueHeads = 16, HeadSize = 256, Positions = 8192,
        Activation = "gelu_pytorch_tanh", Tied = true,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        // Files of Gemma 1 say "gelu" and were trained with the tanh form, which the reference runs in either case.
        config.Skip("hidden_act");
        DecoderConfig read = Common(s_defaults, config);
        return read with { Activation = Activation.GeluTanh };
    }

    /// <summary>What the three generations share.</summary>
    internal static DecoderConfig Common(DecoderDefaults defaults, ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        DecoderConfig read = defaults.Read(config);
        return read with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            NormUnitOffset = !config.Flag("percept_norm_whole", false),
            EmbeddingScale = (float)Math.Sqrt(read.HiddenSize),
        };
    }

    /// <summary>What the second and third share: norms on both sides, caps, a scale of their own.</summary>
    internal static DecoderConfig Later(DecoderDefaults defaults, ConfigReader config, double? attentionCap, double? logitCap)
    {
        float? Cap(string name, double? missing) =>
            config.IsNull(name) ? null : (float?)(config.FindNumber(name) ?? missing);
        DecoderConfig read = Common(defaults, config);
        return read with
        {
            Activation = config.ReadActivation("gelu_pytorch_tanh", "hidden_activation", "hidden_act"),
            Norms = NormPlacement.Around,
            AttentionScale = (float)Math.Pow(config.Number("query_pre_attn_scalar", 256), -0.5),
            AttentionSoftCap = Cap("attn_logit_softcapping", attentionCap),
            LogitSoftCap = Cap("final_logit_softcapping", logitCap),
        };
    }
}
