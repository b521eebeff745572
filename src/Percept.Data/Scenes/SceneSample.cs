using Percept.Media;

namespace Percept.Data;

/// <summary>Generated pictures with questions and answers that follow from their content.</summary>
public sealed record SceneSample
{
    /// <summary>What is asked.</summary>
    public required SceneTask Task { get; init; }

    /// <summary>The pictures by their content, in the order in which the first question shows them.</summary>
    public required IReadOnlyList<Scene> Scenes { get; init; }

    /// <summary>The conversation, at least one question.</summary>
    public required IReadOnlyList<SceneTurn> Turns { get; init; }

    /// <summary>The exact box in pixels where the last answer is one; else null.</summary>
    public ImageBox? Target { get; init; }
}
