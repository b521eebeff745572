using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Percept.Data;

/// <summary>Writes samples as LLaVA's records: <c>id</c>, <c>image</c>, <c>conversations</c> of <c>human</c> and <c>gpt</c>.</summary>
public static class LlavaRows
{
    private static readonly JsonWriterOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One record on one line.</summary>
    /// <param name="sample">The sample. Pictures are written by their names; other media are not.</param>
    /// <exception cref="ArgumentException">It has media that LLaVA's records have no place for.</exception>
    public static string Line(DatasetSample sample)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_line))
        {
            Write(json, sample);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Writes one record.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="sample">The sample.</param>
    /// <exception cref="ArgumentException">It has media that LLaVA's records have no place for.</exception>
    public static void Write(Utf8JsonWriter json, DatasetSample sample)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(sample);
        MediaReference[] media = [.. sample.Media];
        if (Array.Find(media, one => one.Kind != DataPartKind.Image) is { } other)
        {
            throw new ArgumentException($"{sample} has {other}; LLaVA's records hold pictures alone.", nameof(sample));
        }

        json.WriteStartObject();
        json.WriteString("id", sample.Id);
        if (media.Length == 1)
        {
            json.WriteString("image", media[0].Name);
        }
        else if (media.Length > 1)
        {
            json.WriteStartArray("image");
            foreach (MediaReference one in media)
            {
                json.WriteStringValue(one.Name);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("conversations");
        foreach (DataMessage message in sample.Messages)
        {
            json.WriteStartObject();
            json.WriteString("from", message.Role switch { DataRoles.User => "human", DataRoles.Assistant => "gpt", _ => message.Role });
            json.WriteString("value", Text(message));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Text(DataMessage message)
    {
        var text = new StringBuilder();
        foreach (DataPart part in message.Parts)
        {
            text.Append(part.Text ?? (text.Length > 0 ? "\n<image>\n" : "<image>\n"));
        }

        return text.ToString();
    }
}
