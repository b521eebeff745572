namespace Percept.Data;

/// <summary>How many items of each kind NLVR's boxes have, box by box: what statements judge, with many answers to a question.</summary>
internal static class NlvrTables
{
    private static readonly NlvrColor[] s_colors = Enum.GetValues<NlvrColor>();
    private static readonly NlvrShape[] s_shapes = Enum.GetValues<NlvrShape>();

    private static readonly (string Question, Func<IReadOnlyList<NlvrItem>, string> Row)[] s_scattered =
    [
        ("Count the items of each colour in each box.", Colors),
        ("Count the items of each shape in each box.", box => Row(s_shapes, NlvrList.Shape, shape => box.Count(item => item.Shape == shape))),
        ("Count the items of each size in each box.", box => Row(NlvrList.Sizes, NlvrList.Size, size => box.Count(item => item.Size == size))),
        ("Count the items of each colour and shape in each box.", box => string.Join(", ", s_colors.Select(color =>
            Row(s_shapes, shape => $"{NlvrList.Color(color)} {NlvrList.Shape(shape)}", shape => box.Count(item => item.Color == color && item.Shape == shape))))),
        ("Count the items that touch each wall of each box.", box => Row(NlvrList.Sides, side => side.Name, side => box.Count(side.IsTouched))),
        ("Count the items of each colour that touch a wall of each box.", box => Row(
            s_colors, NlvrList.Color, color => box.Count(item => item.Color == color && NlvrList.Sides.Any(side => side.IsTouched(item))))),
    ];

    private static readonly (string Question, Func<IReadOnlyList<NlvrItem>, string> Row)[] s_towers =
    [
        ("Count the blocks of each colour in each tower.", Colors),
        ("Count the blocks of each tower.", box => Row([box.Count], _ => "blocks", count => count)),
    ];

    /// <summary>Asks for tables, none of them twice.</summary>
    /// <param name="random">Draws which.</param>
    /// <param name="scene">The picture by its content.</param>
    /// <param name="count">How many at most.</param>
    internal static IEnumerable<(string Question, string Answer)> Ask(GeneratorRandom random, NlvrScene scene, int count)
    {
        var left = (scene.IsTower ? s_towers : s_scattered).ToList();
        while (count-- > 0 && left.Count > 0)
        {
            (string question, Func<IReadOnlyList<NlvrItem>, string> row) = left[random.Below(left.Count)];
            left.RemoveAll(table => table.Question == question);
            yield return (question, string.Join(' ', scene.Boxes.Select((box, i) => FormattableString.Invariant($"{i + 1}: {row(box)}."))));
        }
    }

    private static string Colors(IReadOnlyList<NlvrItem> box) => Row(s_colors, NlvrList.Color, color => box.Count(item => item.Color == color));

    private static string Row<T>(IEnumerable<T> kinds, Func<T, string> name, Func<T, int> count) =>
        string.Join(' ', kinds.Select(kind => FormattableString.Invariant($"{name(kind)} {count(kind)}")));
}
