using System.Security.Cryptography;
using System.Text.Json;

namespace Percept.Inference;

/// <summary>
/// Finds calls of tools in an answer: <c>&lt;tool_call&gt;{"name": …, "arguments": …}&lt;/tool_call&gt;</c> (Qwen, Hermes),
/// <c>[TOOL_CALLS] […]</c> (Mistral), or an answer that is such an object (Llama 3.1: <c>parameters</c>) or a list of them (Mistral,
/// where the mark is a control token) alone.
/// </summary>
internal static class ToolCallParser
{
    private const string Begin = "<tool_call>";
    private const string End = "</tool_call>";
    private const string Mistral = "[TOOL_CALLS]";

    /// <summary>Parts an answer into its text and the calls in it.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="known">The tools' names: what names another is text.</param>
    internal static (string Text, IReadOnlyList<ToolCall> Calls) Parse(string answer, IReadOnlyCollection<string> known)
    {
        var calls = new List<ToolCall>();
        string text = answer;
        for (int at = text.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Begin, at, StringComparison.Ordinal))
        {
            int end = text.IndexOf(End, at, StringComparison.Ordinal);
            int stop = end < 0 ? text.Length : end;
            if (!Read(text[(at + Begin.Length)..stop], known, calls))
            {
                at += Begin.Length;
                continue;
            }

            text = text[..at] + text[(end < 0 ? stop : end + End.Length)..];
        }

        int mistral = text.IndexOf(Mistral, StringComparison.Ordinal);
        if (mistral >= 0 && Read(text[(mistral + Mistral.Length)..], known, calls))
        {
            text = text[..mistral];
        }
        else if (calls.Count == 0 && text.AsSpan().Trim() is ['{' or '[', ..] && Read(text, known, calls))
        {
            text = string.Empty;
        }

        return (calls.Count > 0 ? text.Trim() : text, calls);
    }

    /// <summary>A new call's name: nine letters and digits, the form that Mistral's chat templates insist on and others take too.</summary>
    private static string NewId() =>
        RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 9);

    /// <summary>Reads one call or a list of them; false, and nothing is added, when it is no such JSON.</summary>
    private static bool Read(string json, IReadOnlyCollection<string> known, List<ToolCall> calls)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.Trim());
            JsonElement root = document.RootElement;
            JsonElement[] items = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : [root];
            var found = new List<ToolCall>();
            foreach (JsonElement item in items)
            {
                if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("name", out JsonElement name)
                    || name.ValueKind != JsonValueKind.String || !known.Contains(name.GetString()!))
                {
                    return false;
                }

                string arguments = item.TryGetProperty("arguments", out JsonElement given)
                    || item.TryGetProperty("parameters", out given)
                        ? given.ValueKind == JsonValueKind.String ? given.GetString()! : given.GetRawText()
                        : "{}";
                found.Add(new ToolCall(NewId(), name.GetString()!, arguments));
            }

            calls.AddRange(found);
            return found.Count > 0;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Text that only looks like a call stays text.
            return false;
        }
    }
}
