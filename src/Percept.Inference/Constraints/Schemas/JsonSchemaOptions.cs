namespace Percept.Inference;

/// <summary>How JSON is written under a schema.</summary>
public sealed record JsonSchemaOptions
{
    /// <summary>
    /// The greatest number of characters of white space between two parts of a document: one space or tab, or a line break
    /// with the indent of the next line behind it. 0 for none at all. The default leaves room for an indent of 32, so that
    /// indented documents of usual depth can be written, while a model cannot write white space forever.
    /// </summary>
    public int MaxWhitespace { get; init; } = 33;
}
