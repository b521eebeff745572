using Percept.Text;

namespace Percept.TestSupport;

/// <summary>The parsers of tokenizers and chat templates.</summary>
public static class TextFuzzTargets
{
    private const string Sample = "Aab äABw \u2581word é<u>\t\U0001F600 aaab";

    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("sentencepiece", TextSentencePieceSeeds.Models, SentencePiece, 4 << 20),
        new("charsmap", () => [TextSentencePieceSeeds.Charsmap()], Rules, 1 << 20),
        new("tiktoken", TextSentencePieceSeeds.Ranks, data => TiktokenRanks.Read(data).ToVocabulary(), 1 << 20),
        new("merges.txt", () => [TextSentencePieceSeeds.Lists()[0]], data => VocabularyFiles.ReadMerges(data), 1 << 20),
        new("vocab.txt", () => [TextSentencePieceSeeds.Lists()[1]], data => VocabularyFiles.ReadList(data), 1 << 20),
        new("tokenizer_config.json", TextSentencePieceSeeds.Configs, data => TokenizerConfigReader.Read(data), 1 << 20),
        new("vocab.json", () => [TextSentencePieceSeeds.Lists()[2]], data => VocabularyFiles.ReadJson(data), 1 << 20),
        new("Jinja", TextTemplateSeeds.All, TextTemplateSeeds.Render, 64 << 20),
        new("tokenizer.json", TextTokenizerSeeds.Files, TextTokenizerSeeds.Parse, 64 << 20),
    ];

    private static void SentencePiece(byte[] data)
    {
        var tokenizer = new SentencePieceTokenizer(SentencePieceModel.Read(data));
        IReadOnlyList<int> ids = tokenizer.EncodeIds(Sample, addBos: true, addEos: true);
        tokenizer.Decode([.. ids]);
        tokenizer.Normalize(Sample);
    }

    private static void Rules(byte[] data)
    {
        Charsmap rules = Charsmap.Read(data);
        for (int i = 0; i < data.Length; i += 7)
        {
            rules.TryLongest(data.AsSpan(i), out _, out _);
            rules.TryShortest("ABä"u8[(i % 3)..], out _, out _);
        }
    }
}
