using System.Text;
using Percept.TestSupport;
using Xunit;

namespace Percept.Text.Tests;

public sealed class TokenizerLoaderTests : IDisposable
{
    private const string Tokens = """{"<s>":0,"</s>":1,"a":2,"b":3,"ab":4,"\u0120":5,"\u0120a":6}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("percept").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFolderWithoutTokenizerSaysWhatWasLookedFor()
    {
        string message = Assert.Throws<FileNotFoundException>(() => TokenizerLoader.FromFolder(_folder)).Message;
        foreach (string name in new[] { "tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "vocab.txt", _folder })
        {
            Assert.Contains(name, message, StringComparison.Ordinal);
        }

        Write("vocab.json", Tokens);
        Assert.Contains("without 'merges.txt'", Assert.Throws<FileNotFoundException>(
            () => TokenizerLoader.FromFolder(_folder)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => TokenizerLoader.FromFolder(Path.Combine(_folder, "no")));
    }

    [Fact]
    public void VocabularyAndMergesAreByteLevel()
    {
        Write("vocab.json", Tokens);
        Write("merges.txt", "#version: 0.2\na b\n\u0120 a\n");
        Write("tokenizer_config.json", """
            {"tokenizer_class":"RobertaTokenizer","bos_token":"<s>","mask_token":null,"unk_token":null,"pad_token":null,
            "extra_special_tokens":{"image_token":"<image>"},"model_max_length":77}
            """);
        LoadedTokenizer loaded = TokenizerLoader.FromFolder(_folder);
        Assert.Equal([0, 4, 6, 1], loaded.Tokenizer.EncodeIds("ab a"));
        Assert.Equal([7], loaded.Tokenizer.EncodeIds("<image>", addSpecialTokens: false, allowSpecial: true));
        Assert.Equal("<image>", loaded.Token("image_token"));
        Assert.Equal(7, loaded.TokenId("image_token"));
        Assert.Equal(0, loaded.TokenId("bos_token"));
        Assert.Null(loaded.Token("mask_token"));
        Assert.Equal(77, loaded.Config.ModelMaxLength);
        Assert.Equal(8, loaded.TokenCount);
    }

    [Fact]
    public void AListOfTokensIsWordPiece()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\n!\n");
        LoadedTokenizer loaded = TokenizerLoader.FromFolder(_folder);
        Assert.Equal([2, 5, 6, 7, 1, 4, 3], loaded.Tokenizer.EncodeIds("Hellos! x [MASK]", allowSpecial: true));
        Assert.Equal("hellos!", loaded.Tokenizer.Decode([2, 5, 6, 7, 3], skipSpecialTokens: true));
    }

    [Fact]
    public void SettingsOfWordPieceFilesCount()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nuber\n\u00fcber\n\u6771\n\u6771\u4eac\n");
        Assert.Equal([2, 5, 7, 1, 3], TokenizerLoader.FromFolder(_folder).Tokenizer.EncodeIds("\u00dcber \u6771\u4eac"));
        Write("tokenizer_config.json", """{"tokenizer_class":"BertTokenizer","do_lower_case":true,"strip_accents":false,"tokenize_chinese_chars":false}""");
        Assert.Equal([2, 6, 8, 3], TokenizerLoader.FromFolder(_folder).Tokenizer.EncodeIds("\u00dcber \u6771\u4eac"));
    }

    [Fact]
    public void WhereNoClassIsNamedTheModelsCounts()
    {
        Write("vocab.json", Tokens);
        Write("merges.txt", "#version: 0.2\na b\n\u0120 a\n");
        Assert.Equal([4, 6], TokenizerLoader.FromFolder(_folder).Tokenizer.EncodeIds("ab a"));
        Write("config.json", """{"model_type":"roberta"}""");
        LoadedTokenizer loaded = TokenizerLoader.FromFolder(_folder);
        Assert.Equal("RobertaTokenizer", loaded.ClassName);
        Assert.Equal([0, 4, 6, 1], loaded.Tokenizer.EncodeIds("ab a"));
        File.WriteAllBytes(Path.Combine(_folder, "tokenizer.model"), Model());
        Write("config.json", """{"model_type":"llama"}""");
        Assert.Equal("LlamaTokenizer", TokenizerLoader.FromFolder(_folder).ClassName);
    }

    [Fact]
    public void TemplatesOfTheirOwnFilesAreFoundByName()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n");
        Write("chat_template.jinja", "plain");
        Directory.CreateDirectory(Path.Combine(_folder, "additional_chat_templates"));
        Write(Path.Combine("additional_chat_templates", "tool_use.jinja"), "tools");
        LoadedTokenizer loaded = TokenizerLoader.FromFolder(_folder);
        Assert.Equal(["default", "tool_use"], loaded.Config.ChatTemplates.Keys.Order());
        Assert.Equal("plain", loaded.RenderChat(new ChatTemplateInput { Messages = TemplateValue.List() }).Text);
        Assert.Equal("tools", loaded.RenderChat(new ChatTemplateInput { Messages = TemplateValue.List(), Tools = TemplateValue.List() }).Text);
    }

    [Theory]
    [InlineData(true, "\u2581a", "\u2581b")]
    [InlineData(false, "\u2581a", "b")]
    public void ALlamaModelFollowsItsClass(bool legacy, string first, string second)
    {
        File.WriteAllBytes(Path.Combine(_folder, "tokenizer.model"), Model());
        Write("tokenizer_config.json", $$"""{"tokenizer_class":"LlamaTokenizer","legacy":{{(legacy ? "true" : "false")}}}""");
        LoadedTokenizer loaded = TokenizerLoader.FromFolder(_folder);
        Assert.Equal("LlamaTokenizer", loaded.ClassName);
        Assert.Equal(TextSide.Left, loaded.PaddingSide);
        TokenEncoding got = loaded.Tokenizer.Encode("a</s>b", null, new EncodeOptions { AllowSpecial = true });
        Assert.Equal(["<s>", first, "</s>", second], got.Tokens);
        Assert.Equal(["<s>", "</s>", "<unk>"], loaded.SpecialTokens);
    }

    [Fact]
    public void AnUnknownClassOfAModelIsRefused()
    {
        File.WriteAllBytes(Path.Combine(_folder, "spiece.model"), Model());
        Write("tokenizer_config.json", """{"tokenizer_class":"PegasusTokenizer"}""");
        Assert.Contains("PegasusTokenizer", Assert.Throws<NotSupportedException>(
            () => TokenizerLoader.FromFolder(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingsOfTheFilesBesideAreJoined()
    {
        TokenizerConfig config = TokenizerConfigReader.Read(
            """{"bos_token":"<s>","chat_template":[{"name":"default","template":"A"},{"name":"rag","template":"B"}]}"""u8.ToArray(),
            """{"bos_token":"<x>","eos_token":{"content":"</s>","rstrip":true},"additional_special_tokens":["<i>"]}"""u8.ToArray(),
            """{"<i>":9,"<j>":8}"""u8.ToArray(),
            "C");
        Assert.Equal("<s>", config.Token("bos_token"));
        Assert.Equal("</s>", config.Token("eos_token"));
        Assert.True(config.NamedTokens["eos_token"].Rules!.RightStrip);
        Assert.Equal(["<i>"], config.ExtraTokens.Select(token => token.Content));
        Assert.Equal([8, 9], config.AddedTokens!.Select(token => token.Id));
        Assert.Equal("C", config.ChatTemplates["default"]);
        Assert.Equal("B", config.ChatTemplates["rag"]);
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    [InlineData("""{"bos_token":{}}""", "bos_token")]
    [InlineData("""{"padding_side":"up"}""", "padding_side")]
    [InlineData("""{"legacy":1}""", "legacy")]
    [InlineData("""{"model_max_length":"x"}""", "model_max_length")]
    [InlineData("""{"added_tokens_decoder":{"x":{"content":"a"}}}""", "added_tokens_decoder.x")]
    [InlineData("""{"added_tokens_decoder":{"1":"a"}}""", "added_tokens_decoder.1")]
    [InlineData("""{"added_tokens_decoder":[]}""", "added_tokens_decoder")]
    [InlineData("""{"extra_special_tokens":1}""", "extra_special_tokens")]
    [InlineData("""{"additional_special_tokens":[1]}""", "additional_special_tokens")]
    [InlineData("""{"chat_template":1}""", "chat_template")]
    [InlineData("""{"chat_template":[1]}""", "chat_template")]
    [InlineData("""{"tokenizer_class":"\ud800"}""", "Unicode")]
    public void BrokenSettingsAreRefusedByName(string json, string said)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => TokenizerConfigReader.Read(Encoding.UTF8.GetBytes(json)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Model() => TextSentencePieceSeeds.Model(
        2,
        [
            ("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. TextSentencePieceSeeds.Bytes(), ("\u2581", -9, 1),
            ("a", -9, 1), ("b", -9, 1), ("\u2581a", -1, 1), ("\u2581b", -2, 1),
        ],
        fallback: true,
        removeSpaces: false);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
