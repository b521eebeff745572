using System.Text.Json;
using Percept.Data;

namespace Percept.Cli;

/// <summary>A sample as <c>percept data show --json</c> writes it.</summary>
internal static class DataSampleJson
{
    /// <summary>Writes one document.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="count">How many there are in the dataset.</param>
    /// <param name="tokens">Each prompt's title and runs; none without a model.</param>
    internal static void Write(
        TextWriter output, DatasetSample sample, int count, IReadOnlyList<(string Title, IReadOnlyList<TokenRun> Runs)> tokens) =>
        JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", sample.Id);
            json.WriteString("file", sample.Source.File);
            json.WriteNumber("line", sample.Source.Line);
            json.WriteNumber("samples", count);
            Messages(json, "messages", sample.Messages);
            Messages(json, "chosen", sample.Chosen);
            Messages(json, "rejected", sample.Rejected);
            if (sample.IsDesirable is { } desirable)
            {
                json.WriteBoolean("desirable", desirable);
            }

            if (sample.Label is { } label)
            {
                json.WriteString("class", label);
                JsonOutput.Number(json, "class_index", sample.LabelIndex);
            }

            if (tokens.Count > 0)
            {
                Tokens(json, tokens);
            }

            json.WriteEndObject();
        });

    private static void Messages(Utf8JsonWriter json, string name, IReadOnlyList<DataMessage>? messages)
    {
        if (messages is null)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (DataMessage message in messages)
        {
            json.WriteStartObject();
            json.WriteString("role", message.Role);
            if (message.Role == DataRoles.Assistant)
            {
                json.WriteBoolean("learnt", message.IsSupervised);
            }

            json.WriteStartArray("parts");
            foreach (DataPart part in message.Parts)
            {
                if (part.Media is { } media)
                {
                    ShownMedium.Of(media).Write(json);
                    continue;
                }

                json.WriteStartObject();
                json.WriteString("kind", "text");
                json.WriteString("text", part.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Tokens(Utf8JsonWriter json, IReadOnlyList<(string Title, IReadOnlyList<TokenRun> Runs)> tokens)
    {
        json.WriteStartArray("prompts");
        foreach ((string title, IReadOnlyList<TokenRun> runs) in tokens)
        {
            json.WriteStartObject();
            json.WriteString("of", title);
            json.WriteNumber("tokens", runs.Count == 0 ? 0 : runs[^1].End);
            json.WriteStartArray("runs");
            foreach (TokenRun run in runs)
            {
                json.WriteStartObject();
                json.WriteNumber("start", run.Start);
                json.WriteNumber("end", run.End);
                json.WriteString("kind", run.Kind.Length == 0 ? "read" : run.Kind);
                json.WriteString("text", run.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
