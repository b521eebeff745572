using System.Globalization;
using Percept.Models;

namespace Percept.Cli;

/// <summary>The sizes of a model's architecture, as its parts tell them.</summary>
internal static class ModelFacts
{
    /// <summary>Named facts, in order.</summary>
    internal static IReadOnlyList<(string Name, string Value)> Of(object model)
    {
        var facts = new List<(string, string)>();
        if (MemoryPlan.LanguageOf(model) is { } language)
        {
            Add(facts, language);
        }

        if ((model as IEncoderDecoder)?.Encoder is { } inner)
        {
            Add(facts, inner);
        }
        else if (model is ITextEncoder encoder)
        {
            Add(facts, encoder);
        }

        if (TowerOf(model) is { } tower)
        {
            facts.Add(("vision tower", string.Create(
                CultureInfo.InvariantCulture,
                $"{tower.LayerCount} layers of {tower.HiddenSize} channels, pictures of {tower.ImageSize}×{tower.ImageSize} in patches of {tower.PatchSize}")));
        }

        return facts;
    }

    /// <summary>The tower that sees, of whatever kind of model; null where there is none.</summary>
    internal static IVisionTower? TowerOf(object model) => model switch
    {
        LlavaModel llava => llava.Tower,
        DualEncoder both => both.VisionModel as IVisionTower,
        _ => model as IVisionTower,
    };

    private static void Add(List<(string, string)> facts, ILanguageModel language)
    {
        KvLayerShape[] caches = [.. language.CacheShapes.Distinct()];
        facts.Add(("language model", string.Create(
            CultureInfo.InvariantCulture,
            $"{language.CacheShapes.Count} layers of {language.HiddenSize} channels, {language.VocabularySize} tokens")));
        facts.Add(("keys and values", string.Join(
            ", ",
            caches.Select(cache => string.Create(CultureInfo.InvariantCulture, $"{cache.Heads} heads of {cache.KeySize}") +
                (cache.KeySize == cache.ValueSize ? "" : string.Create(CultureInfo.InvariantCulture, $" and {cache.ValueSize}"))))));
        facts.Add(("context", string.Create(CultureInfo.InvariantCulture, $"{language.MaximumPositions} tokens")));
    }

    private static void Add(List<(string, string)> facts, ITextEncoder encoder)
    {
        facts.Add(("text encoder", string.Create(CultureInfo.InvariantCulture, $"{encoder.HiddenSize} channels")));
        if (encoder.MaximumPositions < int.MaxValue)
        {
            facts.Add(("context", string.Create(CultureInfo.InvariantCulture, $"{encoder.MaximumPositions} tokens")));
        }
    }
}
