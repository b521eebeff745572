using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Texts to ids, with offsets and masks, and back.</summary>
internal static class TokenizeVerb
{
    internal static void Run(RunContext context)
    {
        if (TokenizerEngines.Find(context.Args) is { } engine)
        {
            engine.Tokenize(context);
        }
        else if (context.Args.Has("base"))
        {
            RunPostProcessors(context);
        }
        else
        {
            RunLines(context);
        }
    }

    /// <summary>The texts of a run with the lines that hold their answers.</summary>
    internal static IEnumerable<(string Text, JsonElement Line)> Lines(RunContext context)
    {
        if (context.Args.Has("cases"))
        {
            return context.JsonLines(context.Args.Text("cases"))
                .Select(static line => (line.GetProperty("text").GetString()!, line));
        }

        string[] texts = [.. context.JsonLines(context.Args.Text("inputs")).Select(static line => line.GetString()!)];
        IReadOnlyList<JsonElement> expected = context.JsonLines(context.Args.Text("expected"));
        return expected.Select((line, i) =>
            (texts[line.TryGetProperty("line", out JsonElement number) ? number.GetInt32() : i], line));
    }

    private static void RunLines(RunContext context)
    {
        Tokenizer tokenizer = CaseTokenizer.Open(context);
        bool add = context.Args.Flag("add_special_tokens", true);
        context.JudgeAll("lines", Lines(context).Select(item => Check(context, tokenizer, item.Text, item.Line, add)));
    }

    private static void RunPostProcessors(RunContext context)
    {
        JsonNode file = JsonNode.Parse(context.Bytes(context.Args.Text("base")))!;
        foreach (JsonElement group in context.JsonLines(context.Args.Text("cases")))
        {
            file["post_processor"] = JsonNode.Parse(group.GetProperty("post_processor").GetRawText());
            Tokenizer tokenizer = Tokenizer.FromJson(System.Text.Encoding.UTF8.GetBytes(file.ToJsonString()));
            context.JudgeAll(
                group.GetProperty("name").GetString()!,
                group.GetProperty("cases").EnumerateArray().Select(
                    line => Check(context, tokenizer, line.GetProperty("text").GetString()!, line, add: true)));
        }
    }

    private static string? Check(RunContext context, Tokenizer tokenizer, string text, JsonElement line, bool add)
    {
        bool wantsError = line.TryGetProperty("error", out _);
        add = line.TryGetProperty("add_special_tokens", out JsonElement flag) ? flag.GetBoolean() : add;
        string? pair = line.TryGetProperty("pair", out JsonElement second) ? second.GetString() : null;
        TokenEncoding encoding;
        try
        {
            encoding = tokenizer.Encode(text, pair, new EncodeOptions
            {
                AddSpecialTokens = add,
                AllowSpecial = true,
                Truncation = line.TryGetProperty("truncation", out JsonElement cut) ? TokenizerJson.ReadTruncation(cut) : null,
                Padding = line.TryGetProperty("padding", out JsonElement pad) ? TokenizerJson.ReadPadding(pad) : null,
            });
        }
        catch (Exception error) when (error is ArgumentException or InvalidDataException or NotSupportedException)
        {
            return wantsError ? null : $"it is refused: {error.Message}";
        }

        if (wantsError)
        {
            return "it is taken, but the reference refuses it";
        }

        return TokenAnswers.Check(line, encoding)
            ?? CheckFast(tokenizer, text, line, add)
            ?? CheckDecoded(context, tokenizer, text, line, encoding);
    }

    // The path that computes ids alone must give the same ids.
    private static string? CheckFast(Tokenizer tokenizer, string text, JsonElement line, bool add) =>
        line.TryGetProperty("pair", out _) || line.TryGetProperty("overflowing", out _)
                ? null
                : TokenAnswers.Compare(
                    "ids alone", TokenAnswers.Ints(line.GetProperty("ids")),
                    tokenizer.EncodeIds(text, add, allowSpecial: true));

    private static string? CheckDecoded(
        RunContext context, Tokenizer tokenizer, string text, JsonElement line, TokenEncoding encoding)
    {
        // Lines with ids alone, or of a component, say nothing about decoding.
        if (!line.TryGetProperty("offsets", out _) || line.TryGetProperty("sequence_ids", out _))
        {
            return null;
        }

        string want = line.TryGetProperty("decoded", out JsonElement decoded) ? decoded.GetString()! : text;
        string wantSkip = line.TryGetProperty("decoded_skip", out JsonElement skip) ? skip.GetString()! : want;
        int[] ids = [.. encoding.Ids];
        return TokenAnswers.Text("decoded", want, CaseTokenizer.Decode(context, tokenizer, ids, false))
            ?? TokenAnswers.Text("decoded_skip", wantSkip, CaseTokenizer.Decode(context, tokenizer, ids, true));
    }
}
