using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Gemma 3's text part (transformers: <c>gemma3_text</c>): five layers with a window and unscaled rotary positions, then one
/// that sees all.
/// </summary>
internal static class Gemma3Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 262208, Hidden = 2304, Inner = 9216, Layers = 26, Heads = 8, KeyValueHeads = 4, HeadSize = 256, Positions = 131072,
        Activation = "gelu_pytorch_tanh", Theta = 1_000_000, Tied = true,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        if (config.Flag("use_bidirectional_attention", false))
        {
            throw config.Unsupported("use_bidirectional_attention", "true", "false");
        }

        DecoderConfig read = GemmaDecoder.Later(s_defaults, config, attentionCap: null, logitCap: null);
        int window = config.Int("sliding_window", 4096);
        int pattern = config.FindInt("sliding_window_pattern", "_sliding_window_pattern") ?? 6;
        bool[] sliding = LayerTypes.Read(config, read.Layers, layer => (layer + 1) % pattern != 0);
        double localTheta = config.Number("rope_local_base_freq", 10000);
        RopeFrequencies full = RopeSettings.Read(config, read.HeadSize, s_defaults.Theta, read.MaximumPositions, LayerTypes.Full);
        RopeFrequencies local = config.FindSection("rope_parameters")?.FindSection(LayerTypes.Sliding) is null
            ? new RopeFrequencies { RotaryDimension = full.RotaryDimension, Theta = localTheta, MaximumPositions = read.MaximumPositions }
            : RopeSettings.Read(config, read.HeadSize, localTheta, read.MaximumPositions, LayerTypes.Sliding);
        return read with
        {
            QueryKeyNorm = QueryKeyNorm.Head,
            WindowOfLayer = layer => sliding[layer] ? window : null,
            Ropes = [full, local],
            RopeOfLayer = layer => sliding[layer] ? 1 : 0,
        };
    }
}
