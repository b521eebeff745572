namespace Percept.Text;

/// <summary>Makes tokenizers of the vocabulary files that older models have.</summary>
internal static class VocabularyTokenizers
{
    private const string ClipPattern =
        @"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

    /// <summary>A byte-level BPE: GPT-2, RoBERTa, Whisper, Qwen2 or, with ends of words, CLIP.</summary>
    internal static LoadedTokenizer FromMerges(
        IReadOnlyList<string?> tokens, IReadOnlyList<(string Left, string Right)> merges, TokenizerConfig config)
    {
        string name = TokenizerFamilies.NameOf(config.TokenizerClass);
        var vocabulary = Vocabulary.FromList(tokens);
        bool clip = name == "CLIPTokenizer";
        config = TokenizerAssembly.WithDefaults(config, Defaults(name));
        var options = new BpeOptions
        {
            EndOfWordSuffix = clip ? "</w>" : "",
            UnknownToken = clip ? config.Token("unk_token") : null,
        };
        TokenizerComponents components = clip ? Clip(vocabulary, config)
            : TokenizerFamilies.Around(name, config, TokenizerComponents.Frame(null, null))
            ?? Bytes(vocabulary, config, roberta: name is "RobertaTokenizer" or "LongformerTokenizer" or "BartTokenizer");
        return TokenizerAssembly.Finish(
            components.Apply(new TokenizerParts(new BpeModel(vocabulary, merges, options))), config, name, components);
    }

    /// <summary>A byte-level BPE of a rank file of tiktoken.</summary>
    internal static Tokenizer FromRanks(TiktokenRanks ranks, string pattern, IReadOnlyDictionary<string, int> specialTokens)
    {
        VocabularyData data = ranks.ToVocabulary();
        foreach ((string token, int id) in specialTokens)
        {
            if (id < 0 || ranks.Contains(id) || token.Length == 0)
            {
                throw new ArgumentException($"The special token '{token}' has the id {id}, which is not free.", nameof(specialTokens));
            }
        }

        // Tokens without a merge are found whole, as tiktoken looks a piece up before it merges.
        var model = new BpeModel(Vocabulary.FromList(data.Tokens), data.Merges!, new BpeOptions { IgnoreMerges = true });
        // What a pattern does not match is dropped, as there; the well-known ones match everything and have a faster way.
        bool matchesAll = KnownPatterns.Find(pattern, RegexSyntax.Rust) is not null;
        return new Tokenizer(new TokenizerParts(model)
        {
            PreTokenizer = new PreTokenizerSequence(
            [
                new SplitPreTokenizer(
                    TextPattern.Regex(pattern, RegexSyntax.Rust), matchesAll ? SplitBehavior.Isolated : SplitBehavior.Removed,
                    invert: !matchesAll),
                new ByteLevelPreTokenizer(addPrefixSpace: false, useRegex: false),
            ]),
            Decoder = new ByteLevelDecoder(),
            AddedTokens = [.. specialTokens.Select(token => new AddedToken(token.Key, token.Value) { Special = true })],
            AddedTokensArePlain = true,
        });
    }

    /// <summary>A WordPiece tokenizer: BERT.</summary>
    internal static LoadedTokenizer FromWordPieces(IReadOnlyList<string?> tokens, TokenizerConfig config)
    {
        config = TokenizerAssembly.WithDefaults(config, Defaults("BertTokenizer"));
        var vocabulary = Vocabulary.FromList(tokens);
        string lower = Word(config.DoLowerCase ?? true), accents = Word(config.StripAccents), chinese = Word(config.TokenizeChineseChars ?? true);
        var components = new TokenizerComponents(
            $$"""
            {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":{{chinese}},"strip_accents":{{accents}},"lowercase":{{lower}}}
            """,
            """{"type":"BertPreTokenizer"}""",
            BertFrame(vocabulary, config),
            """{"type":"WordPiece","prefix":"##","cleanup":true}""");
        var model = new WordPieceModel(vocabulary, config.Token("unk_token")!);
        return TokenizerAssembly.Finish(components.Apply(new TokenizerParts(model)), config, "BertTokenizer", components);
    }

