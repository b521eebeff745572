using Percept.Checkpoints;
using Percept.Text;

namespace Percept.TestSupport;

/// <summary>The parsers of checkpoint files.</summary>
public static class CheckpointFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("gguf", CheckpointGgufSeeds.Files, Gguf, 1 << 20),
    ];

    private static void Gguf(byte[] data)
    {
        using GgufFile file = GgufFile.Parse(data);
        foreach (string key in file.Keys)
        {
            file.TryGetType(key, out GgufValueType type);
            _ = type == GgufValueType.String ? file.FindText(key) : null;
        }

        GgufVocabulary vocabulary = GgufVocabularyReader.Read(file);
        if (vocabulary.Model == "llama")
        {
            _ = new SentencePieceTokenizer(vocabulary.ToSentencePieces()).EncodeIds("ab a");
        }
    }
}
