namespace Percept.Data;

/// <summary>The content of NLVR's boxes as text: what lies in each, in one fixed way.</summary>
/// <remarks>
/// A statement that is true or false says little of a picture; a list says all of it, so that a model learns far sooner to see.
/// </remarks>
public static class NlvrList
{
    /// <summary>What asks for a list.</summary>
    public const string Question = "List the items of each box.";

    private const int Step = 10;

    /// <summary>
    /// Items from left to right with size, colour, shape, the tenth, across and down, that their middle lies in, and the walls that they touch:
    /// <c>1: small black circle 0,4 left; big blue square 5,2. 2: …</c>. Towers from the ground up: <c>1: tower blue black. 2: …</c>.
    /// </summary>
    /// <param name="scene">The scene.</param>
    public static string Of(NlvrScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        bool isTower = scene.IsTower;
        return string.Join(' ', scene.Boxes.Select((box, i) => FormattableString.Invariant($"{i + 1}: {Box(box, isTower)}.")));
    }

    private static string Box(IReadOnlyList<NlvrItem> box, bool isTower) => isTower
        ? "tower " + string.Join(' ', box.OrderByDescending(item => item.Y).Select(item => Color(item.Color)))
        : string.Join("; ", box.OrderBy(item => item.X + (item.Size / 2)).ThenBy(item => item.Y).Select(Item));

    private static string Item(NlvrItem item)
    {
        int middle = item.Size / 2;
        return FormattableString.Invariant(
            $"{Size(item.Size)} {Color(item.Color)} {Shape(item.Shape)} {(item.X + middle) / Step},{(item.Y + middle) / Step}{Walls(item)}");
    }

    private static string Walls(NlvrItem item) => string.Concat(Sides.Where(side => side.IsTouched(item)).Select(side => " " + side.Name));

    /// <summary>The four walls of a box, and which items touch them.</summary>
    internal static IReadOnlyList<(string Name, Func<NlvrItem, bool> IsTouched)> Sides { get; } =
        [("left", item => item.Left == 0), ("right", item => item.Right == 0), ("top", item => item.Top == 0), ("bottom", item => item.Bottom == 0)];

    /// <summary>The sizes of scattered items in pixels.</summary>
    internal static IReadOnlyList<int> Sizes { get; } = [10, 20, 30];

    internal static string Size(int size) => size switch { < 20 => "small", 20 => "medium", _ => "big" };

    internal static string Shape(NlvrShape shape) => shape switch { NlvrShape.Square => "square", NlvrShape.Circle => "circle", _ => "triangle" };

    internal static string Color(NlvrColor color) => color switch
    {
        NlvrColor.Black => "black",
        NlvrColor.Yellow => "yellow",
        _ => "blue",
    };
}
