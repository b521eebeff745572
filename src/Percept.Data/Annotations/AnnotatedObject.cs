namespace Percept.Data;

/// <summary>An object that is marked in a picture.</summary>
/// <param name="Name">What it is.</param>
/// <param name="X">The left side of its box in pixels.</param>
/// <param name="Y">The upper side.</param>
/// <param name="Width">The box's width in pixels.</param>
/// <param name="Height">The box's height in pixels.</param>
public sealed record AnnotatedObject(string Name, double X, double Y, double Width, double Height)
{
    /// <summary>How it looks: <c>red</c>, <c>wooden</c> …</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>The name with the attributes before it.</summary>
    public string Described => string.Join(' ', Attributes.Append(Name));
}
