using System.Globalization;
using System.Text.Json;

namespace Percept.Data;

/// <summary>Collects annotations of pictures from files of several kinds; what speaks of the same picture is brought together.</summary>
/// <remarks>
/// Reads COCO's captions and instances, VQA's questions and annotations (both files are needed, in any order), and scene graphs as Visual
/// Genome and GQA publish them. The kind of a file is told by its keys. The files of COCO and VQA have the same numbers for the same pictures;
/// Visual Genome and GQA number pictures in other ways, so what they say is kept apart from each other and from these.
/// </remarks>
public sealed class AnnotationSet
{
    private readonly Dictionary<(Family Family, string Id), AnnotatedImage> _images = [];
    private readonly Dictionary<string, (string Image, string Text)> _questions = [];
    private readonly Dictionary<string, (string Image, string Text)> _answers = [];
    private readonly string _fileFormat;

    /// <summary>Starts with no pictures.</summary>
    /// <param name="fileFormat">
    /// The file of a picture that annotations call by a number alone, with <c>{0}</c> for its id, such as
    /// <c>COCO_train2014_{0:D12}.jpg</c>; <c>{0}.jpg</c> where left out.
    /// </param>
    public AnnotationSet(string? fileFormat = null) => _fileFormat = fileFormat ?? "{0}.jpg";

    /// <summary>Who numbers pictures: the same number means the same picture within a family only.</summary>
    private enum Family
    {
        Coco,
        VisualGenome,
        Gqa,
    }

    /// <summary>
    /// The pictures in the order in which they were first spoken of. Where files of several families are read, ids begin with the family's
    /// name: <c>coco-9</c>, <c>visual-genome-9</c>, <c>gqa-9</c>.
    /// </summary>
    public IReadOnlyList<AnnotatedImage> Images => _images.Keys.Select(key => key.Family).Distinct().Count() < 2
        ? [.. _images.Values]
        : [.. _images.Select(pair => pair.Value with { Id = $"{NameOf(pair.Key.Family)}-{pair.Key.Id}" })];

