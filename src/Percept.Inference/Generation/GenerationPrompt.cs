namespace Percept.Inference;

/// <summary>The ids that one row continues.</summary>
/// <param name="Ids">
/// The ids, left padding included. Empty for a prompt that was given to the session as embeddings.
/// </param>
/// <param name="Padding">
/// How many of them are left padding: never fed to the session, but counted by lengths and seen by those processors
/// that see it in the reference. 0 unless a padded batch of the reference is to be followed.
/// </param>
public sealed record GenerationPrompt(IReadOnlyList<int> Ids, int Padding = 0);
