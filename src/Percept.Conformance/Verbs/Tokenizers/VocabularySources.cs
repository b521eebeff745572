using System.Text.Json;
using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>The vocabularies that tokenizer cases take from other files (<c>args.vocab</c>).</summary>
internal static class VocabularySources
{
    /// <summary>The pieces, scores and types of a GGUF file as a SentencePiece vocabulary.</summary>
    internal static SentencePieceModel SentencePieces(RunContext context)
    {
        var source = new RunArgs(context.Args.Need("vocab"));
        source.Only("kind", "\"gguf\"");
        using GgufFile file = GgufFile.Open(context.PathOf(source.Text("path")));
        GgufVocabulary vocabulary = GgufVocabularyReader.Read(file);
        return vocabulary.ToSentencePieces();
    }
}
