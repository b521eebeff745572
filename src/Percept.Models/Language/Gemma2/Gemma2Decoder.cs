using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Gemma 2 (transformers: <c>gemma2</c>): every other layer sees a window; scores and logits are capped.</summary>
internal static class Gemma2Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 256000, Hidden = 2304, Inner = 9216, Layers = 26, Heads = 8, KeyValueHeads = 4, HeadSize = 256, Positions = 8192,
        Activation = "gelu_pytorch_tanh", Tied = true,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        DecoderConfig read = GemmaDecoder.Later(s_defaults, config, attentionCap: 50, logitCap: 30);
        int window = config.Int("sliding_window", 4096);
        bool[] sliding = LayerTypes.Read(config, read.Layers, layer => layer % 2 == 0);
        return read with { WindowOfLayer = layer => sliding[layer] ? window : null };
    }
}
