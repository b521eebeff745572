using System.Text.Json;
using Percept.Tensors;

namespace Percept.Cli;

/// <summary>Writes what <c>percept show</c> tells as JSON.</summary>
internal static class ModelReportJson
{
    internal static void Write(Utf8JsonWriter json, ModelReport report)
    {
        json.WriteStartObject();
        json.WriteString("model", report.Model.Path);
        json.WriteString("model_type", report.Model.ModelType);
        json.WriteString("kind", report.Kind);
        json.WriteStartObject("architecture");
        foreach ((string name, string value) in report.Facts)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        JsonOutput.Texts(json, "takes", report.Takes);
        WriteParts(json, report);
        json.WriteStartArray("picture_tokens");
        foreach ((Percept.Models.ImageSize size, int tokens) in report.Pictures)
        {
            json.WriteStartObject();
            json.WriteNumber("width", size.Width);
            json.WriteNumber("height", size.Height);
            json.WriteNumber("tokens", tokens);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteMemory(json, report);
        json.WriteBoolean("chat_template", report.HasTemplate);
        json.WriteString("prompt", report.Prompt);
        JsonOutput.Texts(json, "stop_tokens", report.StopTokens);
        json.WriteString("problem", report.Problem);
        JsonOutput.Texts(json, "unread_settings", report.Model.UnreadKeys);
        json.WriteStartObject("ignored_tensors");
        foreach ((string name, string reason) in report.Model.Report.Ignored)
        {
            json.WriteString(name, reason);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, ModelReport report)
    {
        json.WriteNumber("parameters", report.Model.Report.Parameters);
        json.WriteStartArray("parts");
        foreach (ModelPart part in report.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteNumber("tensors", part.Tensors);
            json.WriteNumber("parameters", part.Parameters);
            json.WriteNumber("bytes", part.Bytes);
            json.WriteStartObject("types");
            foreach ((DType type, long parameters) in part.Types)
            {
                json.WriteNumber(type.ToString(), parameters);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMemory(Utf8JsonWriter json, ModelReport report)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("mapped", report.Memory.Mapped);
        json.WriteNumber("converted", report.Memory.Own);
        json.WriteStartObject("cache_of_1000_tokens");
        foreach ((Percept.Models.KvCacheType type, long? bytes) in report.Memory.Cache)
        {
            JsonOutput.Number(json, ModelReportText.Name(type), bytes);
        }

        json.WriteEndObject();
        json.WriteNumber("activations_estimate", report.Memory.Activations);
        json.WriteEndObject();
    }
}
