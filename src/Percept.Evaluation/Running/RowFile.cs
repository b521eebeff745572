using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Percept.Evaluation;

/// <summary>Rows as lines of JSON, appended one by one; a line that was cut off by the end of the process is dropped.</summary>
internal sealed class RowFile : IDisposable
{
    internal static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _stream;
    private readonly Lock _lock = new();

    private RowFile(FileStream stream, IReadOnlyList<EvaluationRow> rows)
    {
        _stream = stream;
        Rows = rows;
    }

    /// <summary>The rows that were there when the file was opened.</summary>
    internal IReadOnlyList<EvaluationRow> Rows { get; }

    /// <summary>Opens a file, or begins one.</summary>
    /// <exception cref="IOException">It is in use by another run.</exception>
    /// <exception cref="InvalidDataException">A line that is not the last cannot be read.</exception>
    internal static RowFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            int whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
            var rows = new List<EvaluationRow>();
            foreach (string line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                rows.Add(Parse(line, path, rows.Count + 1));
            }

            stream.SetLength(whole);
            stream.Position = whole;
            return new RowFile(stream, rows);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds a row; once this returns, it outlives the process.</summary>
    internal void Add(EvaluationRow row)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            Write(json, row);
        }

        buffer.WriteByte((byte)'\n');
        lock (_lock)
        {
            _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            _stream.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>Writes a row as an object.</summary>
    internal static void Write(Utf8JsonWriter json, EvaluationRow row)
    {
        json.WriteStartObject();
        json.WriteString("id", row.Id);
        json.WriteString("prompt_sha256", row.PromptHash);
        json.WriteString("prompt", row.Prompt);
        WriteTexts(json, "media", row.Media);
        if (row.Said.Count > 0)
        {
            WriteTexts(json, "said", row.Said);
        }

        json.WriteString("answer", row.Answer);
        json.WriteString("parsed", row.Parsed);
        WriteTexts(json, "references", row.References);
        json.WriteNumber("score", row.Score);
        json.WriteString("finish", row.Finish);
        WriteCount(json, "prompt_tokens", row.PromptTokens);
        WriteCount(json, "answer_tokens", row.AnswerTokens);
        json.WriteNumber("ms", row.Milliseconds);
        json.WriteString("error", row.Error);
        json.WriteString("group", row.Group);
        json.WriteString("category", row.Category);
        json.WriteEndObject();
    }

    private static EvaluationRow Parse(string line, string path, int number)
    {
        string place = $"{path}:{number}";
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            string? Text(string name) => row.GetProperty(name).GetString();
            string[] Texts(string name) => [.. row.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];
            long? Count(string name) => row.GetProperty(name) is { ValueKind: JsonValueKind.Number } count ? count.GetInt64() : null;
            return new EvaluationRow
            {
                Id = Text("id")!, PromptHash = Text("prompt_sha256")!, Prompt = Text("prompt")!, Media = Texts("media"),
                Said = row.TryGetProperty("said", out _) ? Texts("said") : [],
                Answer = Text("answer")!, Parsed = Text("parsed"), References = Texts("references"),
                Score = row.GetProperty("score").GetDouble(), Finish = Text("finish")!, PromptTokens = Count("prompt_tokens"),
                AnswerTokens = Count("answer_tokens"), Milliseconds = row.GetProperty("ms").GetDouble(), Error = Text("error"),
                Group = Text("group"), Category = Text("category"),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"{place}: the line is no row of an evaluation ({error.Message}). Give another folder for the results.", error);
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteCount(Utf8JsonWriter json, string name, long? count)
    {
        if (count is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
