using System.Globalization;
using Percept.Media;

namespace Percept.Data;

/// <summary>The words of generated scenes, and which colour may come with which shape.</summary>
public static class SceneVocabulary
{
    private static readonly string[] s_numbers =
    [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];

    private static readonly string[] s_shapes = [.. Enum.GetNames<SceneShape>().Select(name => name.ToLowerInvariant())];

    private static readonly string[] s_colors = [.. Enum.GetNames<SceneColor>().Select(name => name.ToLowerInvariant())];

    // One colour of each shape, all different; white comes with every shape.
    private static readonly SceneColor[] s_heldOut =
    [
        SceneColor.Purple, SceneColor.Orange, SceneColor.Pink, SceneColor.Black,
        SceneColor.Red, SceneColor.Yellow, SceneColor.Blue, SceneColor.Green,
    ];

    private static readonly ImageColor[] s_paints =
    [
        new(214, 40, 40), new(36, 150, 62), new(36, 72, 214), new(244, 220, 40), new(132, 44, 168),
        new(242, 130, 24), new(248, 142, 196), new(16, 16, 16), new(250, 250, 250),
    ];

    /// <summary>The names of shapes in the order of <see cref="SceneShape"/>.</summary>
    public static IReadOnlyList<string> Shapes => s_shapes;

    /// <summary>The names of colours in the order of <see cref="SceneColor"/>.</summary>
    public static IReadOnlyList<string> Colors => s_colors;

    /// <summary>Whether a colour with a shape is kept from training: shown and named in <see cref="SceneSplit.HeldOut"/> only.</summary>
    /// <param name="color">The colour.</param>
    /// <param name="shape">The shape.</param>
    public static bool IsHeldOut(SceneColor color, SceneShape shape) => s_heldOut[(int)shape] == color;

    /// <summary>The name of a shape.</summary>
    /// <param name="shape">The shape.</param>
    public static string Name(SceneShape shape) => s_shapes[(int)shape];

    /// <summary>The name of a colour.</summary>
    /// <param name="color">The colour.</param>
    public static string Name(SceneColor color) => s_colors[(int)color];

    /// <summary>The name of a size.</summary>
    /// <param name="size">The size.</param>
    public static string Name(SceneSize size) => size == SceneSize.Small ? "small" : "large";

    /// <summary>The name of what fits a description: <c>small red circles</c>, <c>thing</c> where no shape is named.</summary>
    /// <param name="filter">The description.</param>
    /// <param name="count">How many: one has the singular, all else the plural.</param>
    public static string Name(SceneFilter filter, int count)
    {
        string noun = filter.Shape is { } shape ? Name(shape) : "thing";
        string plural = count == 1 ? noun : filter.Shape is SceneShape.Cross ? noun + "es" : noun + "s";
        string color = filter.Color is { } named ? Name(named) + " " : "";
        return filter.Size is { } size ? $"{Name(size)} {color}{plural}" : color + plural;
    }

    /// <summary>A number of things in words: <c>an orange star</c>, <c>two red circles</c>.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <param name="filter">What.</param>
    public static string Counted(int count, SceneFilter filter)
    {
        string name = Name(filter, count);
        return count == 1 ? $"{Article(name)} {name}" : $"{Number(count)} {name}";
    }

    /// <summary>A number in words, to twelve; greater ones in digits. 0 is <c>no</c>.</summary>
    /// <param name="number">The number, at least 0.</param>
    public static string Number(int number) => number < s_numbers.Length
        ? s_numbers[number]
        : number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Several phrases as a list: <c>a, b and c</c>.</summary>
    /// <param name="phrases">The phrases, at least one.</param>
    public static string List(IReadOnlyList<string> phrases)
    {
        ArgumentNullException.ThrowIfNull(phrases);
        return phrases.Count < 2 ? string.Concat(phrases) : $"{string.Join(", ", phrases.Take(phrases.Count - 1))} and {phrases[^1]}";
    }

    /// <summary>The paint that a colour is mixed around.</summary>
    internal static ImageColor Paint(SceneColor color) => s_paints[(int)color];

    internal static string Article(string name) => name[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an" : "a";
}
