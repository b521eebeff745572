using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Compares answers of tokenizers with lines of a golden file.</summary>
internal static class TokenAnswers
{
    /// <summary>What is wrong with an encoding; null when all that the line says is as wanted.</summary>
    internal static string? Check(JsonElement line, TokenEncoding got) =>
        Numbers(line, "ids", got.Ids)
        ?? Texts(line, "tokens", got.Tokens)
        ?? Numbers(line, "offsets", [.. got.Offsets.SelectMany(static offset => new[] { offset.Start, offset.End })])
        ?? Numbers(line, "special_tokens_mask", got.SpecialTokensMask, missing: 0)
        ?? Numbers(line, "type_ids", got.TypeIds, missing: 0)
        ?? Numbers(line, "attention_mask", got.AttentionMask, missing: 1)
        ?? Sequences(line, got)
        ?? Overflowing(line, got);

    /// <summary>Compares a list of numbers; a missing list stands for all-equal numbers where that is given.</summary>
    internal static string? Numbers(JsonElement line, string name, IReadOnlyList<int> got, int? missing = null)
    {
        if (!line.TryGetProperty(name, out JsonElement want))
        {
            return missing is { } value && got.Any(number => number != value)
                ? $"{name} is [{string.Join(", ", got)}], expected {value} everywhere"
                : null;
        }

        return Compare(name, Ints(want), got);
    }

    /// <summary>Compares a text.</summary>
    internal static string? Text(string name, string? want, string? got) =>
        want == got ? null : $"{name} is {Show(got)}, expected {Show(want)}";

    internal static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(static item => item.GetInt32())];

    internal static string? Compare<T>(string name, IReadOnlyList<T> want, IReadOnlyList<T> got) =>
        want.SequenceEqual(got) ? null : $"{name} is [{string.Join(", ", got)}], expected [{string.Join(", ", want)}]";

    private static string Show(string? text) =>
        text is null ? "nothing" : $"\"{System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(text)}\"";

    private static string? Texts(JsonElement line, string name, IReadOnlyList<string> got) =>
        line.TryGetProperty(name, out JsonElement want)
            ? Compare(name, [.. want.EnumerateArray().Select(static item => item.GetString()!)], got)
            : null;

    private static string? Sequences(JsonElement line, TokenEncoding got) =>
        line.TryGetProperty("sequence_ids", out JsonElement want)
            ? Compare(
                "sequence_ids",
                [.. want.EnumerateArray().Select(static item => item.ValueKind == JsonValueKind.Null ? -1 : item.GetInt32())],
                got.SequenceIds)
            : null;

    private static string? Overflowing(JsonElement line, TokenEncoding got)
    {
        if (!line.TryGetProperty("overflowing", out JsonElement want))
        {
            return null;
        }

        int[][] windows = [.. want.EnumerateArray().Select(Ints)];
        if (windows.Length != got.Overflowing.Count)
        {
            return $"there are {got.Overflowing.Count} further windows, expected {windows.Length}";
        }

        return windows.Select((window, i) => Compare($"window {i + 1}", window, got.Overflowing[i].Ids))
            .FirstOrDefault(static problem => problem is not null);
    }
}
