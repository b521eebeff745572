using Percept.Media;

namespace Percept.Data;

/// <summary>Makes a scene that has what a question needs: things of given kinds, and none of others.</summary>
internal sealed class SceneBuilder
{
    private const int Tries = 40;

    /// <summary>Free space between things, as a part of the side.</summary>
    private const double Gap = 0.02;

    private readonly GeneratorRandom _random;
    private readonly SceneOptions _options;
    private readonly List<SceneFilter> _things = [];
    private readonly List<SceneFilter> _forbidden = [];

    internal SceneBuilder(GeneratorRandom random, SceneOptions options)
    {
        _random = random;
        _options = options;
    }

    internal int Count => _things.Count;

    /// <summary>Adds a thing that fits a description; what is forbidden does not hold for it.</summary>
    /// <returns>All its attributes.</returns>
    internal SceneFilter Add(SceneFilter filter = default)
    {
        SceneFilter thing = Draw(_random, _options.Split, filter, []);
        _things.Add(thing);
        return thing;
    }

    /// <summary>No thing that is added by <see cref="AddOthers"/> fits this description.</summary>
    internal void Forbid(SceneFilter filter) => _forbidden.Add(filter);

    /// <summary>Adds things that fit no forbidden description.</summary>
    internal void AddOthers(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _things.Add(Draw(_random, _options.Split, default, _forbidden));
        }
    }

    /// <summary>Adds a thing that fits a description and no forbidden one.</summary>
    internal void AddOther(SceneFilter filter) => _things.Add(Draw(_random, _options.Split, filter, _forbidden));

    /// <summary>Places the things in a random order; null when they do not fit in.</summary>
    internal Scene? Build()
    {
        SceneFilter[] order = [.. _things];
        _random.Shuffle<SceneFilter>(order);
        return Place(order);
    }

    /// <summary>A scene of things without conditions.</summary>
    internal static Scene Any(GeneratorRandom random, SceneOptions options, int fewest, int most)
    {
        while (true)
        {
            var builder = new SceneBuilder(random, options);
            builder.AddOthers(random.Between(fewest, most));
            if (builder.Build() is { } scene)
            {
                return scene;
            }
        }
    }

    /// <summary>A thing with attributes of the split that fits one description and none of others.</summary>
    internal static SceneFilter Draw(
        GeneratorRandom random, SceneSplit split, SceneFilter filter, IReadOnlyList<SceneFilter> forbidden)
    {
        // Half of the things of the part that is kept from training are of its combinations.
        bool wantsHeldOut = split == SceneSplit.HeldOut && random.Coin();
        for (int attempt = 0; attempt < 4000; attempt++)
        {
            SceneColor color = filter.Color ?? (SceneColor)random.Below(SceneVocabulary.Colors.Count);
            SceneShape shape = filter.Shape ?? (SceneShape)random.Below(SceneVocabulary.Shapes.Count);
            SceneSize size = filter.Size ?? (SceneSize)random.Below(2);
            bool heldOut = SceneVocabulary.IsHeldOut(color, shape);
            bool allowed = split == SceneSplit.HeldOut ? heldOut == wantsHeldOut || attempt > 200 : !heldOut;
            bool free = true;
            foreach (SceneFilter other in forbidden)
            {
                free &= !other.Fits(color, shape, size);
            }

            if (allowed && free)
            {
                return new SceneFilter(color, shape, size);
            }
        }

        throw new InvalidOperationException($"No thing fits '{filter}' and none of {string.Join(", ", forbidden)}.");
    }

    private Scene? Place(SceneFilter[] things)
    {
        int side = _options.Side;
        var placed = new List<SceneObject>(things.Length);
        var boxes = new List<ImageBox>(things.Length);
        foreach (SceneFilter thing in things)
        {
            SceneObject? found = null;
            for (int attempt = 0; attempt < Tries && found is null; attempt++)
            {
                SceneObject candidate = PlaceOne(thing, side);
                ImageBox box = candidate.Box;
                if (!IsNearAny(box, boxes, Gap * side))
                {
                    found = candidate;
                    boxes.Add(box);
                }
            }

            if (found is null)
            {
                return null;
            }

            placed.Add(found);
        }

        (ImageColor from, ImageColor to) = Ground(_random);
        return new Scene { Side = side, Objects = placed, GroundFrom = from, GroundTo = to };
    }

    private SceneObject PlaceOne(SceneFilter thing, int side)
    {
        double radius = side * (thing.Size == SceneSize.Small ? _random.Range(0.07, 0.085) : _random.Range(0.125, 0.16));
        double margin = radius + 1;
        return new SceneObject
        {
            Shape = thing.Shape!.Value,
            Color = thing.Color!.Value,
            Size = thing.Size!.Value,
            Paint = Jitter(SceneVocabulary.Paint(thing.Color.Value), 12),
            Radius = radius,
            X = _random.Range(margin, side - margin),
            Y = _random.Range(margin, side - margin),
            Turn = _random.Range(-0.12, 0.12),
        };
    }

    /// <summary>Two grounds of middling grey with a tint; half of all pictures have one ground alone.</summary>
    internal static (ImageColor From, ImageColor To) Ground(GeneratorRandom random)
    {
        ImageColor from = Tint(random);
        return (from, random.Coin() ? from : Tint(random));
    }

    private static ImageColor Tint(GeneratorRandom random)
    {
        int gray = random.Between(112, 172);
        return new ImageColor(
            (byte)(gray + random.Between(-14, 14)), (byte)(gray + random.Between(-14, 14)), (byte)(gray + random.Between(-14, 14)));
    }

    private ImageColor Jitter(ImageColor color, int most) => new(
        (byte)Math.Clamp(color.Red + _random.Between(-most, most), 0, 255),
        (byte)Math.Clamp(color.Green + _random.Between(-most, most), 0, 255),
        (byte)Math.Clamp(color.Blue + _random.Between(-most, most), 0, 255));

    /// <summary>Whether no thing's box reaches into another's.</summary>
    internal static bool AreApart(IReadOnlyList<SceneObject> things)
    {
        var boxes = new List<ImageBox>(things.Count);
        foreach (SceneObject thing in things)
        {
            ImageBox box = thing.Box;
            if (IsNearAny(box, boxes, 0))
            {
                return false;
            }

            boxes.Add(box);
        }

        return true;
    }

    private static bool IsNearAny(ImageBox box, List<ImageBox> boxes, double gap)
    {
        bool near = false;
        foreach (ImageBox other in boxes)
        {
            near |= Near(box, other, gap);
        }

        return near;
    }

    private static bool Near(ImageBox one, ImageBox other, double gap) =>
        one.Left < other.Right + gap && other.Left < one.Right + gap && one.Top < other.Bottom + gap && other.Top < one.Bottom + gap;
}
