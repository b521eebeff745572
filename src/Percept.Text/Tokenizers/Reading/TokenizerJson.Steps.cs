using System.Text.Json;

namespace Percept.Text;

/// <content>Normalizers, pre-tokenizers, post-processors and decoders.</content>
public static partial class TokenizerJson
{
    private static Normalizer Normalizer(JsonElement json, ReadOnlyMemory<byte> charsmap)
    {
        var fields = new JsonFields(json, "a normalizer");
        string type = fields.Text("type");
        Normalizer step = type switch
        {
            "NFC" => UnicodeNormalizer.Nfc,
            "NFD" => UnicodeNormalizer.Nfd,
            "NFKC" => UnicodeNormalizer.Nfkc,
            "NFKD" => UnicodeNormalizer.Nfkd,
            "Lowercase" => new LowercaseNormalizer(),
            "Strip" => new StripNormalizer(fields.Flag("strip_left", true), fields.Flag("strip_right", true)),
            "StripAccents" => new StripAccentsNormalizer(),
            "Prepend" => new PrependNormalizer(fields.Text("prepend")),
            "Replace" => Replace(fields),
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            "Precompiled" => new PrecompiledNormalizer(Rules(fields, charsmap)),
            "BertNormalizer" => new BertNormalizer(
                fields.Flag("clean_text", true), fields.Flag("handle_chinese_chars", true),
                fields.FlagOrNull("strip_accents"), fields.Flag("lowercase", true)),
            "Sequence" => new NormalizerSequence([.. fields.List("normalizers").Select(item => Normalizer(item, charsmap))]),
            _ => throw Unknown(
                "normalizer", type, "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend, Replace, Nmt, ByteLevel, " +
                "Precompiled, BertNormalizer, Sequence"),
        };
        fields.Done();
        return step;
    }

    private static ReplaceNormalizer Replace(JsonFields fields)
    {
        string pattern = Pattern(fields, out bool isRegex);
        return new ReplaceNormalizer(pattern, isRegex, fields.Text("content"));
    }

