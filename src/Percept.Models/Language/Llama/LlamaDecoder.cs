using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Llama, and Vicuna, which is a Llama (transformers: <c>llama</c>).</summary>
internal static class LlamaDecoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 32000, Hidden = 4096, Inner = 11008, Layers = 32, Heads = 32, Positions = 2048,
    };

    /// <summary>What the names of all decoders of this kind may look like in files.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("layers.{*}", "model.layers.{*}")
        .Rename("embed_tokens.{*}", "model.embed_tokens.{*}")
        .Rename("norm.{*}", "model.norm.{*}")
        .Ignore("{*}rotary_emb.inv_freq", "a buffer that is computed");

    internal static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return s_defaults.Read(config) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            FeedForwardBias = config.Flag("mlp_bias", false),
        };
    }
}
