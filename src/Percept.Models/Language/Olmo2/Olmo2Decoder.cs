using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>OLMo 2 (transformers: <c>olmo2</c>): norms after the parts, and over all of queries and keys.</summary>
internal static class Olmo2Decoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 50304, Hidden = 4096, Inner = 11008, Layers = 32, Heads = 32, Positions = 2048, Eps = 1e-5,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return s_defaults.Read(config) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            Norms = NormPlacement.After,
            QueryKeyNorm = QueryKeyNorm.Full,
        };
    }
}
