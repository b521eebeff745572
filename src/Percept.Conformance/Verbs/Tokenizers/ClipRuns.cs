using Percept.Text;

namespace Percept.Conformance;

/// <summary>Tokenizer runs of the engine <c>openai-clip</c>: the tokenizer of OpenAI's CLIP and of open_clip.</summary>
internal static class ClipRuns
{
    internal static TokenizerEngine Engine { get; } = new(Tokenize, Detokenize);

    private static void Tokenize(RunContext context)
    {
        ClipTokenizer tokenizer = Open(context);
        bool frame = context.Args.Flag("add_special_tokens", false);
        context.JudgeAll("lines", TokenizeVerb.Lines(context).Select(line =>
        {
            int[] ids = tokenizer.Encode(line.Text);
            int[] framed = frame ? [tokenizer.StartId, .. ids, tokenizer.EndId] : ids;
            string? want = line.Line.TryGetProperty("decoded", out var decoded) ? decoded.GetString() : line.Text;
            return TokenAnswers.Numbers(line.Line, "ids", framed)
                ?? TokenAnswers.Text("decoded", want, tokenizer.Decode(framed));
        }));
    }

    private static void Detokenize(RunContext context)
    {
        ClipTokenizer tokenizer = Open(context);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line => TokenAnswers.Text(
            "text", line.GetProperty("text").GetString(), tokenizer.Decode(TokenAnswers.Ints(line.GetProperty("ids"))))));
    }

    private static ClipTokenizer Open(RunContext context) =>
        new(VocabularySources.Read(context) ?? throw new InvalidDataException("The argument 'vocab' is missing."));
}
