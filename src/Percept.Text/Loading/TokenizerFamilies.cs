namespace Percept.Text;

/// <summary>
/// The steps that classes of transformers put around a vocabulary, whatever the <c>tokenizer.json</c> beside it says.
/// </summary>
/// <remarks>Semantics of transformers 5.23; a class that is not here is taken as its files describe it.</remarks>
internal static class TokenizerFamilies
{
    private const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string SpaceWords = """
        {"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
        {"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}]}
        """;

    private const string SpaceDecoder =
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""";

    private const string ByteDecoder =
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";

    private const string Precompiled = """{"type":"Precompiled","precompiled_charsmap":""}""";

    /// <summary>A class's name without the ending that all have had since version 5.</summary>
    internal static string NameOf(string? className) =>
        className is null ? "" : className.EndsWith("Fast", StringComparison.Ordinal) ? className[..^4] : className;

    /// <summary>The class that the reference takes where a checkpoint's settings name none.</summary>
    private static readonly Dictionary<string, string> s_classes = new(StringComparer.Ordinal)
    {
        ["albert"] = "AlbertTokenizer",
        ["bart"] = "BartTokenizer",
        ["bert"] = "BertTokenizer",
        ["clip"] = "CLIPTokenizer",
        ["clipseg"] = "CLIPTokenizer",
        ["gpt2"] = "GPT2Tokenizer",
        ["groupvit"] = "CLIPTokenizer",
        ["llama"] = "LlamaTokenizer",
        ["llava"] = "LlamaTokenizer",
        ["llava_next"] = "LlamaTokenizer",
        ["longformer"] = "LongformerTokenizer",
        ["mistral"] = "LlamaTokenizer",
        ["owlvit"] = "CLIPTokenizer",
        ["qwen2"] = "Qwen2Tokenizer",
        ["roberta"] = "RobertaTokenizer",
        ["t5"] = "T5Tokenizer",
        ["video_llava"] = "LlamaTokenizer",
        ["vipllava"] = "LlamaTokenizer",
        ["whisper"] = "WhisperTokenizer",
        ["xlm-roberta"] = "XLMRobertaTokenizer",
    };

    /// <summary>The tokenizer's class of a kind of model, where nothing says another; null for kinds that are not known.</summary>
    internal static string? ClassOfModel(string? modelType) => modelType is null ? null : s_classes.GetValueOrDefault(modelType);

    /// <summary>The models whose checkpoints the reference loads with a class that builds its steps anew.</summary>
    private static readonly Dictionary<string, HashSet<string>> s_modelsOfClass = new(StringComparer.Ordinal)
    {
        ["LlamaTokenizer"] = ["idefics", "idefics2"],
        ["Qwen2Tokenizer"] =
        [
            "audioflamingo3", "colqwen2", "internvl", "lighton_ocr", "ovis2", "qwen2", "qwen2_5_omni", "qwen2_5_vl", "qwen2_audio",
            "qwen2_moe", "qwen2_vl", "qwen3", "qwen3_moe", "qwen3_next", "qwen3_omni_moe", "qwen3_vl", "qwen3_vl_moe",
        ],
    };

    /// <summary>
    /// Whether a checkpoint's <c>tokenizer.json</c> counts as it is written: the reference takes the class that the settings name
    /// only where it is the class of the model; without a model it is taken at its word.
    /// </summary>
    /// <param name="name">The class.</param>
    /// <param name="modelType">The <c>model_type</c> of <c>config.json</c>; null for none.</param>
    internal static bool IsAsWritten(string name, string? modelType) =>
        modelType is not null && s_modelsOfClass.TryGetValue(name, out HashSet<string>? models) && !models.Contains(modelType);

    /// <summary>The side that a class fills up by itself.</summary>
    internal static TextSide PaddingSide(string name) => name == "LlamaTokenizer" ? TextSide.Left : TextSide.Right;

    /// <summary>The tokens with a role that a class has where the settings do not name them.</summary>
    internal static IReadOnlyDictionary<string, string> DefaultTokens(string name) => name switch
    {
        "LlamaTokenizer" => Roles("<s>", "</s>", "<unk>"),
        "T5Tokenizer" => Roles(null, "</s>", "<unk>", "<pad>"),
        "XLMRobertaTokenizer" => Roles("<s>", "</s>", "<unk>", "<pad>", "</s>", "<s>", "<mask>"),
        "AlbertTokenizer" => Roles("[CLS]", "[SEP]", "<unk>", "<pad>", "[SEP]", "[CLS]", "[MASK]"),
        _ => new Dictionary<string, string>(),
    };

    /// <summary>The steps of a class around a vocabulary of a <c>tokenizer.json</c>; null where the file's own
    /// count.</summary>
    /// <param name="name">The class.</param>
    /// <param name="config">The settings.</param>
    /// <param name="postProcessor">The file's own post-processor, which stays.</param>
    internal static TokenizerComponents? Around(string name, TokenizerConfig config, string? postProcessor) => name switch
    {
        "LlamaTokenizer" => Llama(config, postProcessor),
        "Qwen2Tokenizer" => Qwen2(config, postProcessor),
        _ => null,
    };

    /// <summary>The steps of a Llama tokenizer.</summary>
    internal static TokenizerComponents Llama(TokenizerConfig config, string? postProcessor)
    {
        bool prefix = config.AddPrefixSpace ?? true;
        string scheme = !prefix ? "never" : config.Legacy == true ? "always" : "first";
        string strip = prefix ? """,{"type":"Strip","content":" ","start":1,"stop":0}""" : "";
        return new TokenizerComponents(
            null,
            $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":false}""",
            postProcessor,
            $$"""
            {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
            {"type":"ByteFallback"},{"type":"Fuse"}{{strip}}]}
            """);
    }

    /// <summary>The steps of a T5 tokenizer.</summary>
    internal static TokenizerComponents T5((string Token, int Id) eos)
    {
        string end = Special(eos.Token, 0);
        return new TokenizerComponents(
            Precompiled,
            SpaceWords,
            Template($"{First(0)},{end}", $"{First(0)},{end},{Second(0)},{end}", eos),
            SpaceDecoder);
    }

    /// <summary>The steps of an XLM-RoBERTa tokenizer.</summary>
    internal static TokenizerComponents XlmRoberta((string Token, int Id) bos, (string Token, int Id) eos)
    {
        string start = Special(bos.Token, 0);
        string end = Special(eos.Token, 0);
        return new TokenizerComponents(
            Precompiled,
            SpaceWords,
            Template($"{start},{First(0)},{end}", $"{start},{First(0)},{end},{end},{Second(0)},{end}", bos, eos),
            SpaceDecoder);
    }

    /// <summary>The steps of an ALBERT tokenizer.</summary>
    internal static TokenizerComponents Albert(
        (string Token, int Id) cls, (string Token, int Id) sep, bool keepAccents, bool lowerCase)
    {
        string accents = keepAccents ? "" : """{"type":"NFKD"},{"type":"StripAccents"},""";
        string lower = lowerCase ? """{"type":"Lowercase"},""" : "";
        string start = Special(cls.Token, 0);
        return new TokenizerComponents(
            $$"""
            {"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"String":"``"},"content":"\""},
            {"type":"Replace","pattern":{"String":"''"},"content":"\""},{{accents}}{{lower}}{{Precompiled}}]}
            """,
            SpaceWords,
            Template(
                $"{start},{First(0)},{Special(sep.Token, 0)}",
                $"{start},{First(0)},{Special(sep.Token, 0)},{Second(1)},{Special(sep.Token, 1)}",
                cls,
                sep),
            SpaceDecoder);
    }

    private static TokenizerComponents Qwen2(TokenizerConfig config, string? postProcessor)
    {
        string pattern = TokenizerComponents.Quote(Qwen2Pattern);
        string space = config.AddPrefixSpace == true ? "true" : "false";
        return new TokenizerComponents(
            """{"type":"NFC"}""",
            $$"""
            {"type":"Sequence","pretokenizers":[
            {"type":"Split","pattern":{"Regex":{{pattern}}},"behavior":"Isolated","invert":false},
            {"type":"ByteLevel","add_prefix_space":{{space}},"trim_offsets":true,"use_regex":false}]}
            """,
            postProcessor,
            ByteDecoder);
    }

    private static string First(int type) => $$$"""{"Sequence":{"id":"A","type_id":{{{type}}}}}""";

    private static string Second(int type) => $$$"""{"Sequence":{"id":"B","type_id":{{{type}}}}}""";

    private static string Special(string token, int type) =>
        $$$"""{"SpecialToken":{"id":{{{TokenizerComponents.Quote(token)}}},"type_id":{{{type}}}}}""";

    private static string Template(string single, string pair, params ReadOnlySpan<(string Token, int Id)> specials)
    {
        var definitions = new List<string>();
        foreach ((string token, int id) in specials)
        {
            string quoted = TokenizerComponents.Quote(token);
            definitions.Add($$"""{{quoted}}:{"id":{{quoted}},"ids":[{{id}}],"tokens":[{{quoted}}]}""");
        }

        string all = string.Join(',', definitions);
        return $$$"""
            {"type":"TemplateProcessing","single":[{{{single}}}],"pair":[{{{pair}}}],"special_tokens":{{{{all}}}}}
            """;
    }

    private static Dictionary<string, string> Roles(params ReadOnlySpan<string?> tokens)
    {
        var roles = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] is { } token)
            {
                roles[TokenizerConfigReader.s_roles[i]] = token;
            }
        }

        return roles;
    }
}
