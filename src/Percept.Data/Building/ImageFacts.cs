namespace Percept.Data;

/// <summary>What can be said of a picture without doubt.</summary>
internal sealed class ImageFacts
{
    internal ImageFacts(AnnotatedImage image)
    {
        Image = image;
        Captions = [.. image.Captions.Where(caption => caption.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
        Counts =
        [
            .. image.Objects.Where(one => !image.Uncountable.Contains(one.Name)).GroupBy(one => one.Name).Select(group => (group.Key, group.Count()))
                .OrderByDescending(one => one.Item2).ThenBy(one => one.Key, StringComparer.Ordinal),
        ];
        Kinds = [.. Counts.Select(one => Wording.Count(one.Count, one.Name)), .. image.Uncountable.Select(Wording.Plural)];
        Unique = [.. image.Objects.Where(one => Counts.Any(count => count.Name == one.Name && count.Count == 1))];
        ClearRelations =
        [
            .. image.Relations.Select(one => (Subject: image.Objects[one.Subject], one.Predicate, Object: image.Objects[one.Object]))
                .Where(one => Unique.Contains(one.Subject) && Unique.Contains(one.Object)).Distinct(),
        ];
    }

    internal AnnotatedImage Image { get; }

    /// <summary>The captions, each once.</summary>
    internal IReadOnlyList<string> Captions { get; }

    /// <summary>How many there are of each kind that can be counted, the most first.</summary>
    internal IReadOnlyList<(string Name, int Count)> Counts { get; }

    /// <summary>All kinds as in a sentence: those that can be counted with their numbers.</summary>
    internal IReadOnlyList<string> Kinds { get; }

    /// <summary>The objects that are the only one of their kind, so that "the dog" names one.</summary>
    internal IReadOnlyList<AnnotatedObject> Unique { get; }

    /// <summary>The relations between such objects.</summary>
    internal IReadOnlyList<(AnnotatedObject Subject, string Predicate, AnnotatedObject Object)> ClearRelations { get; }

    /// <summary>In which third of the picture an object is; null where its box or the picture's size is not known.</summary>
    internal string? Place(AnnotatedObject one)
    {
        if (Image.Width <= 0 || Image.Height <= 0 || one.Width <= 0 || one.Height <= 0)
        {
            return null;
        }

        double x = (one.X + (one.Width / 2)) / Image.Width;
        double y = (one.Y + (one.Height / 2)) / Image.Height;
        string across = x < 1 / 3.0 ? "left" : x > 2 / 3.0 ? "right" : "";
        string down = y < 1 / 3.0 ? "top" : y > 2 / 3.0 ? "bottom" : "";
        return (down, across) switch
        {
            ("", "") => "in the middle",
            ("", _) => $"on the {across}",
            (_, "") => $"at the {down}",
            _ => $"at the {down} {across}",
        };
    }
}
