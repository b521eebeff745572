using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Phi-3 and Phi-3.5 (transformers: <c>phi3</c>): q, k, v in one matrix, gate and up in another.</summary>
internal static class Phi3Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 32064, Hidden = 3072, Inner = 8192, Layers = 32, Heads = 32, Positions = 4096, Eps = 1e-5,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        int? window = config.FindInt("sliding_window");
        int original = config.FindInt("original_max_position_embeddings") ?? 4096;
        DecoderConfig read = s_defaults.Read(config);
        RopeFrequencies rope = read.Ropes[0];

        // Early files call the long rule "yarn" too; the class knows no other.
        RopeScaling scaling = rope.Scaling is RopeScaling.Yarn ? RopeScaling.LongRope : rope.Scaling;
        if (scaling is not (RopeScaling.Default or RopeScaling.LongRope))
        {
            throw config.Unsupported("rope_scaling", $"{scaling}", "default, longrope (also called su and yarn)");
        }

        return read with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            WindowOfLayer = _ => window,
            Ropes = [rope with { Scaling = scaling, OriginalPositions = rope.OriginalPositions ?? original }],
        };
    }
}
