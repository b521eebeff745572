namespace Percept.Data;

/// <summary>Describes generated scenes in words, each style in one fixed way, so that a picture has one right caption of a style.</summary>
public static class SceneCaptions
{
    private static readonly string[] s_rows = ["top", "middle", "bottom"];
    private const int Fields = 4;

    private static readonly string[] s_columns = ["left", "middle", "right"];

    /// <summary>All things by colour and shape, from left to right: <c>A red circle, two blue stars and a black heart.</c></summary>
    /// <param name="scene">The scene.</param>
    public static string Short(Scene scene) => Sentence(Groups(scene));

    /// <summary>
    /// How many things there are, and how many of each shape: <c>There are 4 things: a circle, two stars and a heart.</c>
    /// </summary>
    /// <param name="scene">The scene.</param>
    public static string Summary(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        IEnumerable<string> shapes = FromLeft(scene).GroupBy(o => o.Shape)
            .Select(g => SceneVocabulary.Counted(g.Count(), new SceneFilter(Shape: g.Key)));
        string count = scene.Objects.Count == 1 ? "is 1 thing"
            : FormattableString.Invariant($"are {scene.Objects.Count} things");
        return $"There {count}: {SceneVocabulary.List([.. shapes])}.";
    }

    /// <summary>Each thing with size and place, from left to right: <c>A small red circle is at the top left. …</c></summary>
    /// <param name="scene">The scene.</param>
    public static string Detailed(Scene scene) => string.Join(' ', FromLeft(scene).Select(o =>
        $"{Capital(SceneVocabulary.Counted(1, o.Filter))} is {Place(o, scene.Side)}."));

    /// <summary>Each thing with its box, from left to right: <c>red circle [3,5,20,22]; blue star [40,41,66,67]</c></summary>
    /// <param name="scene">The scene.</param>
    public static string Grounded(Scene scene) => string.Join("; ", FromLeft(scene).Select(o =>
        $"{o} {BoxText.Format(o.Box, scene.Side, scene.Side)}"));

    /// <summary>
    /// What lies in each of four by four fields, by the middles of things, row by row: <c>- - red circle - - - - / …</c>. Each field has two
    /// words, so that a field's place in the text is its place in the picture. Null where two things lie in one field.
    /// </summary>
    /// <param name="scene">The scene.</param>
    public static string? Map(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        var fields = new string?[Fields * Fields];
        foreach (SceneObject thing in scene.Objects)
        {
            int field = (Fields * Field(thing.Y, scene.Side)) + Field(thing.X, scene.Side);
            if (fields[field] is not null)
            {
                return null;
            }

            fields[field] = thing.ToString();
        }

        return string.Join(" / ", fields.Chunk(Fields).Select(row => string.Join(' ', row.Select(field => field ?? "- -"))));
    }

    /// <summary>The groups of things of one colour and shape, from left to right by the first of each.</summary>
    internal static List<(SceneFilter Kind, int Count)> Groups(Scene scene) =>
    [
        .. FromLeft(scene).GroupBy(o => new SceneFilter(o.Color, o.Shape)).Select(g => (g.Key, g.Count())),
    ];

    /// <summary>The groups as a sentence.</summary>
    internal static string Sentence(IEnumerable<(SceneFilter Kind, int Count)> groups) =>
        Capital(SceneVocabulary.List([.. groups.Select(g => SceneVocabulary.Counted(g.Count, g.Kind))])) + ".";

    private static IOrderedEnumerable<SceneObject> FromLeft(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return scene.Objects.OrderBy(o => o.X);
    }

    /// <summary>The row or the column of the map that a place lies in, from 0.</summary>
    internal static int Field(double place, int side) => Math.Clamp((int)(Fields * place / side), 0, Fields - 1);

    private static string Place(SceneObject thing, int side)
    {
        string row = s_rows[Math.Clamp((int)(3 * thing.Y / side), 0, 2)];
        string column = s_columns[Math.Clamp((int)(3 * thing.X / side), 0, 2)];
        return (row, column) switch
        {
            ("middle", "middle") => "in the middle",
            ("middle", _) => $"at the {column}",
            (_, "middle") => $"at the {row}",
            _ => $"at the {row} {column}",
        };
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
