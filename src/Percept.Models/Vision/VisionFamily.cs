using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>A family of vision towers, alone or as the eye of a larger model.</summary>
/// <param name="ModelType">Its <c>model_type</c>.</param>
/// <param name="Keys">How the names in files become the model's; a larger model takes them under its own prefix.</param>
/// <param name="Make">Makes the tower of its configuration and weights; it is an <see cref="IVisionEncoder"/> too.</param>
public sealed record VisionFamily(string ModelType, KeyMap Keys, Func<ConfigReader, WeightScope, IVisionTower> Make);
