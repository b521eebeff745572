namespace Percept.Evaluation;

/// <summary>What a caption makes up.</summary>
/// <param name="Mentioned">How many mentions of known objects it has.</param>
/// <param name="Invented">The mentions that are not in the picture, each by its object's name.</param>
public sealed record ChairScore(int Mentioned, IReadOnlyList<string> Invented);
