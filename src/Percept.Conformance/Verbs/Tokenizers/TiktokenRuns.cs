using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Tokenizer runs of the engine <c>tiktoken</c>: the library's own answers on a rank file.</summary>
internal static class TiktokenRuns
{
    internal static TokenizerEngine Engine { get; } = new(Tokenize, Detokenize);

    private static void Tokenize(RunContext context)
    {
        TiktokenTokenizer tokenizer = Open(context, context.Args.Text("pattern"));
        context.JudgeAll("lines", TokenizeVerb.Lines(context).Select(line => Check(tokenizer, line.Text, line.Line)));
    }

    private static string? Check(TiktokenTokenizer tokenizer, string text, JsonElement line)
    {
        IReadOnlyList<int> ids = tokenizer.Encode(text, allowSpecial: true);
        int[] want = TokenAnswers.Ints(line.GetProperty("ids"));
        int[] ordinary = line.TryGetProperty("ordinary", out JsonElement other) ? TokenAnswers.Ints(other) : want;
        return TokenAnswers.Compare("ids", want, ids)
            ?? TokenAnswers.Compare("ordinary", ordinary, tokenizer.Encode(text, allowSpecial: false))
            ?? TokenAnswers.Text("decoded", text, tokenizer.Decode([.. ids]));
    }

    private static void Detokenize(RunContext context)
    {
        TiktokenTokenizer tokenizer = Open(context, null);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
            return TokenAnswers.Text("text", line.GetProperty("text").GetString(), tokenizer.Decode(ids))
                ?? TokenAnswers.Text(
                    "bytes", line.GetProperty("bytes_hex").GetString(), Convert.ToHexStringLower(tokenizer.DecodeBytes(ids)));
        }));
    }

    private static TiktokenTokenizer Open(RunContext context, string? pattern) => new(
        VocabularyKinds.Ranks(context, context.Args.Need("vocab")),
        pattern,
        context.Args.Need("special_tokens").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetInt32()));
}
