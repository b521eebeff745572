using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>One part of a <c>tokenizer.json</c> alone.</summary>
internal static class TokenizerPartVerbs
{
    /// <summary>Runs normalizers.</summary>
    internal static void Normalize(RunContext context)
    {
        Dictionary<string, byte[]> charsmaps = Charsmaps(context);
        foreach (JsonElement group in context.JsonLines(context.Args.Text("cases")))
        {
            JsonElement json = group.GetProperty("normalizer");
            string raw = json.GetRawText();
            byte[] rules = [];
            foreach ((string name, byte[] bytes) in charsmaps)
            {
                // The case names the rules instead of repeating them.
                if (raw.Contains($"\"{name}\"", StringComparison.Ordinal))
                {
                    raw = raw.Replace($"\"{name}\"", "\"\"", StringComparison.Ordinal);
                    rules = bytes;
                }
            }

            using JsonDocument document = JsonDocument.Parse(raw);
            Normalizer normalizer = TokenizerJson.ReadNormalizer(document.RootElement, rules)!;
            context.JudgeAll(
                group.GetProperty("name").GetString()!,
                group.GetProperty("cases").EnumerateArray().Select(line => CheckNormalized(normalizer, line)));
        }
    }

    /// <summary>Runs pre-tokenizers.</summary>
    internal static void PreTokenize(RunContext context) => RunAll(context, "pre_tokenizer", json =>
    {
        PreTokenizer step = TokenizerJson.ReadPreTokenizer(json)!;
        return line =>
        {
            string text = line.GetProperty("text").GetString()!;
            IReadOnlyList<(string Piece, TokenOffset Offset)> got = step.Split(text);
            int[] places = CodePointPlaces(text);
            return TokenAnswers.Compare(
                    "pieces", [.. line.GetProperty("pieces").EnumerateArray().Select(static item => item.GetString()!)],
                    [.. got.Select(static item => item.Piece)])
                ?? TokenAnswers.Numbers(
                    line, "offsets",
                    [.. got.SelectMany(item => new[] { places[item.Offset.Start], places[item.Offset.End] })]);
        };
    });

    /// <summary>Runs decoders.</summary>
    internal static void DecodeTokens(RunContext context) => RunAll(context, "decoder", json =>
    {
        TokenDecoder step = TokenizerJson.ReadDecoder(json)!;
        return line => TokenAnswers.Text(
            "text", line.GetProperty("text").GetString(),
            step.Decode([.. line.GetProperty("tokens").EnumerateArray().Select(static token => token.GetString()!)]));
    });

    private static void RunAll(RunContext context, string part, Func<JsonElement, Func<JsonElement, string?>> open)
    {
        foreach (JsonElement group in context.JsonLines(context.Args.Text("cases")))
        {
            Func<JsonElement, string?> check = open(group.GetProperty(part));
            context.JudgeAll(
                group.GetProperty("name").GetString()!, group.GetProperty("cases").EnumerateArray().Select(check));
        }
    }

    private static string? CheckNormalized(Normalizer normalizer, JsonElement line)
    {
        string text = line.GetProperty("text").GetString()!;
        string want = line.TryGetProperty("normalized", out JsonElement normalized) ? normalized.GetString()! : text;
        string got = normalizer.Normalize(text, out TokenOffset[] origins);
        int[] places = CodePointPlaces(text);
        var alignment = new List<int>();
        int codePoints = 0;
        for (int i = 0; i < got.Length; i += char.IsHighSurrogate(got[i]) ? 2 : 1, codePoints++)
        {
            alignment.Add(places[origins[i].Start]);
            alignment.Add(places[origins[i].End]);
        }

        int[] identity = [.. Enumerable.Range(0, codePoints).SelectMany(static i => new[] { i, i + 1 })];
        return TokenAnswers.Text("normalized", want, got)
            ?? TokenAnswers.Text("normalized without alignment", want, normalizer.Normalize(text))
            ?? TokenAnswers.Compare(
                "alignment",
                line.TryGetProperty("alignment", out JsonElement given) ? TokenAnswers.Ints(given) : identity, alignment);
    }

    // For each UTF-16 unit, and the end, how many code points stand before it.
    private static int[] CodePointPlaces(string text)
    {
        var places = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            places[i] = count;
            count += char.IsHighSurrogate(text[i]) ? 0 : 1;
        }

        places[^1] = count;
        return places;
    }

    private static Dictionary<string, byte[]> Charsmaps(RunContext context)
    {
        var charsmaps = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (context.Args.Find("charsmap") is not { } named)
        {
            return charsmaps;
        }

        foreach (JsonProperty item in named.EnumerateObject())
        {
            // "… of shared/…/name.model (…)": the rules of a SentencePiece model.
            string file = item.Value.GetString()!.Split(' ').First(static word => word.EndsWith(".model", StringComparison.Ordinal));
            charsmaps[item.Name] = VocabularySources.Charsmap(context.Bytes(file));
        }

        return charsmaps;
    }
}