    private static string Word(bool? flag) => flag switch { true => "true", false => "false", null => "null" };

    private static Dictionary<string, string> Defaults(string name) => name switch
    {
        "CLIPTokenizer" => new()
        {
            ["bos_token"] = "<|startoftext|>",
            ["eos_token"] = "<|endoftext|>",
            ["unk_token"] = "<|endoftext|>",
            ["pad_token"] = "<|endoftext|>",
        },
        "BertTokenizer" => new()
        {
            ["unk_token"] = "[UNK]",
            ["sep_token"] = "[SEP]",
            ["pad_token"] = "[PAD]",
            ["cls_token"] = "[CLS]",
            ["mask_token"] = "[MASK]",
        },
        "GPT2Tokenizer" or "WhisperTokenizer" => new()
        {
            ["bos_token"] = "<|endoftext|>",
            ["eos_token"] = "<|endoftext|>",
            ["unk_token"] = "<|endoftext|>",
        },
        "RobertaTokenizer" or "LongformerTokenizer" or "BartTokenizer" => new()
        {
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
            ["unk_token"] = "<unk>",
            ["sep_token"] = "</s>",
            ["pad_token"] = "<pad>",
            ["cls_token"] = "<s>",
            ["mask_token"] = "<mask>",
        },
        _ => [],
    };

    private static TokenizerComponents Bytes(Vocabulary vocabulary, TokenizerConfig config, bool roberta)
    {
        string space = config.AddPrefixSpace == true ? "true" : "false";
        string post = roberta
            ? $$"""
              {"type":"RobertaProcessing","sep":{{Pair(vocabulary, config, "sep_token")}},
              "cls":{{Pair(vocabulary, config, "cls_token")}},"trim_offsets":true,"add_prefix_space":{{space}}}
              """
            : TokenizerComponents.Frame(
                config.AddBosToken == true ? Known(vocabulary, config, "bos_token") : null,
                config.AddEosToken == true ? Known(vocabulary, config, "eos_token") : null);
        return new TokenizerComponents(
            null,
            $$"""{"type":"ByteLevel","add_prefix_space":{{space}},"trim_offsets":true,"use_regex":true}""",
            post,
            """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""");
    }

    private static TokenizerComponents Clip(Vocabulary vocabulary, TokenizerConfig config) => new(
        """
        {"type":"Sequence","normalizers":[{"type":"NFC"},
        {"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]}
        """,
        $$"""
        {"type":"Sequence","pretokenizers":[
        {"type":"Split","pattern":{"Regex":{{TokenizerComponents.Quote(ClipPattern)}}},"behavior":"Removed","invert":true},
        {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}
        """,
        $$"""
        {"type":"RobertaProcessing","sep":{{Pair(vocabulary, config, "eos_token")}},
        "cls":{{Pair(vocabulary, config, "bos_token")}},"trim_offsets":false,"add_prefix_space":false}
        """,
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""");

    private static string BertFrame(Vocabulary vocabulary, TokenizerConfig config) => $$"""
        {"type":"BertProcessing","sep":{{Pair(vocabulary, config, "sep_token")}},"cls":{{Pair(vocabulary, config, "cls_token")}}}
        """;

    private static string Pair(Vocabulary vocabulary, TokenizerConfig config, string role)
    {
        (string token, int id) = Known(vocabulary, config, role);
        return $"[{TokenizerComponents.Quote(token)},{id}]";
    }

    private static (string Token, int Id) Known(Vocabulary vocabulary, TokenizerConfig config, string role) =>
        config.Token(role) is { } token && vocabulary.TryGetId(token, out int id)
            ? (token, id)
            : throw new InvalidDataException(
                $"The '{role}' is '{config.Token(role)}', which is not in the vocabulary. Check tokenizer_config.json.");
}
