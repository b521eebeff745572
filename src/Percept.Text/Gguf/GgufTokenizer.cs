namespace Percept.Text;

/// <summary>Makes tokenizers of the vocabularies of GGUF files, as llama.cpp reads them.</summary>
public static class GgufTokenizer
{
    private const string ByteDecoder =
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";

    private const string MarkSpaces = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";

    /// <summary>Makes a tokenizer.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <remarks>
    /// Control and unknown tokens in a text are taken as such when <see cref="EncodeOptions.AllowSpecial"/> is on;
    /// user-defined ones always.
    /// </remarks>
    /// <exception cref="NotSupportedException">The kind of tokenizer or its pre-tokenizer is not supported; the message
    /// lists what is.</exception>
    /// <exception cref="InvalidDataException">Something that the kind needs is missing.</exception>
    public static Tokenizer Make(GgufVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new Tokenizer(vocabulary.Model switch
        {
            "llama" => Llama(vocabulary),
            "gpt2" => Bytes(vocabulary),
            "bert" => WordPieces(vocabulary),
            "t5" => Unigram(vocabulary),
            _ => throw new NotSupportedException(
                $"The tokenizer model '{vocabulary.Model}' (tokenizer.ggml.model) is not supported, only llama, gpt2, bert and "
                + "t5 are. Take the model's tokenizer.json instead."),
        });
    }

    /// <summary>The tokens as a WordPiece vocabulary has them: continuations marked, not beginnings.</summary>
    /// <param name="tokens">The tokens of a <c>bert</c> vocabulary, with U+2581 in front of those that begin a
    /// word.</param>
    public static IReadOnlyList<string> ToWordPieces(IReadOnlyList<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return
        [
            .. tokens.Select(token =>
                token.StartsWith('\u2581') ? token[1..]
                : token.StartsWith('[') && token.EndsWith(']') && token.Length > 1 ? token
                : "##" + token),
        ];
    }

