using System.Text.Json;

namespace Percept.Conformance;

/// <summary>A text with the wanted answer.</summary>
/// <param name="Text">The text.</param>
/// <param name="Answer">The line with the answer.</param>
internal readonly record struct TokenizerLine(string Text, JsonElement Answer)
{
    /// <summary>The text as JSON, cut, for messages.</summary>
    internal string Quoted
    {
        get
        {
            string json = JsonEncodedText.Encode(Text.Length > 80 ? Text[..80].TrimEnd('\uD83D', '\uD83C') : Text).ToString();
            return $"text \"{json}\"";
        }
    }

    /// <summary>A wanted text that is left out where it equals the input.</summary>
    internal string OrText(string name) =>
        Answer.TryGetProperty(name, out JsonElement value) ? value.GetString()! : Text;
}

/// <summary>Reads the lines of tokenizer cases and compares answers.</summary>
internal static class TokenizerLines
{
    /// <summary>The texts and answers: <c>cases</c>, or <c>inputs</c> and <c>expected</c>.</summary>
    internal static IReadOnlyList<TokenizerLine> Read(RunContext context)
    {
        if (context.Args.Has("cases"))
        {
            return
            [
                .. context.JsonLines(context.Args.Text("cases"))
                    .Select(line => new TokenizerLine(line.GetProperty("text").GetString()!, line)),
            ];
        }

        string[] texts = [.. context.JsonLines(context.Args.Text("inputs")).Select(line => line.GetString()!)];
        IReadOnlyList<JsonElement> answers = context.JsonLines(context.Args.Text("expected"));
        return
        [
            .. answers.Select((answer, index) => new TokenizerLine(
                texts[answer.TryGetProperty("line", out JsonElement at) ? at.GetInt32() : index], answer)),
        ];
    }

    internal static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    internal static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    /// <summary>What differs between two lists; null when nothing does.</summary>
    internal static string? Same<T>(string name, IEnumerable<T> got, IEnumerable<T> want)
    {
        T[] have = [.. got];
        T[] need = [.. want];
        int at = 0;
        while (at < Math.Min(have.Length, need.Length) && EqualityComparer<T>.Default.Equals(have[at], need[at]))
        {
            at++;
        }

        return at == have.Length && at == need.Length
            ? null
            : $"{name} differ at {at}: [{Show(have, at)}] ({have.Length}), wanted [{Show(need, at)}] ({need.Length})";
    }

    /// <summary>What differs between two texts; null when nothing does.</summary>
    internal static string? Same(string name, string got, string want) =>
        got == want ? null : $"{name} is \"{JsonEncodedText.Encode(got)}\", wanted \"{JsonEncodedText.Encode(want)}\"";

    private static string Show<T>(T[] items, int at)
    {
        int from = Math.Max(0, at - 3);
        return string.Join(", ", items.Skip(from).Take(8));
    }
}
