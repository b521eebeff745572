using System.Text.Json;
using Percept.Data;

namespace Percept.Conformance;

/// <summary>
/// The instruction builder of a seed article, of a <c>file</c>: instructions for pictures with captions, and the order of a mix. The
/// article's counter runs over all pictures, and each further picture still gives its first instruction.
/// </summary>
internal static class SeedBuilderVerb
{
    private static readonly (string Template, InstructionKind Kind)[] s_templates =
    [
        ("description", InstructionKind.Detail), ("reasoning", InstructionKind.Conversation),
        ("complex_reasoning", InstructionKind.ComplexReasoning),
    ];

    internal static void Run(RunContext context)
    {
        using JsonDocument document = JsonDocument.Parse(context.Bytes(context.Args.Text("file")));
        JsonElement root = document.RootElement;
        AnnotatedImage[] images = [.. root.GetProperty("coco_data").EnumerateArray().Select(Image)];
        foreach (JsonProperty limit in root.GetProperty("n_per_image").EnumerateObject())
        {
            int most = int.Parse(limit.Name, System.Globalization.CultureInfo.InvariantCulture);
            Row[] rows = [.. Build(images, most)];
            JsonElement[] want = [.. limit.Value.GetProperty("instructions").EnumerateArray()];
            context.Judge($"n_per_image.{limit.Name}.returned", rows.Length == limit.Value.GetProperty("returned").GetInt32()
                ? null : $"is {rows.Length}, expected {limit.Value.GetProperty("returned")}");
            context.JudgeAll($"n_per_image.{limit.Name}", want.Select((one, i) => i < rows.Length ? rows[i].Differs(one) : "is missing"));
        }

        Mix(context, root.GetProperty("mix"), [.. Build(images, s_templates.Length)]);
    }

    private static void Mix(RunContext context, JsonElement mix, Row[] rows)
    {
        context.JudgeAll("rows_before_shuffle", Differences(rows, mix.GetProperty("rows_before_shuffle")));
        new PythonRandom(mix.GetProperty("python_random_seed").GetUInt64()).Shuffle<Row>(rows);
        context.JudgeAll("rows_after_shuffle", Differences(rows, mix.GetProperty("rows_after_shuffle")));
    }

    private static IEnumerable<string?> Differences(Row[] rows, JsonElement want) => want.GetArrayLength() == rows.Length
        ? want.EnumerateArray().Select((one, i) => rows[i].DiffersInMix(one))
        : [$"there are {rows.Length} rows, expected {want.GetArrayLength()}"];

    private static IEnumerable<Row> Build(AnnotatedImage[] images, int most)
    {
        var writer = new QuotingWriter();
        var builder = new InstructionBuilder(writer, new BuildOptions { ImagePrefix = "coco/train2017/" });
        int count = 0;
        foreach (AnnotatedImage image in images)
        {
            foreach ((string template, InstructionKind kind) in s_templates)
            {
                DatasetSample sample = builder.Sample(image, kind, writer.WriteAsync(image, kind).Result);
                yield return new Row(image.Id, template, sample);
                if (++count >= most)
                {
                    break;
                }
            }
        }
    }

    /// <summary>The captions as the article joins them: a caption that is missing is an empty one.</summary>
    private static AnnotatedImage Image(JsonElement entry)
    {
        string id = entry.GetProperty("id").GetString()!;
        return new AnnotatedImage
        {
            Id = id,
            File = id + ".jpg",
            Captions = entry.TryGetProperty("annotations", out JsonElement list)
                ? [.. list.EnumerateArray().Select(
                    one => one.TryGetProperty("caption", out JsonElement caption) ? caption.GetString()! : "")]
                : [],
        };
    }

    private sealed record Row(string Id, string Template, DatasetSample Sample)
    {
        internal string? Differs(JsonElement want) => Same(want, "image_id", Id) ?? Same(want, "template", Template)
            ?? Same(want, "caption_turn", Sample.Messages[^1].Text) ?? Same(want, "data_source", "coco");

        internal string? DiffersInMix(JsonElement want) => Same(want, "id", Id) ?? Same(want, "template", Template)
            ?? Same(want, "image", Sample.Media.Single().Name) ?? Same(want, "source", "coco");

        private static string? Same(JsonElement want, string name, string got) =>
            want.GetProperty(name).GetString() == got ? null : $"{name} is '{got}', expected '{want.GetProperty(name)}'";
    }

    /// <summary>The article's stand-in for a model: it quotes the captions.</summary>
    private sealed class QuotingWriter : IInstructionWriter
    {
        public Task<IReadOnlyList<DataMessage>> WriteAsync(
            AnnotatedImage image, InstructionKind kind, CancellationToken cancellation = default) => Task.FromResult<IReadOnlyList<DataMessage>>(
            [
                DataMessage.User(kind switch
                {
                    InstructionKind.Detail => "Describe this image in detail.",
                    InstructionKind.Conversation => "What is happening in this image?",
                    _ => "Explain what can be inferred from this image.",
                }),
                DataMessage.Assistant($"[Generated caption: {string.Join(' ', image.Captions)}]"),
            ]);
    }
}
