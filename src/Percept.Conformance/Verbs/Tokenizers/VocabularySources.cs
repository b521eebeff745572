using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Reads the vocabularies that a case's <c>tokenizer.json</c> leaves out, by the <c>kind</c> of
/// <c>args.vocab</c>.</summary>
internal static class VocabularySources
{
    private static readonly Dictionary<string, Func<RunContext, JsonElement, VocabularyData>> s_kinds =
        new(StringComparer.Ordinal)
        {
            ["gguf"] = VocabularyKinds.Gguf,
            ["gguf-wordpiece"] = VocabularyKinds.GgufWordPiece,
            ["tiktoken"] = VocabularyKinds.Tiktoken,
            ["merges"] = VocabularyKinds.Merges,
            ["clip"] = VocabularyKinds.Clip,
            ["sentencepiece"] = VocabularyKinds.SentencePiece,
        };

    /// <summary>The vocabulary that a run names; null when it names none.</summary>
    internal static VocabularyData? Read(RunContext context) =>
        context.Args.Find("vocab") is { } vocab ? Read(context, vocab) : null;

    /// <summary>Reads a vocabulary.</summary>
    internal static VocabularyData Read(RunContext context, JsonElement vocab)
    {
        string kind = vocab.GetProperty("kind").GetString()!;
        return s_kinds.TryGetValue(kind, out Func<RunContext, JsonElement, VocabularyData>? read)
            ? read(context, vocab)
            : throw new NotUnderstoodException($"the vocabulary kind '{kind}' is not known");
    }

    /// <summary>The compiled normalization rules of a SentencePiece model.</summary>
    internal static byte[] Charsmap(byte[] model) => SentencePieceModel.Read(model).Rules.ToArray();
}
