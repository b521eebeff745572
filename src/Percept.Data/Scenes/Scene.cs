using Percept.Media;

namespace Percept.Data;

/// <summary>A picture by its content: the things in it and the ground that they lie on.</summary>
public sealed record Scene
{
    /// <summary>Pixels of each side.</summary>
    public required int Side { get; init; }

    /// <summary>The things, in the order in which they are painted; none covers another.</summary>
    public required IReadOnlyList<SceneObject> Objects { get; init; }

    /// <summary>The ground at the upper left corner.</summary>
    public required ImageColor GroundFrom { get; init; }

    /// <summary>The ground at the lower right corner; between both it goes over evenly.</summary>
    public required ImageColor GroundTo { get; init; }

    /// <summary>The things that fit a description.</summary>
    /// <param name="filter">The description.</param>
    public IEnumerable<SceneObject> Find(SceneFilter filter) => Objects.Where(filter.Fits);

    /// <summary>How many things fit a description.</summary>
    /// <param name="filter">The description.</param>
    public int Count(SceneFilter filter) => Objects.Count(filter.Fits);

    /// <summary>Paints the scene.</summary>
    /// <returns>A picture in RGB; the same each time.</returns>
    public Image Draw() => ScenePainter.Draw(this);
}
