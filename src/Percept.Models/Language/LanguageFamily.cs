using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>A family of decoders, alone or as the language part of a larger model.</summary>
/// <param name="ModelType">Its <c>model_type</c>.</param>
/// <param name="Keys">How the names in files become the model's.</param>
/// <param name="Make">Makes the model of its configuration and weights.</param>
public sealed record LanguageFamily(string ModelType, KeyMap Keys, Func<ConfigReader, WeightScope, ILanguageModel> Make);
