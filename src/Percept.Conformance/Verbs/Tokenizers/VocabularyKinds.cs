using System.IO.Compression;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>The vocabularies that tokenizer cases take from other files, by kind.</summary>
internal static class VocabularyKinds
{
    /// <summary>Tokens and merges of a GGUF file; without merges, those that its scores stand for.</summary>
    internal static VocabularyData Gguf(RunContext context, JsonElement vocab)
    {
        var source = new RunArgs(vocab);
        GgufVocabulary vocabulary = ReadGguf(context, source);
        IEnumerable<string> tokens = vocabulary.Tokens;
        IEnumerable<float>? scores = vocabulary.Scores;
        if (source.IntsOrNone("tokens") is { } slice)
        {
            tokens = tokens.Skip(slice[0]).Take(slice[1] - slice[0]);
            scores = scores?.Skip(slice[0]).Take(slice[1] - slice[0]);
        }

        Done(source);
        string[] list = [.. tokens];
        return new VocabularyData
        {
            Tokens = list,
            Merges = vocabulary.Merges is { } merges
                ? [.. merges.Select(merge => merge.Split(' ', 2)).Select(parts => (parts[0], parts[1]))]
                : SentencePieceMerges.Make(list, [.. scores ?? throw new InvalidDataException("There are no merges.")]),
        };
    }

    /// <summary>Tokens of a BERT vocabulary in a GGUF file.</summary>
    internal static VocabularyData GgufWordPiece(RunContext context, JsonElement vocab)
    {
        var source = new RunArgs(vocab);
        GgufVocabulary vocabulary = ReadGguf(context, source);
        Done(source);
        return new VocabularyData { Tokens = GgufTokenizer.ToWordPieces(vocabulary.Tokens) };
    }

    /// <summary>A rank file of tiktoken.</summary>
    internal static VocabularyData Tiktoken(RunContext context, JsonElement vocab) => Ranks(context, vocab).ToVocabulary();

    /// <summary>A rank file of tiktoken.</summary>
    internal static TiktokenRanks Ranks(RunContext context, JsonElement vocab)
    {
        var source = new RunArgs(vocab);
        source.Only("kind", "\"tiktoken\"");
        TiktokenRanks ranks = TiktokenRanks.Read(context.Bytes(source.Text("path")));
        Done(source);
        return ranks;
    }

    /// <summary>A list of merges, which implies the tokens.</summary>
    internal static VocabularyData Merges(RunContext context, JsonElement vocab)
    {
        var source = new RunArgs(vocab);
        source.Skip("kind");
        VocabularyData data = VocabularyFiles.FromMerges(VocabularyFiles.ReadMerges(Unpacked(context, source)));
        Done(source);
        return data;
    }

    /// <summary>The vocabulary of CLIP.</summary>
    internal static VocabularyData Clip(RunContext context, JsonElement vocab)
    {
        var source = new RunArgs(vocab);
        source.Skip("kind");
        VocabularyData data = ClipTokenizer.ReadVocabulary(Unpacked(context, source));
        Done(source);
        return data;
    }

    /// <summary>Pieces, scores and rules of a SentencePiece model, numbered as the case's first and last pieces
    /// show.</summary>
    internal static VocabularyData SentencePiece(RunContext context, JsonElement vocab)
    {
        var source = new RunArgs(vocab);
        source.Skip("kind");
        SentencePieceModel model = SentencePieceModel.Read(context.Bytes(source.Text("path")));
        string[] first = [.. source.Need("first_pieces").EnumerateArray().Select(item => item.GetString()!)];
        string[] last = [.. source.Need("last_pieces").EnumerateArray().Select(item => item.GetString()!)];
        int size = source.Int("size");
        Done(source);
        foreach (SentencePieceLayout layout in Enum.GetValues<SentencePieceLayout>())
        {
            VocabularyData data = SentencePieceLayouts.Make(model, layout);
            if (data.Tokens.Count == size && data.Tokens.Take(first.Length).SequenceEqual(first)
                && data.Tokens.Skip(size - last.Length).SequenceEqual(last))
            {
                return data;
            }
        }

        throw new NotUnderstoodException($"no numbering of pieces begins with '{string.Join("', '", first)}'");
    }

    /// <summary>The pieces, scores and types of a GGUF file as a SentencePiece vocabulary.</summary>
    internal static SentencePieceModel SentencePieces(RunContext context)
    {
        var source = new RunArgs(context.Args.Need("vocab"));
        SentencePieceModel model = ReadGguf(context, source).ToSentencePieces();
        Done(source);
        return model;
    }

    private static GgufVocabulary ReadGguf(RunContext context, RunArgs source)
    {
        source.Skip("kind");
        using GgufFile file = GgufFile.Open(context.PathOf(source.Text("path")));
        return GgufVocabularyReader.Read(file);
    }

    private static byte[] Unpacked(RunContext context, RunArgs source)
    {
        string path = source.Text("path");
        byte[] data = context.Bytes(path);
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return data;
        }

        using var output = new MemoryStream();
        using (var input = new GZipStream(new MemoryStream(data), CompressionMode.Decompress))
        {
            input.CopyTo(output);
        }

        return output.ToArray();
    }

    private static void Done(RunArgs source)
    {
        if (source.Unread.Count > 0)
        {
            throw new InvalidDataException($"The setting '{source.Unread.First()}' of 'vocab' is not understood.");
        }
    }
}
