using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Tokenizer runs on a SentencePiece model that a class of transformers was made of.</summary>
internal static class FamilyRuns
{
    internal static TokenizerEngine Engine { get; } = new(Tokenize, Detokenize);

    private static void Tokenize(RunContext context)
    {
        LoadedTokenizer loaded = Open(context);
        bool add = context.Args.Flag("add_special_tokens", true);
        if (context.Args.Find("built") is { } built)
        {
            context.Judge("built", LoadTokenizerVerb.Components(loaded, default, built));
        }

        context.JudgeAll("lines", TokenizeVerb.Lines(context).Select(line =>
        {
            TokenEncoding got = loaded.Tokenizer.Encode(line.Text, null, new EncodeOptions
            {
                AddSpecialTokens = add, AllowSpecial = true,
            });
            int[] ids = [.. got.Ids];
            string? want = line.Line.TryGetProperty("decoded", out JsonElement decoded) ? decoded.GetString() : line.Text;
            string? skip = line.Line.TryGetProperty("decoded_skip", out JsonElement other) ? other.GetString() : want;
            return TokenAnswers.Check(line.Line, got)
                ?? TokenAnswers.Compare("ids alone", ids, loaded.Tokenizer.EncodeIds(line.Text, add, allowSpecial: true))
                ?? TokenAnswers.Text("decoded", want, loaded.Tokenizer.Decode(ids))
                ?? TokenAnswers.Text("decoded_skip", skip, loaded.Tokenizer.Decode(ids, skipSpecialTokens: true));
        }));
    }

    private static void Detokenize(RunContext context)
    {
        LoadedTokenizer loaded = Open(context);
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
            return TokenAnswers.Text("text", line.GetProperty("text").GetString(), loaded.Tokenizer.Decode(ids))
                ?? TokenAnswers.Text(
                    "text_skip",
                    line.GetProperty("text_skip").GetString(),
                    loaded.Tokenizer.Decode(ids, skipSpecialTokens: true));
        }));
    }

    private static LoadedTokenizer Open(RunContext context) => TokenizerLoader.FromSentencePieces(
        SentencePieceModel.Read(context.Bytes(context.Args.Text("model"))),
        TokenizerConfigReader.Read(context.Args.Need("tokenizer_config")));
}
