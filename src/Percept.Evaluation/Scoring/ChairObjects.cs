using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>CHAIR: which objects a caption mentions, and which of those are not in the picture (Rohrbach et al., 2018).</summary>
/// <remarks>
/// The rules are those of the published script (LisaAnne/Hallucination, <c>chair.py</c>, commit 6e4d33c4): words in the singular, pairs of
/// words that mean one object, a list of synonyms, and, as what is there, the annotated objects together with those of the reference
/// captions.
/// </remarks>
public sealed partial class ChairObjects
{
    private static readonly string[] s_pairs =
    [
        "motor bike", "motor cycle", "air plane", "traffic light", "street light", "traffic signal", "stop light", "fire hydrant", "stop sign",
        "parking meter", "suit case", "sports ball", "baseball bat", "baseball glove", "tennis racket", "wine glass", "hot dog", "cell phone",
        "mobile phone", "teddy bear", "hair drier", "potted plant", "laptop computer", "stove top oven", "home plate",
    ];

    private static readonly string[] s_animals =
        ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "animal", "cub"];

    private static readonly FrozenDictionary<string, string> s_asOne = s_pairs.Select(pair => (pair, pair))
        .Concat(s_animals.SelectMany(animal => new[] { ($"baby {animal}", animal), ($"adult {animal}", animal) }))
        .Concat([("passenger jet", "jet"), ("passenger train", "train"), ("bow tie", "tie"), ("toilet seat", "toilet"), ("wine glas", "wine glass")])
        .ToFrozenDictionary(item => item.Item1, item => item.Item2, StringComparer.Ordinal);

    private readonly Dictionary<string, string> _objects = new(StringComparer.Ordinal);

    /// <summary>Makes a list of objects.</summary>
    /// <param name="synonyms">Each object with its other names; the first is the object's.</param>
    public ChairObjects(IEnumerable<IReadOnlyList<string>> synonyms)
    {
        ArgumentNullException.ThrowIfNull(synonyms);
        foreach (IReadOnlyList<string> names in synonyms)
        {
            foreach (string name in names)
            {
                _objects[name] = names[0];
            }
        }
    }

    /// <summary>The 80 kinds of objects of COCO, with common other names.</summary>
    /// <remarks>For numbers to set beside published ones, read the published list with <see cref="Load"/>.</remarks>
    public static ChairObjects Coco { get; } = new(CocoObjects.Names);

    /// <summary>Reads a list of synonyms as the published script has it: an object a line, names parted by <c>", "</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public static ChairObjects Load(string path) =>
        new(File.ReadLines(path).Select(line => line.Trim().Split(", ")).Where(names => names[0].Length > 0));

    /// <summary>The objects that a text mentions, in order, each by its object's name.</summary>
    /// <param name="text">The text.</param>
    public IReadOnlyList<string> Mentions(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = [.. Words().Matches(text.ToLowerInvariant()).Select(match => EnglishPlurals.Singular(match.Value))];
        var joined = new List<string>(words.Length);
        for (int i = 0; i < words.Length; i++)
        {
            if (i + 1 < words.Length && s_asOne.TryGetValue($"{words[i]} {words[i + 1]}", out string? one))
            {
                joined.Add(one);
                i++;
            }
            else
            {
                joined.Add(words[i]);
            }
        }

        // The seat of a toilet is no chair.
        bool toilet = joined.Contains("toilet");
        return [.. joined.Where(word => !(toilet && word == "seat")).Select(word => _objects.GetValueOrDefault(word)).OfType<string>()];
    }

    /// <summary>Scores a caption.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="references">Captions that are known to be right.</param>
    /// <param name="objects">Objects that are annotated in the picture.</param>
    public ChairScore Score(string caption, IEnumerable<string> references, IEnumerable<string> objects)
    {
        ArgumentNullException.ThrowIfNull(references);
        ArgumentNullException.ThrowIfNull(objects);
        HashSet<string> there = [.. objects.Select(name => _objects.GetValueOrDefault(name, name)), .. references.SelectMany(Mentions)];
        IReadOnlyList<string> mentions = Mentions(caption);
        return new ChairScore(mentions.Count, [.. mentions.Where(name => !there.Contains(name))]);
    }

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:[-.][\p{L}\p{N}]+)*|'\p{L}+|[^\s\p{L}\p{N}]")]
    private static partial Regex Words();
}