    /// <summary>How many questions have no answer yet, or answers no question.</summary>
    public int Unmatched => _questions.Count + _answers.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no JSON, or of no known kind.</exception>
    public void Add(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using JsonDocument document = DatasetReader.Parse(path);
        JsonElement root = document.RootElement;
        try
        {
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && IsGraph(root[0]))
            {
                foreach (JsonElement graph in root.EnumerateArray())
                {
                    VisualGenome(graph);
                }
            }
            else if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("questions", out JsonElement questions))
            {
                Questions(questions);
            }
            else if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("annotations", out JsonElement annotations))
            {
                Annotations(root, annotations);
            }
            else if (root.ValueKind == JsonValueKind.Object && root.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Object } first
                && first.Value.TryGetProperty("objects", out _))
            {
                foreach (JsonProperty graph in root.EnumerateObject())
                {
                    Gqa(graph.Name, graph.Value);
                }
            }
            else
            {
                throw new InvalidDataException(
                    $"'{path}' is of no known kind: COCO captions or instances ('annotations'), VQA ('questions', 'annotations') or "
                    + "scene graphs were expected.");
            }
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"'{path}' is not shaped as its kind should be: {error.Message} Compare it with the published file.", error);
        }
    }

    private static bool IsGraph(JsonElement one) => one.ValueKind == JsonValueKind.Object && one.TryGetProperty("objects", out _);

    private void Annotations(JsonElement root, JsonElement annotations)
    {
        var names = new Dictionary<string, string>();
        if (root.TryGetProperty("categories", out JsonElement categories))
        {
            foreach (JsonElement category in categories.EnumerateArray())
            {
                names[Id(category, "id")] = category.GetProperty("name").GetString()!;
            }
        }

        if (root.TryGetProperty("images", out JsonElement images))
        {
            foreach (JsonElement image in images.EnumerateArray())
            {
                string id = Id(image, "id");
                _images[(Family.Coco, id)] = Get(Family.Coco, id) with
                {
                    File = image.Get("file_name").Text() ?? FileOf(id),
                    Width = Number(image, "width"),
                    Height = Number(image, "height"),
                };
            }
        }

        foreach (JsonElement annotation in annotations.EnumerateArray())
        {
            string id = Id(annotation, "image_id");
            if (annotation.Get("caption").Text() is { } caption)
            {
                AnnotatedImage image = Get(Family.Coco, id);
                _images[(Family.Coco, id)] = image with { Captions = [.. image.Captions, caption.Trim()] };
            }
            else if (annotation.Get("multiple_choice_answer").Text() is { } answer)
            {
                Match(_answers, _questions, Id(annotation, "question_id"), (id, answer), isQuestion: false);
            }
            else if (annotation.TryGetProperty("bbox", out JsonElement box))
            {
                string category = Id(annotation, "category_id");
                string name = names.TryGetValue(category, out string? known) ? known
                    : throw new InvalidDataException(
                        $"The category {category} of an annotation is not among 'categories'. Use the whole file.");
                AnnotatedImage image = Get(Family.Coco, id);

                // The region of a crowd holds many of a kind, and nobody says how many.
                bool isCrowd = annotation.Get("iscrowd") is { ValueKind: JsonValueKind.Number } crowd && crowd.GetDouble() != 0;
                _images[(Family.Coco, id)] = isCrowd
                    ? image with { Uncountable = [.. image.Uncountable.Append(name).Distinct()] }
                    : image with
                    {
                        Objects = [.. image.Objects, new AnnotatedObject(
                            name, box[0].GetDouble(), box[1].GetDouble(), box[2].GetDouble(), box[3].GetDouble())],
                    };
            }
        }
    }

    private void Questions(JsonElement questions)
    {
        foreach (JsonElement question in questions.EnumerateArray())
        {
            Match(
                _questions, _answers, Id(question, "question_id"),
                (Id(question, "image_id"), question.GetProperty("question").GetString()!), isQuestion: true);
        }
    }

    private void Match(
        Dictionary<string, (string Image, string Text)> own, Dictionary<string, (string Image, string Text)> others, string id,
        (string Image, string Text) value, bool isQuestion)
    {
        if (!others.Remove(id, out (string Image, string Text) other))
        {
            own[id] = value;
            return;
        }

        AnnotatedImage image = Get(Family.Coco, value.Image);
        AnnotatedQuestion both = isQuestion ? new(value.Text, other.Text) : new(other.Text, value.Text);
        _images[(Family.Coco, value.Image)] = image with { Questions = [.. image.Questions, both] };
    }

    private void VisualGenome(JsonElement graph)
    {
        string id = Id(graph, "image_id");
        var places = new Dictionary<string, int>();
        var objects = new List<AnnotatedObject>();
        foreach (JsonElement one in graph.GetProperty("objects").EnumerateArray())
        {
            places[Id(one, "object_id")] = objects.Count;
            string name = one.TryGetProperty("names", out JsonElement names) ? names[0].GetString()! : one.GetProperty("name").GetString()!;
            objects.Add(
                new AnnotatedObject(name, Real(one, "x"), Real(one, "y"), Real(one, "w"), Real(one, "h")) { Attributes = Texts(one, "attributes") });
        }

        var relations = new List<AnnotatedRelation>();
        foreach (JsonElement one in graph.Get("relationships") is { } list ? list.EnumerateArray() : default)
        {
            if (places.TryGetValue(Id(one, "subject_id"), out int subject) && places.TryGetValue(Id(one, "object_id"), out int other))
            {
                relations.Add(new AnnotatedRelation(subject, one.GetProperty("predicate").GetString()!.ToLowerInvariant(), other));
            }
        }

        AddGraph((Family.VisualGenome, id), graph, objects, relations);
    }

    private void Gqa(string id, JsonElement graph)
    {
        JsonElement given = graph.GetProperty("objects");
        string[] keys = [.. given.EnumerateObject().Select(one => one.Name)];
        var objects = new List<AnnotatedObject>();
        var relations = new List<AnnotatedRelation>();
        foreach (JsonProperty one in given.EnumerateObject())
        {
            foreach (JsonElement relation in one.Value.Get("relations") is { } list ? list.EnumerateArray() : default)
            {
                int other = Array.IndexOf(keys, Id(relation, "object"));
                if (other >= 0)
                {
                    relations.Add(new AnnotatedRelation(objects.Count, relation.GetProperty("name").GetString()!, other));
                }
            }

            objects.Add(new AnnotatedObject(
                one.Value.GetProperty("name").GetString()!, Real(one.Value, "x"), Real(one.Value, "y"), Real(one.Value, "w"), Real(one.Value, "h"))
            {
                Attributes = Texts(one.Value, "attributes"),
            });
        }

        AddGraph((Family.Gqa, id), graph, objects, relations);
    }

    private void AddGraph(
        (Family Family, string Id) key, JsonElement graph, List<AnnotatedObject> objects, List<AnnotatedRelation> relations)
    {
        AnnotatedImage image = Get(key.Family, key.Id);
        int before = image.Objects.Count;
        _images[key] = image with
        {
            Width = Math.Max(image.Width, Number(graph, "width")),
            Height = Math.Max(image.Height, Number(graph, "height")),
            Objects = [.. image.Objects, .. objects],
            Relations = [.. image.Relations, .. relations.Select(
                one => new AnnotatedRelation(one.Subject + before, one.Predicate, one.Object + before))],
        };
    }

    private AnnotatedImage Get(Family family, string id) => _images.TryGetValue((family, id), out AnnotatedImage? image)
        ? image
        : _images[(family, id)] = new AnnotatedImage { Id = id, File = FileOf(id) };

    private static string NameOf(Family family) => family switch
    {
        Family.Coco => "coco",
        Family.VisualGenome => "visual-genome",
        _ => "gqa",
    };

    private string FileOf(string id) => string.Format(
        CultureInfo.InvariantCulture, _fileFormat, long.TryParse(id, CultureInfo.InvariantCulture, out long number) ? number : id);

    private static string Id(JsonElement parent, string key) => parent.Get(key).Text()
        ?? throw new InvalidDataException($"An entry has no '{key}', a number or a text was expected. Compare it with the published file.");

    private static int Number(JsonElement parent, string key) => parent.Get(key) is { ValueKind: JsonValueKind.Number } value ? (int)value.GetDouble() : 0;

    private static double Real(JsonElement parent, string key) => parent.Get(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : 0;

    private static string[] Texts(JsonElement parent, string key) => parent.Get(key) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(one => one.GetString()!)]
        : [];
}
