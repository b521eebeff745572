namespace Percept.Data;

/// <summary>What people wrote down about one picture: the stuff that instructions are made of.</summary>
public sealed record AnnotatedImage
{
    /// <summary>The picture's id in its annotations.</summary>
    public required string Id { get; init; }

    /// <summary>Its file, relative to the folder of pictures.</summary>
    public required string File { get; init; }

    /// <summary>Pixels a row; 0 where nobody says.</summary>
    public int Width { get; init; }

    /// <summary>Rows; 0 where nobody says.</summary>
    public int Height { get; init; }

    /// <summary>Sentences about the picture.</summary>
    public IReadOnlyList<string> Captions { get; init; } = [];

    /// <summary>The objects that are marked in it.</summary>
    public IReadOnlyList<AnnotatedObject> Objects { get; init; } = [];

    /// <summary>Kinds of objects of which not all are marked one by one, such as people in a crowd: nothing is counted of them.</summary>
    public IReadOnlyList<string> Uncountable { get; init; } = [];

    /// <summary>How objects stand to each other.</summary>
    public IReadOnlyList<AnnotatedRelation> Relations { get; init; } = [];

    /// <summary>Questions with their answers.</summary>
    public IReadOnlyList<AnnotatedQuestion> Questions { get; init; } = [];
}
