using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Mistral (transformers: <c>mistral</c>): a Llama whose layers see a window of past tokens.</summary>
internal static class MistralDecoder
{
    private static readonly DecoderDefaults s_defaults = new()
    {
        Vocabulary = 32000, Hidden = 4096, Inner = 14336, Layers = 32, Heads = 32, KeyValueHeads = 8, Positions = 131072,
    };

    internal static DecoderConfig Read(ConfigReader config)
    {
        int? window = config.IsNull("sliding_window") ? null : config.Int("sliding_window", 4096);
        return s_defaults.Read(config) with { WindowOfLayer = _ => window };
    }
}
