namespace Percept.Data;

/// <summary>Makes scenes like those of NLVR, and changes them a little.</summary>
internal static class NlvrScenes
{
    private const int MostItems = 7;
    private const int MostBlocks = 4;

    /// <summary>Items touch a side or stay this far from it: what lies between is in doubt.</summary>
    private const int Clear = 3;

    private static readonly int[] s_sizes = [10, 20, 30];

    /// <summary>A scene like those of the dataset: one to seven items a box, or a tower of one to four blocks.</summary>
    internal static NlvrScene Any(GeneratorRandom random, bool isTower)
    {
        var boxes = new List<NlvrItem>[3];
        for (int i = 0; i < boxes.Length; i++)
        {
            boxes[i] = [];
            int count = random.Between(1, isTower ? MostBlocks : MostItems);
            for (int k = 0; k < count; k++)
            {
                if (isTower)
                {
                    boxes[i].Add(Block(Color(random), k));
                }
                else if (Place(random, boxes[i], Shape(random), Color(random), random.Pick(s_sizes)) is { } item)
                {
                    boxes[i].Add(item);
                }
            }
        }

        return new NlvrScene(boxes);
    }

    /// <summary>The scene with one thing changed: a colour, a shape, a place, an item more or less.</summary>
    internal static NlvrScene Change(GeneratorRandom random, NlvrScene scene, bool isTower)
    {
        int at = random.Below(3);
        var box = new List<NlvrItem>(scene.Boxes[at]);
        int chosen = random.Below(box.Count);
        int way = isTower ? random.Pick(0, 0, 1, 2) : random.Pick(0, 0, 1, 2, 3, 3, 3, 4);
        switch (way)
        {
            case 0:
                box[chosen] = box[chosen] with { Color = Color(random) };
                break;
            case 1 when isTower && box.Count < MostBlocks:
                box.Add(Block(Color(random), box.Count));
                break;
            case 1 when !isTower && box.Count < MostItems:
                AddTo(box, Place(random, box, Shape(random), Color(random), random.Pick(s_sizes)));
                break;
            case 2 when box.Count > 1:
                box.RemoveAt(isTower ? box.Count - 1 : chosen);
                break;
            case 3:
            {
                NlvrItem old = box[chosen];
                box.RemoveAt(chosen);
                box.Insert(chosen, Place(random, box, old.Shape, old.Color, old.Size) ?? old);
                break;
            }

            case 4:
                box[chosen] = box[chosen] with { Shape = Shape(random) };
                break;
            default:
                break;
        }

        var boxes = new List<IReadOnlyList<NlvrItem>>(scene.Boxes) { [at] = box };
        return new NlvrScene(boxes);
    }

    private static NlvrItem Block(NlvrColor color, int level) => new(NlvrShape.Square, color, 40, 80 - (21 * level), 20);

    private static NlvrColor Color(GeneratorRandom random) => (NlvrColor)random.Below(3);

    private static NlvrShape Shape(GeneratorRandom random) => (NlvrShape)random.Below(3);

    private static void AddTo(List<NlvrItem> box, NlvrItem? item)
    {
        if (item is { } found)
        {
            box.Add(found);
        }
    }

    /// <summary>A free place; a third of all items touch a side.</summary>
    private static NlvrItem? Place(GeneratorRandom random, List<NlvrItem> box, NlvrShape shape, NlvrColor color, int size)
    {
        int most = NlvrScene.BoxSide - size;
        for (int attempt = 0; attempt < 30; attempt++)
        {
            int x = Along(random, most), y = Along(random, most);
            bool free = true;
            foreach (NlvrItem other in box)
            {
                free &= x > other.X + other.Size || other.X > x + size || y > other.Y + other.Size || other.Y > y + size;
            }

            if (free)
            {
                return new NlvrItem(shape, color, x, y, size);
            }
        }

        return null;
    }

    private static int Along(GeneratorRandom random, int most) =>
        random.Chance(0.22) ? (random.Coin() ? 0 : most) : random.Between(Clear, most - Clear);
}
