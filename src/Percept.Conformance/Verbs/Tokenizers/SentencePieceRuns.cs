using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Tokenizer runs of the engine <c>sentencepiece</c>: the library's own answers on a model.</summary>
internal static class SentencePieceRuns
{
    /// <summary>Texts to ids, offsets, pieces and back.</summary>
    internal static void Tokenize(RunContext context)
    {
        var tokenizer = new SentencePieceTokenizer(Model(context));
        context.Args.Only("engine", "\"sentencepiece\"");
        context.JudgeAll("encoding", TokenizerLines.Read(context).Select(line => Check(tokenizer, line)));
    }

    /// <summary>Ids to text and pieces.</summary>
    internal static void Detokenize(RunContext context)
    {
        var tokenizer = new SentencePieceTokenizer(Model(context));
        context.Args.Only("engine", "\"sentencepiece\"");
        context.JudgeAll("text", context.JsonLines(context.Args.Text("cases")).Select(line =>
        {
            int[] ids = TokenizerLines.Ints(line.GetProperty("ids"));
            string? problem = TokenizerLines.Same("text", tokenizer.Decode(ids), line.GetProperty("text").GetString()!);
            return problem is null && line.TryGetProperty("pieces", out JsonElement pieces)
                ? TokenizerLines.Same("pieces", ids.Select(tokenizer.Piece), TokenizerLines.Texts(pieces))
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
        SentencePieceModel model = VocabularySources.SentencePieces(context) with
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

    private static string? Check(SentencePieceTokenizer tokenizer, TokenizerLine line)
    {
        if (line.Answer.TryGetProperty("bos_eos", out JsonElement withEnds))
        {
            return TokenizerLines.Same(
                    "bos_eos", tokenizer.EncodeIds(line.Text, addBos: true, addEos: true), TokenizerLines.Ints(withEnds))
                ?? TokenizerLines.Same(
                    "reversed",
                    tokenizer.EncodeIds(line.Text, reverse: true),
                    TokenizerLines.Ints(line.Answer.GetProperty("reversed")));
        }

        IReadOnlyList<SentencePieceSpan> spans = tokenizer.Encode(line.Text);
        int[] ids = [.. spans.Select(span => span.Id)];
        string? problem = TokenizerLines.Same("ids", ids, TokenizerLines.Ints(line.Answer.GetProperty("ids")))
            ?? TokenizerLines.Same(
                "offsets",
                spans.SelectMany(span => new[] { span.Start, span.End }),
                TokenizerLines.Ints(line.Answer.GetProperty("offsets")))
            ?? TokenizerLines.Same("decoded", tokenizer.Decode(ids), line.OrText("decoded"));
        if (problem is null && line.Answer.TryGetProperty("pieces", out JsonElement pieces))
        {
            problem = TokenizerLines.Same("pieces", tokenizer.EncodePieces(line.Text), TokenizerLines.Texts(pieces))
                ?? TokenizerLines.Same("normalized", tokenizer.Normalize(line.Text), line.OrText("normalized"));
        }

        return problem is null ? null : $"{problem} ({line.Quoted})";
    }
}
