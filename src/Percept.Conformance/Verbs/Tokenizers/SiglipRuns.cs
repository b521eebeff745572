using Percept.Text;

namespace Percept.Conformance;

/// <summary>Tokenizer runs of the engine <c>SiglipTokenizer</c>.</summary>
internal static class SiglipRuns
{
    internal static TokenizerEngine Engine { get; } = new(Tokenize, Detokenize);

    private static void Tokenize(RunContext context)
    {
        SiglipTokenizer tokenizer = Open(context);
        bool add = context.Args.Flag("add_special_tokens", true);
        context.JudgeAll("lines", TokenizeVerb.Lines(context).Select(line =>
        {
            int[] ids = tokenizer.Encode(line.Text, add);
            string? want = line.Line.TryGetProperty("decoded_skip", out var skip) ? skip.GetString() : line.Text;
            return TokenAnswers.Numbers(line.Line, "ids", ids)
                ?? TokenAnswers.Text("decoded_skip", want, tokenizer.Decode(ids, skipSpecialTokens: true));
        }));
    }

    private static void Detokenize(RunContext context)
    {
        SiglipTokenizer tokenizer = Open(context);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
            return TokenAnswers.Text("text", line.GetProperty("text").GetString(), tokenizer.Decode(ids))
                ?? TokenAnswers.Text(
                    "text_skip", line.GetProperty("text_skip").GetString(), tokenizer.Decode(ids, skipSpecialTokens: true));
        }));
    }

    private static SiglipTokenizer Open(RunContext context) =>
        new(SentencePieceModel.Read(context.Bytes(context.Args.Text("model"))));
}
