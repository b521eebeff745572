using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Tokenizer runs of the engine <c>sentencepiece</c>: the library's own answers on a model.</summary>
internal static class SentencePieceRuns
{
    internal static TokenizerEngine Engine { get; } = new(Tokenize, Detokenize);

    // Texts to ids, offsets, pieces and back.
    private static void Tokenize(RunContext context)
    {
        var tokenizer = new SentencePieceTokenizer(Model(context));
        context.JudgeAll("lines", TokenizeVerb.Lines(context).Select(line => Check(tokenizer, line.Text, line.Line)));
    }

    private static void Detokenize(RunContext context)
    {
        var tokenizer = new SentencePieceTokenizer(Model(context));
        context.JudgeAll("lines", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenAnswers.Ints(line.GetProperty("ids"));
            string? problem = TokenAnswers.Text("text", line.GetProperty("text").GetString(), tokenizer.Decode(ids));
            return problem is null && line.TryGetProperty("pieces", out JsonElement pieces)
                ? TokenAnswers.Compare("pieces", Texts(pieces), [.. ids.Select(tokenizer.Piece)])
                : problem;
        }));
    }

    private static SentencePieceModel Model(RunContext context)
    {
        if (context.Args.Has("model"))
        {
            return SentencePieceModel.Read(context.Bytes(context.Args.Text("model")));
        }

        var settings = new RunArgs(context.Args.Need("sentencepiece"));
        settings.Only("normalization", "\"identity\"");
        SentencePieceModel model = VocabularyKinds.SentencePieces(context) with
        {
            Kind = settings.Choice("model_type", "unigram", "unigram", "bpe", "word", "char") switch
            {
                "bpe" => SentencePieceKind.Bpe,
                "word" => SentencePieceKind.Word,
                "char" => SentencePieceKind.Char,
                _ => SentencePieceKind.Unigram,
            },
            ByteFallback = settings.Flag("byte_fallback", false),
            AddDummyPrefix = settings.Flag("add_dummy_prefix", true),
            RemoveExtraWhitespaces = settings.Flag("remove_extra_whitespaces", true),
        };
        return settings.Unread.Count == 0
            ? model
            : throw new InvalidDataException($"The setting '{settings.Unread.First()}' of 'sentencepiece' is not understood.");
    }

    private static string? Check(SentencePieceTokenizer tokenizer, string text, JsonElement line)
    {
        if (line.TryGetProperty("bos_eos", out JsonElement withEnds))
        {
            return TokenAnswers.Compare(
                    "bos_eos", TokenAnswers.Ints(withEnds), tokenizer.EncodeIds(text, addBos: true, addEos: true))
                ?? TokenAnswers.Compare(
                    "reversed",
                    TokenAnswers.Ints(line.GetProperty("reversed")),
                    tokenizer.EncodeIds(text, reverse: true));
        }

        IReadOnlyList<SentencePieceSpan> spans = tokenizer.Encode(text);
        int[] ids = [.. spans.Select(span => span.Id)];
        string? problem = TokenAnswers.Numbers(line, "ids", ids)
            ?? TokenAnswers.Numbers(line, "offsets", [.. spans.SelectMany(span => new[] { span.Start, span.End })])
            ?? TokenAnswers.Text("decoded", OrText(line, "decoded", text), tokenizer.Decode(ids));
        return problem is null && line.TryGetProperty("pieces", out JsonElement pieces)
            ? TokenAnswers.Compare("pieces", Texts(pieces), tokenizer.EncodePieces(text))
                ?? TokenAnswers.Text("normalized", OrText(line, "normalized", text), tokenizer.Normalize(text))
            : problem;
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static string? OrText(JsonElement line, string name, string text) =>
        line.TryGetProperty(name, out JsonElement value) ? value.GetString() : text;
}
