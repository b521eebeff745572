using System.CommandLine;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Inference;

namespace Percept.Cli;

/// <summary><c>percept embed MODEL (TEXT|FILE)…</c>: vectors of texts and pictures, and how alike they are.</summary>
internal static class EmbedCommand
{
    private const int ShownNumbers = 6;

    internal static Command Create(TextWriter output, TextWriter error, CommandInput input)
    {
        var settings = new ModelSettings();
        var words = new Argument<string[]>("text-or-file")
        {
            Description = "Texts in quotation marks, and pictures; - for a picture on standard input.", Arity = ArgumentArity.OneOrMore,
        };
        var pooling = new Option<TextPooling?>("--pooling")
        {
            Description = "Which vector stands for a text: mean of the tokens, first token, or pooler (default: what the model's folder says, else mean).",
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document with the whole vectors." };
        var command = new Command("embed", "Makes vectors of texts and pictures, and compares them.") { words, pooling, asJson };
        var pixels = new PixelLimit(command);
        settings.AddEncoderTo(command);
        command.SetWork((parsed, cancellation) =>
        {
            (string Word, string? File)[] given =
                [.. (parsed.GetValue(words) ?? []).Select(word => (word, RunWords.FindFile(word)))];
            settings.Configure(parsed);
            string path = settings.Path(parsed);
            Embedder embedder = Waiting.While(error, $"loading {path}", () => new Embedder(
                Percept.Models.ModelLoader.Load(path, settings.Load(parsed)), parsed.GetValue(pooling)));
            Refuse(embedder, given);
            var reader = new MediaFileReader([Percept.Models.MediaKind.Image], 1, pixels.Read(parsed), input);
            var items = new List<EmbeddedItem>();
            Waiting.Steps(error, "embedding", given.Length, done =>
            {
                foreach ((string word, string? file) in given)
                {
                    items.Add(Embed(embedder, reader, word, file, cancellation));
                    done();
                }
            });
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => WriteJson(json, embedder, items));
            }
            else
            {
                Print(new Screen(output), embedder, items);
            }

            return 0;
        });
        return command;
    }

    /// <summary>Says before any work what the model does not take.</summary>
    private static void Refuse(Embedder embedder, (string Word, string? File)[] given)
    {
        foreach ((string word, string? file) in given)
        {
            if (file is null ? !embedder.TakesTexts : !embedder.TakesPictures)
            {
                throw new CommandException(
                    (file is null ? $"\"{word}\" is a text (there is no such file)" : $"'{file}' is a picture") +
                    $", and this model ({embedder.Model.ModelType}) takes {(file is null ? "pictures" : "texts")} alone; choose one that takes it, such as a CLIP");
            }
        }
    }

    private static EmbeddedItem Embed(
        Embedder embedder, MediaFileReader reader, string word, string? file, CancellationToken cancellation)
    {
        try
        {
            return file is null
                ? new EmbeddedItem(word, false, embedder.Text(word, cancellation))
                : new EmbeddedItem(
                    MediaFileReader.Name(file), true, embedder.Picture(reader.Read(file, cancellation).Frames[0], cancellation));
        }
        catch (ArgumentException problem)
        {
            throw new CommandException(file is null ? $"\"{word}\": {problem.Message}" : $"'{file}': {problem.Message}");
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException("stopped");
        }
    }

    private static void Print(Screen screen, Embedder embedder, List<EmbeddedItem> items)
    {
        foreach (string meaning in Meanings(embedder, items))
        {
            screen.Line(meaning);
        }

        screen.Line();
        string[][] rows =
        [
            .. items.Select((item, i) => new[]
            {
                FormattableString.Invariant($"{i + 1}"), item.Label,
                FormattableString.Invariant($"length {item.Length:g4}"),
                string.Join(' ', item.Vector.Take(ShownNumbers).Select(number => FormattableString.Invariant($"{number:f4}")))
                    + (item.Vector.Length > ShownNumbers ? " …" : ""),
            }),
        ];
        screen.Table(rows);
        if (items.Count < 2)
        {
            return;
        }

        screen.Line();
        screen.Heading("Cosines");
        screen.Table(
        [
            ["", .. items.Select((_, i) => FormattableString.Invariant($"{i + 1}"))],
            .. items.Select((one, i) => (string[])
            [
                FormattableString.Invariant($"{i + 1}"),
                .. items.Select(other => FormattableString.Invariant($"{Embedder.Cosine(one.Vector, other.Vector):f3}")),
            ]),
        ]);
    }

    private static IEnumerable<string> Meanings(Embedder embedder, List<EmbeddedItem> items)
    {
        foreach (bool pictures in (bool[])[true, false])
        {
            if (items.FirstOrDefault(item => item.IsPicture == pictures) is { } one)
            {
                yield return FormattableString.Invariant(
                    $"{one.Vector.Length} numbers each: {(pictures ? embedder.PictureMeaning : embedder.TextMeaning)}");
            }
        }
    }

    private static void WriteJson(Utf8JsonWriter json, Embedder embedder, List<EmbeddedItem> items)
    {
        json.WriteStartObject();
        json.WriteString("model", embedder.Model.Path);
        json.WriteString("model_type", embedder.Model.ModelType);
        json.WriteNumber("dimensions", items[0].Vector.Length);
        json.WriteStartArray("embeddings");
        foreach (EmbeddedItem item in items)
        {
            json.WriteStartObject();
            json.WriteString("kind", item.IsPicture ? "picture" : "text");
            json.WriteString(item.IsPicture ? "file" : "text", item.Label);
            json.WriteString("meaning", item.IsPicture ? embedder.PictureMeaning : embedder.TextMeaning);
            Numbers(json, "vector", item.Vector);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (items.Count > 1)
        {
            json.WriteStartArray("cosines");
            foreach (EmbeddedItem one in items)
            {
                Numbers(json, null, items.Select(other => Embedder.Cosine(one.Vector, other.Vector)));
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string? name, IEnumerable<float> numbers)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        json.WriteStartArray();
        foreach (float number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
