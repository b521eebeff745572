namespace Percept.Inference;

/// <summary>How JSON is written under a schema.</summary>
public sealed record JsonSchemaOptions
{
    /// <summary>
    /// The greatest number of spaces, tabs and line breaks in a row between the parts of a document; 0 for none. A
    /// bound keeps a model from writing white space forever.
    /// </summary>
    public int MaxWhitespace { get; init; } = 64;
}
