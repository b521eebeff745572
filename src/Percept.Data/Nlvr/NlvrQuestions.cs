using System.Globalization;

namespace Percept.Data;

/// <summary>Short questions for the content of NLVR's boxes: how many, in which box, what touches a wall, what lies on top.</summary>
/// <remarks>They name a box by its place, so that a model learns which picture is meant before it judges statements about all.</remarks>
internal static class NlvrQuestions
{
    private const int Tries = 40;

    private static readonly string[] s_ordinals = ["first", "second", "third"];

    /// <summary>Asks questions, none of them twice.</summary>
    /// <param name="random">Draws what is asked.</param>
    /// <param name="scene">The picture by its content.</param>
    /// <param name="count">How many at most.</param>
    internal static List<(string Question, string Answer)> Ask(GeneratorRandom random, NlvrScene scene, int count)
    {
        var asked = new List<(string Question, string Answer)>();
        bool isTower = scene.IsTower;
        for (int attempt = 0; asked.Count < count && attempt < Tries * count; attempt++)
        {
            (string question, string answer) = isTower ? Tower(random, scene) : Scattered(random, scene);
            if (asked.TrueForAll(other => other.Question != question))
            {
                asked.Add((question, answer));
            }
        }

        return asked;
    }

    private static (string Question, string Answer) Scattered(GeneratorRandom random, NlvrScene scene)
    {
        int at = random.Below(scene.Boxes.Count);
        IReadOnlyList<NlvrItem> box = scene.Boxes[at];

        // Mostly of the kind of an item that is there: what was drawn at random would mostly be absent.
        NlvrItem like = random.Chance(0.7)
            ? random.Pick(box) : random.Pick<NlvrItem>([.. scene.Items]) with { Color = (NlvrColor)random.Below(3) };
        (string one, string many, Func<NlvrItem, bool> fits) = random.Below(5) switch
        {
            0 => Kind(null, like.Color, null),
            1 => Kind(null, null, like.Shape),
            2 => Kind(like.Size, like.Color, null),
            _ => Kind(null, like.Color, like.Shape),
        };
        return random.Below(8) switch
        {
            0 => ($"How many items are in the {s_ordinals[at]} box?", Text(box.Count)),
            1 => ($"How many {many} are there in all boxes?", Text(scene.Items.Count(fits))),
            2 => ($"How many boxes have {A(one)}?", Text(scene.Boxes.Count(b => b.Any(fits)))),
            3 => ($"How many {many} touch a wall in the {s_ordinals[at]} box?", Text(box.Count(item => fits(item) && Touches(item)))),
            4 => ($"Is there {A(one)} in each box?", scene.Boxes.All(b => b.Any(fits)) ? "yes" : "no"),
            _ => ($"How many {many} are in the {s_ordinals[at]} box?", Text(box.Count(fits))),
        };
    }

    private static (string Question, string Answer) Tower(GeneratorRandom random, NlvrScene scene)
    {
        int at = random.Below(scene.Boxes.Count);
        NlvrItem[][] towers = [.. scene.Boxes.Select(box => box.OrderByDescending(item => item.Y).ToArray())];
        NlvrItem[] tower = towers[at];
        NlvrColor color = random.Pick(tower).Color;
        string name = NlvrList.Color(color);
        int level = random.Below(tower.Length);
        return random.Below(8) switch
        {
            0 => ($"How many blocks has the {s_ordinals[at]} tower?", Text(tower.Length)),
            1 => ($"What colour is the top of the {s_ordinals[at]} tower?", NlvrList.Color(tower[^1].Color)),
            2 => ($"What colour is the base of the {s_ordinals[at]} tower?", NlvrList.Color(tower[0].Color)),
            3 => ($"How many towers have a {name} block at the top?", Text(towers.Count(t => t[^1].Color == color))),
            4 => ($"How many towers have a {name} block at the base?", Text(towers.Count(t => t[0].Color == color))),
            5 => ($"How many {name} blocks are there?", Text(scene.Items.Count(item => item.Color == color))),
            6 => ($"How many {name} blocks has the {s_ordinals[at]} tower?", Text(tower.Count(item => item.Color == color))),
            _ => (
                string.Create(CultureInfo.InvariantCulture, $"What colour is block {level + 1} of the {s_ordinals[at]} tower from the ground?"),
                NlvrList.Color(tower[level].Color)),
        };
    }

    private static (string One, string Many, Func<NlvrItem, bool> Fits) Kind(int? size, NlvrColor? color, NlvrShape? shape)
    {
        string name = shape is { } named ? NlvrList.Shape(named) : "item";
        if (color is { } painted)
        {
            name = $"{NlvrList.Color(painted)} {name}";
        }

        if (size is { } wide)
        {
            name = $"{NlvrList.Size(wide)} {name}";
        }

        return (name, name + "s", item => (size is null || item.Size == size) && (color is null || item.Color == color) && (shape is null || item.Shape == shape));
    }

    private static bool Touches(NlvrItem item) => NlvrList.Sides.Any(side => side.IsTouched(item));

    private static string A(string name) => $"{SceneVocabulary.Article(name)} {name}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
