using System.Text.Json;
using Percept.Tests;
using Percept.Text;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Tokenizers of the hub in GGUF files, and back.</summary>
public class VocabularyTests
{
    private const string Bytes =
        """
        {"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},
        {"id":7,"content":"<image>","special":true},{"id":8,"content":"<tool>","special":false}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
        "pre_tokenizer":null,"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
        {"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
        "special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}},
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
        {"type":"Strip","content":" ","start":1,"stop":0}]},
        "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
        "vocab":{"<unk>":0,"<s>":1,"▁":2,"a":3,"b":4,"ab":5,"▁ab":6},"merges":["a b",["▁","ab"]]}}
        """;

    private static readonly EncodeOptions s_bare = new() { AddSpecialTokens = false };

    [Fact]
    public void ATokenizerWithByteFallbackBecomesOneWithScores()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("tokenizer.json"), Bytes);
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"bos_token":"<s>","unk_token":"<unk>","chat_template":"{{ x }}"}""");
        GgufVocabulary vocabulary = HubVocabulary.Read(folder.Path, 11);
        Assert.Equal(("llama", "default", true, true), (vocabulary.Model, vocabulary.PreTokenizer, vocabulary.AddBos, vocabulary.AddSpacePrefix));
        Assert.Equal(["<unk>", "<s>", "▁", "a", "b", "ab", "▁ab", "<image>", "<tool>", "[PAD9]", "[PAD10]"], vocabulary.Tokens);
        Assert.Equal([2, 3, 1, 1, 1, 1, 1, 3, 4, 5, 5], vocabulary.Types!.Select(type => (int)type));
        Assert.Equal([0f, -1f], vocabulary.Scores!.Skip(5).Take(2));
        Assert.Equal((1, null, 0, "{{ x }}"), (vocabulary.BosId, vocabulary.EosId, vocabulary.UnknownId, vocabulary.ChatTemplate));

        GgufWriter.Write(folder.File("a.gguf"), GgufVocabularyWriter.Write(vocabulary), []);
        using GgufFile file = GgufFile.Open(folder.File("a.gguf"));
        GgufVocabulary read = GgufVocabularyReader.Read(file);
        Assert.Equal(vocabulary.Tokens, read.Tokens);
        Assert.Equal(vocabulary.Scores, read.Scores);
        Assert.Equal(vocabulary.Types, read.Types);
        Assert.Equal((vocabulary.BosId, vocabulary.AddBos, vocabulary.ChatTemplate), (read.BosId, read.AddBos, read.ChatTemplate));

        Tokenizer before = TokenizerLoader.FromFolder(folder.Path).Tokenizer, after = GgufTokenizer.Make(read);
        Tokenizer back = Tokenizer.FromJson(GgufTokenizer.ToJson(read));
        foreach (string text in new[] { "ab", "ab a b  ab", "", "<image>ab", "<tool>" })
        {
            Assert.Equal(before.EncodeIds(text), after.EncodeIds(text));
            Assert.Equal(before.EncodeIds(text), back.EncodeIds(text));
        }
    }

    [Fact]
    public void ATokenizerWithMoreTokensThanTheModelIsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("tokenizer.json"), Bytes);
        Refusal.Of<InvalidDataException>(() => HubVocabulary.Read(folder.Path, 8), "9 tokens, the model 8");
    }

    [Fact]
    public void OldTokenizersOfVocabularyAndMergesAreKnownByTheirClass()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("vocab.json"), """{"a":0,"b":1,"ab":2}""");
        File.WriteAllText(folder.File("merges.txt"), "#version: 0.2\na b\n");
        File.WriteAllText(
            folder.File("tokenizer_config.json"),
            """{"tokenizer_class":"Qwen2Tokenizer","eos_token":"<|end|>","added_tokens_decoder":{"3":{"content":"<|end|>","special":true}}}""");
        GgufVocabulary vocabulary = HubVocabulary.Read(folder.Path, 4);
        Assert.Equal(("gpt2", "qwen2", 3), (vocabulary.Model, vocabulary.PreTokenizer, vocabulary.EosId));
        Assert.Equal(["a b"], vocabulary.Merges!);
        Assert.Equal(TokenizerLoader.FromFolder(folder.Path).Tokenizer.EncodeIds("ab"), GgufTokenizer.Make(vocabulary).EncodeIds("ab"));
        File.Delete(folder.File("merges.txt"));
        Assert.Throws<FileNotFoundException>(() => HubVocabulary.Read(folder.Path, 4));
    }

    [Theory]
    [InlineData("""{"type":"Whitespace"}""", "'Whitespace'")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"x+"},"behavior":"Isolated"}""", "'x+'")]
    [InlineData("null", "does not say")]
    public void WaysToCutThatGgufHasNoNameForAreRefused(string cutter, string said)
    {
        using var folder = new TempFolder();
        File.WriteAllText(
            folder.File("tokenizer.json"),
            """{"added_tokens":[],"normalizer":null,"post_processor":null,"decoder":null,"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":"""
                + cutter + "}");
        Refusal.Of<NotSupportedException>(() => HubVocabulary.Read(folder.Path, 1), said);
    }

    [Theory]
    [InlineData("starcoder/real", "gpt2", "starcoder")]
    [InlineData("synthetic/llama3-ignore-merges", "gpt2", "llama-bpe")]
    [InlineData("synthetic/llama3-no-ignore-merges", "gpt2", "chatglm-bpe")]
    [InlineData("synthetic/llama-legacy", "llama", "default")]
    [InlineData("synthetic/llama-nonlegacy", "llama", "default")]
    [InlineData("synthetic/gemma-like", "llama", "default")]
    [InlineData("sentencepiece-trained/llama-like", "llama", "default")]
    [InlineData("sentencepiece-trained/gemma-like", "llama", "default")]
    [InlineData("llama/legacy-from-model", "llama", "default")]
    public void TokenizersCutTextAsBefore(string name, string model, string pre)
    {
        string folder = GoldenFilesTests.Pack("tokenizers/" + name);
        Func<string, IReadOnlyList<int>> before = Before(folder);
        GgufVocabulary vocabulary = HubVocabulary.Read(folder, 60_000);
        Assert.Equal((model, pre), (vocabulary.Model, vocabulary.PreTokenizer));
        Tokenizer after = GgufTokenizer.Make(vocabulary), back = Tokenizer.FromJson(GgufTokenizer.ToJson(vocabulary));
        int count = 0;
        foreach (string line in File.ReadLines(Path.Combine(GoldenFilesTests.Pack("tokenizers"), "corpus.jsonl")))
        {
            // The format takes every text as if it began with a space; some of the hub's tokenizers leave one that is there.
            string text = JsonDocument.Parse(line).RootElement.GetString()!;
            // Pieces with spaces, which SentencePiece itself never finds, are found in GGUF files.
            if ((text.Length > 0 && (text[0] == ' ' || text[0] == '\u2581') && vocabulary.AddSpacePrefix == true)
                || (name.EndsWith("trained/gemma-like", StringComparison.Ordinal) && text.Contains("  ", StringComparison.Ordinal)))
            {
                continue;
            }

            IReadOnlyList<int> expected = before(text), ids = after.Encode(text, null, s_bare).Ids;
            Assert.Equal(ids, back.Encode(text, null, s_bare).Ids);
            Assert.True(
                expected.SequenceEqual(ids), $"{name}: '{text}' gives [{string.Join(", ", ids)}], expected [{string.Join(", ", expected)}]");
            count++;
        }

        Assert.True(count > 200, $"{count} texts");
    }

    [Theory]
    [InlineData("bpe-plain", "changes text")]
    [InlineData("unigram-plain", "Unigram")]
    public void SentencePieceModelsThatGgufCannotSayAreRefused(string name, string said)
    {
        string folder = GoldenFilesTests.Pack("tokenizers/sentencepiece-trained/" + name);
        Refusal.Of<NotSupportedException>(() => HubVocabulary.Read(folder, 60_000), said);
    }

    private static Func<string, IReadOnlyList<int>> Before(string folder)
    {
        string model = Path.Combine(folder, "tokenizer.model");
        if (File.Exists(model))
        {
            var pieces = new SentencePieceTokenizer(SentencePieceModel.Read(File.ReadAllBytes(model)));
            return text => pieces.EncodeIds(text);
        }

        Tokenizer tokenizer = TokenizerLoader.FromFolder(folder, TokenizerLoading.AsWritten).Tokenizer;
        return text => tokenizer.Encode(text, null, s_bare).Ids;
    }
}
