namespace Percept.Data;

/// <summary>Which things a caption names, and which of them a scene does not have: the counts behind a CHAIR score.</summary>
/// <remarks>Rohrbach et al., "Object Hallucination in Image Captioning", 2018, with kinds of generated scenes for objects.</remarks>
public static class CaptionObjects
{
    private static readonly Dictionary<string, SceneShape> s_shapes = MakeShapes();

    private static readonly Dictionary<string, SceneColor> s_colors = MakeColors();

    /// <summary>All names of kinds that captions can have: each colour with each shape, and each shape alone.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } =
    [
        .. SceneVocabulary.Shapes,
        .. SceneVocabulary.Colors.SelectMany(color => SceneVocabulary.Shapes.Select(shape => $"{color} {shape}")),
    ];

    /// <summary>The kinds of things in a scene, each once.</summary>
    /// <param name="scene">The scene.</param>
    public static IReadOnlyList<SceneFilter> In(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return [.. scene.Objects.Select(o => new SceneFilter(o.Color, o.Shape)).Distinct()];
    }

    /// <summary>The kinds that a caption names: shapes, with the colour word directly before them where there is one.</summary>
    /// <param name="caption">The caption.</param>
    /// <returns>One a mention, in order.</returns>
    public static IReadOnlyList<SceneFilter> Mentioned(string caption)
    {
        ArgumentNullException.ThrowIfNull(caption);
        var found = new List<SceneFilter>();
        SceneColor? color = null;
        foreach (string word in caption.Split([' ', ',', '.', ';', ':', '!', '?', '\n', '"'], StringSplitOptions.RemoveEmptyEntries))
        {
            string small = word.ToLowerInvariant();
            if (s_shapes.TryGetValue(small, out SceneShape shape))
            {
                found.Add(new SceneFilter(color, shape));
            }

            color = s_colors.TryGetValue(small, out SceneColor named) ? named : null;
        }

        return found;
    }

    /// <summary>The mentions that no thing of a scene fits.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="caption">The caption.</param>
    /// <returns>One a mention, in order; the share of them among <see cref="Mentioned"/> is CHAIR's score by instances.</returns>
    public static IReadOnlyList<SceneFilter> Hallucinated(Scene scene, string caption)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return [.. Mentioned(caption).Where(kind => scene.Count(kind) == 0)];
    }

    private static Dictionary<string, SceneShape> MakeShapes()
    {
        var shapes = new Dictionary<string, SceneShape>(StringComparer.Ordinal);
        foreach (SceneShape shape in Enum.GetValues<SceneShape>())
        {
            shapes[SceneVocabulary.Name(new SceneFilter(Shape: shape), 1)] = shape;
            shapes[SceneVocabulary.Name(new SceneFilter(Shape: shape), 2)] = shape;
        }

        return shapes;
    }

    private static Dictionary<string, SceneColor> MakeColors() =>
        Enum.GetValues<SceneColor>().ToDictionary(SceneVocabulary.Name, color => color, StringComparer.Ordinal);
}