    private static Charsmap Rules(JsonFields fields, ReadOnlyMemory<byte> charsmap)
    {
        string text = fields.TextOrNull("precompiled_charsmap") ?? "";
        if (text.Length == 0 && !charsmap.IsEmpty)
        {
            return Charsmap.Read(charsmap.Span);
        }

        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out int count)
            ? Charsmap.Read(bytes.AsSpan(0, count))
            : throw new InvalidDataException("'precompiled_charsmap' of a normalizer is no base64.");
    }

    private static string Pattern(JsonFields fields, out bool isRegex)
    {
        var pattern = new JsonFields(fields.Need("pattern"), $"the pattern of {fields.Where}");
        isRegex = pattern.Has("Regex");
        string text = pattern.Text(isRegex ? "Regex" : "String");
        pattern.Done();
        return text;
    }

    private static SplitBehavior Behavior(JsonFields fields, SplitBehavior missing) =>
        fields.TextOrNull("behavior") switch
        {
            null => missing,
            "Removed" => SplitBehavior.Removed,
            "Isolated" => SplitBehavior.Isolated,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            { } other => throw Unknown(
                "behavior", other, "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous"),
        };

    private static PreTokenizer PreTokenizer(JsonElement json)
    {
        var fields = new JsonFields(json, "a pre-tokenizer");
        string type = fields.Text("type");
        PreTokenizer step = type switch
        {
            "ByteLevel" => ByteLevel(fields),
            "Metaspace" => new MetaspacePreTokenizer(Metaspace(fields, out PrependScheme scheme, out bool split), scheme, split),
            "Split" => new SplitPreTokenizer(
                Pattern(fields, out bool isRegex), isRegex, Behavior(fields, SplitBehavior.Isolated),
                fields.Flag("invert", false)),
            "Whitespace" => new WhitespacePreTokenizer(),
            "WhitespaceSplit" => new WhitespaceSplitPreTokenizer(),
            "Punctuation" => new PunctuationPreTokenizer(Behavior(fields, SplitBehavior.Isolated)),
            "Digits" => new DigitsPreTokenizer(fields.Flag("individual_digits", false)),
            "BertPreTokenizer" => new BertPreTokenizer(),
            "UnicodeScripts" => new UnicodeScriptsPreTokenizer(),
            "CharDelimiterSplit" => new DelimiterPreTokenizer(Character(fields, "delimiter")),
            "FixedLength" => FixedLength(fields),
            "Sequence" => new PreTokenizerSequence([.. fields.List("pretokenizers").Select(PreTokenizer)]),
            _ => throw Unknown(
                "pre-tokenizer", type, "ByteLevel, Metaspace, Split, Whitespace, WhitespaceSplit, Punctuation, Digits, " +
                "BertPreTokenizer, UnicodeScripts, CharDelimiterSplit, FixedLength, Sequence"),
        };
        fields.Done();
        return step;
    }

    private static ByteLevelPreTokenizer ByteLevel(JsonFields fields)
    {
        // Belongs to the post-processor of the same name.
        fields.FlagOrNull("trim_offsets");
        return new ByteLevelPreTokenizer(fields.Flag("add_prefix_space", true), fields.Flag("use_regex", true));
    }

    private static FixedLengthPreTokenizer FixedLength(JsonFields fields)
    {
        int length = fields.NumberOrNull("length") ?? 5;
        return length > 0
            ? new FixedLengthPreTokenizer(length)
            : throw new InvalidDataException("The length of a FixedLength pre-tokenizer is 0, expected 1 or more.");
    }

    private static string Metaspace(JsonFields fields, out PrependScheme scheme, out bool split)
    {
        fields.TextOrNull("str_rep");
        scheme = fields.TextOrNull("prepend_scheme") switch
        {
            null or "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            { } other => throw Unknown("prepend_scheme", other, "always, first, never"),
        };
        bool written = fields.Has("prepend_scheme");
        if (fields.FlagOrNull("add_prefix_space") == false && scheme != PrependScheme.Never)
        {
            scheme = !written
                ? PrependScheme.Never
                : throw new InvalidDataException(
                    "A Metaspace says add_prefix_space=false but its prepend_scheme is not 'never'.");
        }

        split = fields.Flag("split", true);
        return Character(fields, "replacement");
    }

    private static string Character(JsonFields fields, string name)
    {
        string text = fields.Text(name);
        return text.Length > 0 && CodePoints.Units(CodePoints.At(text, 0, out int units)) == units && units == text.Length
            ? text
            : throw new InvalidDataException($"'{name}' of {fields.Where} is '{text}', expected one character.");
    }

    private static PostProcessor PostProcessor(JsonElement json)
    {
        var fields = new JsonFields(json, "a post-processor");
        string type = fields.Text("type");
        PostProcessor step;
        switch (type)
        {
            case "ByteLevel":
                fields.FlagOrNull("use_regex");
                step = new ByteLevelPostProcessor(
                    fields.Flag("trim_offsets", true), fields.Flag("add_prefix_space", true));
                break;
            case "BertProcessing" or "RobertaProcessing":
                (string separator, int separatorId) = Token(fields, "sep");
                (string start, int startId) = Token(fields, "cls");
                step = type == "BertProcessing"
                    ? new BertPostProcessor(separator, separatorId, start, startId)
                    : new RobertaPostProcessor(
                        separator, separatorId, start, startId, fields.Flag("trim_offsets", true),
                        fields.Flag("add_prefix_space", true));
                break;
            case "TemplateProcessing":
                step = Template(fields);
                break;
            case "Sequence":
                step = new PostProcessorSequence([.. fields.List("processors").Select(PostProcessor)]);
                break;
            default:
                throw Unknown(
                    "post-processor", type, "ByteLevel, BertProcessing, RobertaProcessing, TemplateProcessing, Sequence");
        }

        fields.Done();
        return step;
    }

    private static (string Token, int Id) Token(JsonFields fields, string name)
    {
        JsonElement[] items = [.. fields.List(name)];
        return items.Length == 2
            ? (JsonFields.AsText(items[0], $"'{name}'"), JsonFields.AsNumber(items[1], $"'{name}'"))
            : throw new InvalidDataException($"'{name}' of {fields.Where} has {items.Length} items, expected token and id.");
    }

    private static TemplatePostProcessor Template(JsonFields fields)
    {
        var special = new Dictionary<string, IReadOnlyList<(int, string)>>(StringComparer.Ordinal);
        JsonElement groups = fields.Need("special_tokens");
        // A map by name; older files have a list.
        IEnumerable<JsonElement> items = groups.ValueKind == JsonValueKind.Object
            ? groups.EnumerateObject().Select(static property => property.Value)
            : JsonFields.AsList(groups, "'special_tokens' of a template");
        foreach (JsonElement item in items)
        {
            var group = new JsonFields(item, "a special token of a template");
            int[] ids = [.. group.List("ids").Select(static id => JsonFields.AsNumber(id, "an id of a template"))];
            string[] tokens = [.. group.List("tokens").Select(static token => JsonFields.AsText(token, "a token of a template"))];
            string name = group.Text("id");
            if (ids.Length != tokens.Length)
            {
                throw new InvalidDataException(
                    $"The special token '{name}' of a template has {ids.Length} ids but {tokens.Length} tokens.");
            }

            special[name] = [.. ids.Zip(tokens)];
            group.Done();
        }

        return new TemplatePostProcessor(
            [.. fields.List("single").Select(TemplatePart)], [.. fields.List("pair").Select(TemplatePart)], special);
    }

    private static TemplatePiece TemplatePart(JsonElement json)
    {
        var outer = new JsonFields(json, "a part of a template");
        bool isSpecial = outer.Has("SpecialToken");
        var fields = new JsonFields(outer.Need(isSpecial ? "SpecialToken" : "Sequence"), "a part of a template");
        outer.Done();
        string id = fields.Text("id");
        int typeId = fields.NumberOrNull("type_id") ?? 0;
        fields.Done();
        return isSpecial ? new TemplatePiece(id, 0, typeId) : id switch
        {
            "A" => new TemplatePiece(null, 0, typeId),
            "B" => new TemplatePiece(null, 1, typeId),
            _ => throw new InvalidDataException($"A template names the text '{id}', expected 'A' or 'B'."),
        };
    }

    private static TokenDecoder Decoder(JsonElement json)
    {
        var fields = new JsonFields(json, "a decoder");
        string type = fields.Text("type");
        TokenDecoder step;
        switch (type)
        {
            case "ByteLevel":
                fields.FlagOrNull("add_prefix_space");
                fields.FlagOrNull("trim_offsets");
                fields.FlagOrNull("use_regex");
                step = new ByteLevelDecoder();
                break;
            case "ByteFallback":
                step = new ByteFallbackDecoder();
                break;
            case "Fuse":
                step = new FuseDecoder();
                break;
            case "Strip":
                step = new StripDecoder(
                    Character(fields, "content"), fields.NumberOrNull("start") ?? 0, fields.NumberOrNull("stop") ?? 0);
                break;
            case "Replace":
                string pattern = Pattern(fields, out bool isRegex);
                step = new ReplaceDecoder(pattern, isRegex, fields.Text("content"));
                break;
            case "WordPiece":
                step = new WordPieceDecoder(fields.TextOrNull("prefix") ?? "##", fields.Flag("cleanup", true));
                break;
            case "BPEDecoder":
                step = new BpeDecoder(fields.TextOrNull("suffix") ?? "</w>");
                break;
            case "CTC":
                step = new CtcDecoder(
                    fields.TextOrNull("pad_token") ?? "<pad>", fields.TextOrNull("word_delimiter_token") ?? "|",
                    fields.Flag("cleanup", true));
                break;
            case "Metaspace":
                step = new MetaspaceDecoder(Metaspace(fields, out PrependScheme scheme, out _), scheme);
                break;
            case "Sequence":
                step = new DecoderSequence([.. fields.List("decoders").Select(Decoder)]);
                break;
            default:
                throw Unknown(
                    "decoder", type, "ByteLevel, ByteFallback, Fuse, Strip, Replace, WordPiece, BPEDecoder, CTC, Metaspace, " +
                    "Sequence");
        }

        fields.Done();
        return step;
    }
}
