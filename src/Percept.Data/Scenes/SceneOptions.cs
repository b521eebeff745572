namespace Percept.Data;

/// <summary>How generated scenes look.</summary>
public sealed record SceneOptions
{
    /// <summary>Pixels of each side of a picture, 64 to 512.</summary>
    public int Side { get; init; } = 128;

    /// <summary>The most things in a scene that no question needs, 2 to 7.</summary>
    public int MostThings { get; init; } = 6;

    /// <summary>
    /// How many questions are asked about a picture, 1 to 16. Those behind the first are asked about the scene that the first one has
    /// drawn: they come at the cost of their text, but what their answers are is not as even.
    /// </summary>
    public int Questions { get; init; } = 1;

    /// <summary>Which combinations of attributes are used, and which numbers.</summary>
    public SceneSplit Split { get; init; } = SceneSplit.Train;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Check()
    {
        CheckSide(Side);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostThings, 2, nameof(MostThings));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MostThings, 7, nameof(MostThings));
        ArgumentOutOfRangeException.ThrowIfLessThan(Questions, 1, nameof(Questions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Questions, 16, nameof(Questions));
    }

    /// <summary>Checks the side of a picture.</summary>
    /// <param name="side">Pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not 64 to 512.</exception>
    internal static void CheckSide(int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 64, nameof(Side));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, 512, nameof(Side));
    }
}
