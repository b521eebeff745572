using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The parts that the classes of the articles share.</summary>
internal static class LiteralParts
{
    private static readonly int[] s_last = [-1];

    /// <summary>How a checkpoint with a CLIP at one name and a Llama at another is read.</summary>
    /// <param name="tower">The tower's name.</param>
    /// <param name="language">The language model's name; null where there is none.</param>
    internal static KeyMap Keys(string tower, string? language = null)
    {
        KeyMap keys = ClipVisionModel.Keys.Under($"{tower}.");
        return language is null ? keys : keys.Then(LlamaDecoder.Keys.Under($"{language}."));
    }

    /// <summary>The tower of <c>vision_config</c>.</summary>
    internal static ClipVisionModel Tower(ConfigReader config, WeightScope weights) =>
        new(config.Section("vision_config"), weights);

    /// <summary>The language model of <c>text_config</c>.</summary>
    internal static ILanguageModel Language(ConfigReader config, WeightScope weights)
    {
        ConfigReader text = config.Section("text_config");
        return LanguageFamilies.Find(text).Make(text, weights);
    }

    /// <summary>The tower's last state, class token and all, without the norm behind it: [B, T, C].</summary>
    internal static Tensor LastState(IVisionTower tower, Tensor pixels, CancellationToken cancellation = default) =>
        TowerStates.Select(tower, pixels, s_last, keepsFirst: true, cancellation);
}
