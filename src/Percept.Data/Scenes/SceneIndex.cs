using System.Globalization;

namespace Percept.Data;

/// <summary>
/// A scene in tables: for each colour, and for each shape, what has it. Each table names all colours or shapes in one order, so that a model
/// learns at every entry to find things by what they are, as a map teaches it to find them by where they are.
/// </summary>
internal static class SceneIndex
{
    private const string Nothing = "-";

    /// <summary>All tables of a scene, each with its question.</summary>
    internal static IReadOnlyList<SceneTurn> Of(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return
        [
            new("List the shapes by colour.", ByColor(scene, Each(thing => Word(thing.Shape)))),
            new("List the colours by shape.", ByShape(scene, Each(thing => Word(thing.Color)))),
            new("List the places by colour.", ByColor(scene, Each(thing => Place(thing, scene)))),
            new("List the places by shape.", ByShape(scene, Each(thing => Place(thing, scene)))),
            new("List the boxes by colour.", ByColor(scene, Each(thing => Box(thing, scene)))),
            new("List the boxes by shape.", ByShape(scene, Each(thing => Box(thing, scene)))),
            new("List the sizes by colour.", ByColor(scene, Each(thing => thing.Size == SceneSize.Small ? "small" : "large"))),
            new("List the sizes by shape.", ByShape(scene, Each(thing => thing.Size == SceneSize.Small ? "small" : "large"))),
            new("Count the things of each colour.", ByColor(scene, Count)),
            new("Count the things of each shape.", ByShape(scene, Count)),
        ];
    }

    private static string ByColor(Scene scene, Func<SceneObject[], string> entry) => string.Join(
        " / ", SceneVocabulary.Colors.Select((name, i) => $"{name} {entry(Having(scene, thing => (int)thing.Color == i))}"));

    private static string ByShape(Scene scene, Func<SceneObject[], string> entry) => string.Join(
        " / ", SceneVocabulary.Shapes.Select((name, i) => $"{name} {entry(Having(scene, thing => (int)thing.Shape == i))}"));

    private static SceneObject[] Having(Scene scene, Func<SceneObject, bool> fits) => [.. scene.Objects.Where(fits).OrderBy(thing => thing.X)];

    private static Func<SceneObject[], string> Each(Func<SceneObject, string> word) =>
        things => things.Length == 0 ? Nothing : string.Join(' ', things.Select(word));

    private static string Count(SceneObject[] things) => things.Length.ToString(CultureInfo.InvariantCulture);

    private static string Word(SceneShape shape) => SceneVocabulary.Shapes[(int)shape];

    private static string Word(SceneColor color) => SceneVocabulary.Colors[(int)color];

    private static string Box(SceneObject thing, Scene scene) => BoxText.Format(thing.Box, scene.Side, scene.Side);

    /// <summary>Row and column of four by four fields, counted from 1.</summary>
    private static string Place(SceneObject thing, Scene scene) =>
        string.Create(CultureInfo.InvariantCulture, $"{1 + SceneCaptions.Field(thing.Y, scene.Side)} {1 + SceneCaptions.Field(thing.X, scene.Side)}");
}
