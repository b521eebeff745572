using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Cli;

/// <summary>Loads a tokenizer from whatever a path names: a folder, or one file of any known format, found by content.</summary>
internal static class TokenizerFiles
{
    private const long MaxFileBytes = 512L << 20;

    internal static Tokenizer Load(string path)
    {
        if (Directory.Exists(path))
        {
            return TokenizerLoader.FromFolder(path).Tokenizer;
        }

        byte[] head = new byte[4];
        using (FileStream stream = File.OpenRead(path))
        {
            head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            if (!head.AsSpan().SequenceEqual("GGUF"u8) && stream.Length > MaxFileBytes)
            {
                throw new CommandException($"'{path}' has {stream.Length} bytes, more than any tokenizer; name the tokenizer's own file");
            }
        }

        if (head.AsSpan().SequenceEqual("GGUF"u8))
        {
            using GgufFile file = GgufFile.Open(path);
            return GgufTokenizer.Make(GgufVocabularyReader.Read(file));
        }

        if (Path.GetFileName(path) is "vocab.txt" or "vocab.json" or "merges.txt")
        {
            return TokenizerLoader.FromFolder(Path.GetDirectoryName(Path.GetFullPath(path))!).Tokenizer;
        }

        byte[] data = File.ReadAllBytes(path);
        try
        {
            return Read(data, Path.GetExtension(path));
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException)
        {
            throw new CommandException($"'{path}': {failure.Message}");
        }
    }

    private static Tokenizer Read(byte[] data, string extension) => extension switch
    {
        ".json" => Tokenizer.FromJson(data),
        ".model" => TokenizerLoader.FromSentencePieces(SentencePieceModel.Read(data), new TokenizerConfig()).Tokenizer,
        _ => throw new NotSupportedException(
            "the file is no tokenizer that stands alone; name a model's folder, tokenizer.json, tokenizer.model, vocab.txt or a GGUF file"),
    };
}
