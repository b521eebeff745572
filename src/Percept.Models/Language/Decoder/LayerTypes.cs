using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Which layers see only a window of past tokens.</summary>
internal static class LayerTypes
{
    internal const string Sliding = "sliding_attention";
    internal const string Full = "full_attention";

    // No model comes near; what is made for each layer before the weights are looked at stays small.
    private const int MaxLayers = 1 << 16;

    /// <summary>The kinds that <c>layer_types</c> lists, or else those of a rule.</summary>
    /// <returns>For each layer whether it sees a window only.</returns>
    internal static bool[] Read(ConfigReader config, int layers, Func<int, bool> otherwise)
    {
        if (layers is < 0 or > MaxLayers)
        {
            throw new InvalidDataException($"'num_hidden_layers' in '{config.File}' is {layers}, expected 0 to {MaxLayers}.");
        }

        string[]? types = config.FindTexts("layer_types");
        if (types is null)
        {
            return [.. Enumerable.Range(0, layers).Select(otherwise)];
        }

        if (types.Length < layers)
        {
            throw new InvalidDataException(
                $"'layer_types' in '{config.File}' lists {types.Length} layers, expected {layers} ('num_hidden_layers').");
        }

        return
        [
            .. types.Take(layers).Select(type => type switch
            {
                Sliding => true,
                Full => false,
                _ => throw config.Unsupported("layer_types", type, $"{Sliding}, {Full}"),
            }),
        ];
    }
}