    /// <summary>The name under which llama.cpp knows the way a byte-level BPE cuts text.</summary>
    /// <param name="patterns">The regular expressions that cut, one after the other.</param>
    /// <param name="ignoreMerges">Whether a piece that is a token is taken whole.</param>
    /// <returns>A value of <c>tokenizer.ggml.pre</c>; null when it knows no such way.</returns>
    public static string? NameOf(IReadOnlyList<string> patterns, bool ignoreMerges)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        return GgufPreTokenizers.NameOf(patterns, ignoreMerges);
    }

    /// <summary>The tokenizer of a <c>llama</c> or <c>gpt2</c> vocabulary as a <c>tokenizer.json</c>.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <returns>UTF-8.</returns>
    /// <exception cref="NotSupportedException">The kind of tokenizer or its pre-tokenizer is not supported.</exception>
    /// <exception cref="InvalidDataException">Something that the kind needs is missing, or a token stands twice.</exception>
    public static byte[] ToJson(GgufVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        if (vocabulary.Model == "llama")
        {
            IReadOnlyList<float> scores = vocabulary.Scores ?? throw Missing("scores");
            var options = new BpeOptions
            {
                UnknownToken = vocabulary.UnknownId is { } id ? vocabulary.Tokens[id] : null,
                FuseUnknown = true,
                ByteFallback = true,
            };
            return BpeTokenizerJson.Write(
                vocabulary.Tokens, LlamaSteps(vocabulary), SentencePieceMerges.Make(Written(vocabulary), scores),
                Added(vocabulary, vocabulary.Tokens), options);
        }

        if (vocabulary.Model != "gpt2")
        {
            throw new NotSupportedException(
                $"A tokenizer of the model '{vocabulary.Model}' (tokenizer.ggml.model) can't be written as tokenizer.json; llama and gpt2 can.");
        }

        IReadOnlyList<string> merges = vocabulary.Merges ?? throw Missing("merges");
        GgufPreTokenizer rules = GgufPreTokenizers.Find(vocabulary.PreTokenizer);
        return BpeTokenizerJson.Write(
            vocabulary.Tokens, ByteSteps(vocabulary, rules), [.. merges.Select(Split)], Added(vocabulary, vocabulary.Tokens),
            new BpeOptions { IgnoreMerges = rules.IgnoreMerges });
    }

    private static TokenizerParts Llama(GgufVocabulary vocabulary)
    {
        Vocabulary tokens = Vocabulary.FromList(vocabulary.Tokens);
        IReadOnlyList<float> scores = vocabulary.Scores ?? throw Missing("scores");
        var model = new BpeModel(tokens, SentencePieceMerges.Make(Written(vocabulary), scores), new BpeOptions
        {
            UnknownToken = vocabulary.UnknownId is { } id ? vocabulary.Tokens[id] : null,
            FuseUnknown = true,
            ByteFallback = true,
        });
        return LlamaSteps(vocabulary).Apply(new TokenizerParts(model)) with { AddedTokens = Added(vocabulary, vocabulary.Tokens) };
    }

    /// <summary>The tokens that text can be made of: no letters of a text are joined to a control token.</summary>
    private static string?[] Written(GgufVocabulary vocabulary) =>
    [
        .. vocabulary.Tokens.Select((token, id) =>
            vocabulary.TypeOf(id) is SentencePieceType.Normal or SentencePieceType.UserDefined ? token : null),
    ];

    private static TokenizerComponents LlamaSteps(GgufVocabulary vocabulary)
    {
        bool prefix = vocabulary.AddSpacePrefix ?? true;
        string prepend = prefix ? """{"type":"Prepend","prepend":"▁"},""" : "";
        string strip = prefix ? """,{"type":"Strip","content":" ","start":1,"stop":0}""" : "";
        return new TokenizerComponents(
            $$"""{"type":"Sequence","normalizers":[{{prepend}}{{MarkSpaces}}]}""",
            null,
            Frame(vocabulary, addBos: true, addEos: false),
            $$"""
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
            {"type":"ByteFallback"},{"type":"Fuse"}{{strip}}]}
            """);
    }

    private static TokenizerParts Bytes(GgufVocabulary vocabulary)
    {
        IReadOnlyList<string> merges = vocabulary.Merges ?? throw Missing("merges");
        GgufPreTokenizer rules = GgufPreTokenizers.Find(vocabulary.PreTokenizer);
        var model = new BpeModel(
            Vocabulary.FromList(vocabulary.Tokens),
            [.. merges.Select(Split)],
            new BpeOptions { IgnoreMerges = rules.IgnoreMerges });
        return ByteSteps(vocabulary, rules).Apply(new TokenizerParts(model)) with
        {
            AddedTokens = Added(vocabulary, vocabulary.Tokens), AddedTokensArePlain = true,
        };
    }

    private static TokenizerComponents ByteSteps(GgufVocabulary vocabulary, GgufPreTokenizer rules)
    {
        string splits = string.Concat(rules.Patterns.Select(pattern =>
            $$"""{"type":"Split","pattern":{"Regex":{{TokenizerComponents.Quote(pattern)}}},"behavior":"Isolated","invert":false},"""));
        return new TokenizerComponents(
            null,
            $$"""
            {"type":"Sequence","pretokenizers":[{{splits}}
            {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
            """,
            Frame(vocabulary, rules.AddBos, addEos: false),
            ByteDecoder);
    }

    private static TokenizerParts WordPieces(GgufVocabulary vocabulary)
    {
        IReadOnlyList<string> tokens = ToWordPieces(vocabulary.Tokens);
        string unknown = tokens[vocabulary.UnknownId ?? throw Missing("unknown_token_id")];
        var model = new WordPieceModel(Vocabulary.FromList(tokens), unknown);
        int? first = vocabulary.ClassificationId ?? vocabulary.BosId;
        var components = new TokenizerComponents(
            """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":true}""",
            """{"type":"BertPreTokenizer"}""",
            TokenizerComponents.Frame(Named(tokens, first), Named(tokens, vocabulary.SeparatorId)),
            """{"type":"WordPiece","prefix":"##","cleanup":true}""");
        return components.Apply(new TokenizerParts(model)) with { AddedTokens = Added(vocabulary, tokens) };
    }

    private static TokenizerParts Unigram(GgufVocabulary vocabulary)
    {
        IReadOnlyList<float> scores = vocabulary.Scores ?? throw Missing("scores");
        var model = new UnigramModel(
            vocabulary.Tokens, [.. scores.Select(score => (double)score)], vocabulary.UnknownId ?? 2);
        bool prefix = vocabulary.AddSpacePrefix ?? true;
        string rules = vocabulary.Charsmap.IsEmpty ? "" : """{"type":"Precompiled","precompiled_charsmap":""},""";
        string words = vocabulary.RemoveExtraWhitespaces ?? true ? """{"type":"WhitespaceSplit"},""" : "";
        string mark = $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{(prefix ? "always" : "never")}}","split":true}""";
        var components = new TokenizerComponents(
            rules.Length == 0 ? null : rules[..^1],
            $$"""{"type":"Sequence","pretokenizers":[{{words}}{{mark}}]}""",
            Frame(vocabulary, addBos: false, addEos: true),
            mark);
        return components.Apply(new TokenizerParts(model), vocabulary.Charsmap) with
        {
            AddedTokens = Added(vocabulary, vocabulary.Tokens),
        };
    }

    private static string Frame(GgufVocabulary vocabulary, bool addBos, bool addEos) => TokenizerComponents.Frame(
        vocabulary.AddBos ?? addBos ? Named(vocabulary.Tokens, vocabulary.BosId) : null,
        vocabulary.AddEos ?? addEos ? Named(vocabulary.Tokens, vocabulary.EosId) : null);

    private static (string Token, int Id)? Named(IReadOnlyList<string> tokens, int? id) =>
        id is { } known ? (tokens[known], known) : null;

    private static List<AddedToken> Added(GgufVocabulary vocabulary, IReadOnlyList<string> tokens)
    {
        var added = new List<AddedToken>();
        for (int id = 0; id < tokens.Count; id++)
        {
            SentencePieceType type = vocabulary.TypeOf(id);
            if (type is SentencePieceType.Control or SentencePieceType.UserDefined or SentencePieceType.Unknown
                && tokens[id].Length > 0)
            {
                added.Add(new AddedToken(tokens[id], id) { Special = type != SentencePieceType.UserDefined });
            }
        }

        return added;
    }

    private static (string Left, string Right) Split(string merge)
    {
        int space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
        return space > 0 && space < merge.Length - 1
            ? (merge[..space], merge[(space + 1)..])
            : throw new InvalidDataException(
                $"The merge '{merge}' (tokenizer.ggml.merges) has not two parts with a space between them. Convert the model again.");
    }

    private static InvalidDataException Missing(string key) => new(
        $"The GGUF file has no 'tokenizer.ggml.{key}', which its kind of tokenizer needs. Convert the model again.");
}
