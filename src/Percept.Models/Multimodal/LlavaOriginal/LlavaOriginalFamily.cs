using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Checkpoints as LLaVA's own code saves them: a language model with <c>model.mm_projector</c> among its tensors, and a vision
/// tower in a folder of its own, inside, or both: then what is inside counts.
/// </summary>
internal static class LlavaOriginalFamily
{
    private const string Tower = "vision_tower";

    /// <summary>The types of models and the families of their language parts.</summary>
    private static readonly Dictionary<string, string> s_languages = new(StringComparer.Ordinal)
    {
        ["llava"] = "llama",
        ["llava_llama"] = "llama",
        ["llava_mistral"] = "mistral",
        ["llava_qwen"] = "qwen2",
        ["shikra"] = "llama",
    };

    /// <summary>The types of models that no other family has.</summary>
    internal static IReadOnlyList<string> ModelTypes { get; } = ["llava_llama", "llava_mistral", "llava_qwen"];

    /// <summary>Makes the model.</summary>
    /// <returns>A <see cref="LlavaModel"/>, or a <see cref="MofModel"/> where there is a second tower.</returns>
    internal static object Make(ModelFiles files)
    {
        LlavaOriginalTower tower = LlavaOriginalTower.Find(files.Path, files.Config);
        LlavaOriginalSettings settings = LlavaOriginalSettings.Read(files.Config, tower);
        LlavaModel model = Make(files, tower, settings);
        return MofFamily.Applies(files.Weights) ? MofFamily.Make(files.Config, files.Weights, settings, model) : model;
    }

    /// <summary>Makes a model of a tower that was found and settings that were read.</summary>
    internal static LlavaModel Make(ModelFiles files, LlavaOriginalTower tower, LlavaOriginalSettings settings)
    {
        (WeightScope weights, ILanguageModel language, IVisionTower seeing) = Parts(files, tower);
        MlpProjector projector = Projector(files.Config, weights["model"]["mm_projector"], settings, seeing, language);
        Tensor? newline = settings.Llava.HasNewline || weights["model"].Has("image_newline")
            ? weights["model"].Float("image_newline", [language.HiddenSize])
            : null;
        return new LlavaModel(settings.Llava, language, seeing, projector, newline);
    }

    /// <summary>The weights, the language model and the tower.</summary>
    private static (WeightScope Weights, ILanguageModel Language, IVisionTower Tower) Parts(
        ModelFiles files, LlavaOriginalTower tower)
    {
        string type = files.Config.FindText("model_type") ?? string.Empty;
        string name = s_languages.TryGetValue(type, out string? known)
            ? known
            : throw files.Config.Unsupported("model_type", type, string.Join(", ", s_languages.Keys));
        LanguageFamily words = LanguageFamilies.All.First(family => family.ModelType == name);
        KeyMap eye = tower.Family.Keys.Under($"{Tower}.");
        WeightScope weights = files.Open(KeyMap.Identity
            .Rename("model.vision_tower.vision_tower.{*}", $"{Tower}.{{*}}")
            .Then(MofFamily.Keys).Then(words.Keys).Then(eye));
        if (!weights[Tower].HasAny() || tower.HasWeights())
        {
            weights = files.Add(tower.Folder, KeyMap.Identity.Rename("{*}", $"{Tower}.{{*}}").Then(eye), spare: true);
        }

        IVisionTower seeing = FrozenTower.Of(tower.Family.Make(tower.Config, weights[Tower]), weights[Tower]);
        return (weights, words.Make(files.Config, weights), seeing);
    }

    /// <summary><c>mm_projector.weight</c>, or <c>mm_projector.0</c>, <c>.2</c>, … with GELU between.</summary>
    internal static MlpProjector Projector(
        ConfigReader config, WeightScope weights, LlavaOriginalSettings settings, IVisionTower tower, ILanguageModel language)
    {
        int joined = tower.HiddenSize * settings.Llava.FeatureLayers.Count;
        if (config.FindInt("mm_hidden_size") is { } told && told != joined)
        {
            throw new InvalidDataException(
                $"'mm_hidden_size' in '{config.File}' is {told}, but the vision tower gives {joined} channels. " +
                "Name the tower that the checkpoint was trained with.");
        }

        if (settings.ProjectorDepth == 0 && joined != language.HiddenSize)
        {
            throw new InvalidDataException(
                $"'{config.File}' has no projector ('identity'), but the tower gives {joined} channels and the language model " +
                $"takes {language.HiddenSize}.");
        }

        string[] names = settings.ProjectorDepth == 1
            ? [string.Empty]
            : [.. Enumerable.Range(0, settings.ProjectorDepth).Select(static layer => $"{2 * layer}")];
        return new MlpProjector(weights, names, joined, language.HiddenSize, Activation.Gelu);
    }
}
