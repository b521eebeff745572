namespace Percept.Models;

/// <summary>A family of models, and how one is made of its files.</summary>
/// <param name="ModelTypes">The <c>model_type</c>s of its configurations.</param>
/// <param name="Kind">What such a model is, in a word or two.</param>
/// <param name="Make">Makes the model; it opens the files with the family's key map.</param>
public sealed record ModelFamily(IReadOnlyList<string> ModelTypes, string Kind, Func<ModelFiles, object> Make);
