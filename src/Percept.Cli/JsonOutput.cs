using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Percept.Cli;

/// <summary>Writes JSON documents.</summary>
internal static class JsonOutput
{
    /// <summary>Writes one document over several lines.</summary>
    internal static void Write(TextWriter output, Action<Utf8JsonWriter> content) => Write(output, content, indented: true);

    /// <summary>Writes one document in one line.</summary>
    internal static void WriteLine(TextWriter output, Action<Utf8JsonWriter> content) => Write(output, content, indented: false);

    private static void Write(TextWriter output, Action<Utf8JsonWriter> content, bool indented)
    {
        using var buffer = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = indented,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            content(json);
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Writes a list of texts.</summary>
    internal static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a number; JSON has no NaN and no infinity, they become texts.</summary>
    internal static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is not { } number)
        {
            json.WriteNull(name);
        }
        else if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteString(name, double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        }
    }
}
