namespace Percept.Data;

/// <summary>A statement of NLVR about a picture.</summary>
/// <param name="Sentence">The statement.</param>
/// <param name="Label">Whether it is true.</param>
/// <param name="Identifier">The presentation and the picture in it, <c>n-m</c>.</param>
/// <param name="Directory">The directory that the picture lies in; empty where the part has none.</param>
/// <param name="Scene">The picture by its content, in order 0.</param>
public sealed record NlvrRecord(string Sentence, bool Label, string Identifier, string Directory, NlvrScene Scene);
