using System.Globalization;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Text;
using Xunit;

namespace Percept.Tests.Checkpoints;

/// <summary>Real vocabularies against the answers of llama.cpp, where they are present beside the golden
/// pack.</summary>
public class GgufTokenizerTests
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    [Theory]
    [InlineData("llama-spm")]
    [InlineData("phi-3")]
    [InlineData("gpt-2")]
    [InlineData("starcoder")]
    [InlineData("bert-bge")]
    public void TextsGiveTheIdsOfLlamaCpp(string name)
    {
        string file = Path.Combine(Folder("gguf"), $"ggml-vocab-{name}.gguf");
        Tokenizer tokenizer = Open(file);
        string[] texts = File.ReadAllText(file + ".inp").Split(Separator);
        string[] lines = File.ReadAllText(file + ".out").Split('\n');
        int count = texts.Length - 1;
        Assert.Equal(46, count);
        var problems = new List<string>();
        for (int i = 0; i < count; i++)
        {
            int[] want =
            [
                .. lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
            ];
            int[] got = tokenizer.EncodeIds(texts[i], addSpecialTokens: false, allowSpecial: false);
            if (!want.SequenceEqual(got))
            {
                problems.Add($"{i} '{texts[i]}': [{string.Join(' ', got)}], expected [{string.Join(' ', want)}]");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Theory]
    [InlineData("gguf-more", "deepseek-coder")]
    [InlineData("gguf-more", "falcon")]
    public void OtherVocabulariesKeepTheText(string folder, string name)
    {
        Tokenizer tokenizer = Open(Path.Combine(Folder(folder), $"ggml-vocab-{name}.gguf"));
        string[] texts = File.ReadAllText(Path.Combine(Folder("gguf"), "ggml-vocab-gpt-2.gguf.inp")).Split(Separator);
        foreach (string text in texts)
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeIds(text, addSpecialTokens: false)));
        }
    }

    [Fact]
    public void EveryVocabularyIsDescribed()
    {
        foreach (string file in Directory.GetFiles(Folder("gguf"), "*.gguf"))
        {
            using GgufFile gguf = GgufFile.Open(file);
            GgufVocabulary vocabulary = GgufVocabularyReader.Read(gguf);
            Assert.NotEmpty(vocabulary.Tokens);
            Assert.Empty(gguf.Tensors);
        }
    }

    [Fact]
    public void UnknownKindsAreRefusedWithAList()
    {
        var vocabulary = new GgufVocabulary { Model = "rwkv", Tokens = ["a"] };
        Assert.Contains("gpt2", Refused(vocabulary), StringComparison.Ordinal);
        Assert.Contains("qwen2", Refused(vocabulary with { Model = "gpt2", PreTokenizer = "no-such", Merges = [] }),
            StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => GgufTokenizer.Make(vocabulary with { Model = "gpt2" }));
        Assert.Throws<InvalidDataException>(() => GgufTokenizer.Make(vocabulary with { Model = "gpt2", Merges = [""] }));
        Assert.Throws<InvalidDataException>(() => GgufTokenizer.Make(vocabulary with { Model = "llama" }));
        Assert.Throws<InvalidDataException>(() => GgufTokenizer.Make(vocabulary with { Model = "bert" }));
    }

    private static string Refused(GgufVocabulary vocabulary) =>
        Assert.Throws<NotSupportedException>(() => GgufTokenizer.Make(vocabulary)).Message;

    private static Tokenizer Open(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return GgufTokenizer.Make(GgufVocabularyReader.Read(file));
    }

    private static string Folder(string name)
    {
        string? pack = CaseFinder.FindPack();
        string? folder = pack is null ? null : Path.GetFullPath(Path.Combine(pack, "..", "data", "tokenizers", name));
        if (folder is null || !Directory.Exists(folder))
        {
            Assert.Skip("The vocabularies beside the full golden pack are not here.");
        }

        return folder;
    }
}
