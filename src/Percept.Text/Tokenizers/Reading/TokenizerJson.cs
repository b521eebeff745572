using System.Text.Json;

namespace Percept.Text;

/// <summary>Reads a <c>tokenizer.json</c> of Hugging Face, whole or a part of it.</summary>
/// <remarks>Reading is strict: a type or field that is not supported is named, never passed over.</remarks>
public static partial class TokenizerJson
{
    private const int MaxDepth = 64;

    /// <summary>Reads a file.</summary>
    /// <param name="json">The bytes of the file, UTF-8.</param>
    /// <param name="vocabulary">Tokens, merges and rules that the file leaves out; null when it is complete.</param>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    /// <exception cref="NotSupportedException">The file uses something that is not supported.</exception>
    public static TokenizerParts Read(ReadOnlyMemory<byte> json, VocabularyData? vocabulary = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(document.RootElement, vocabulary);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The tokenizer's file is no JSON: {error.Message}", error);
        }
    }

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, VocabularyData?)"/>
    public static TokenizerParts Read(JsonElement json, VocabularyData? vocabulary = null) =>
        Guarded(() => ReadParts(json, vocabulary));

    /// <summary>Reads a normalizer; null for JSON null.</summary>
    /// <param name="json">Its object.</param>
    /// <param name="charsmap">The rules for a <c>Precompiled</c> normalizer that has none of its own.</param>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    /// <exception cref="NotSupportedException">It is of a type that is not supported.</exception>
    public static Normalizer? ReadNormalizer(JsonElement json, ReadOnlyMemory<byte> charsmap = default) =>
        Guarded(() => json.ValueKind == JsonValueKind.Null ? null : Normalizer(json, charsmap));

    /// <summary>Reads a pre-tokenizer; null for JSON null.</summary>
    /// <inheritdoc cref="ReadNormalizer"/>
    public static PreTokenizer? ReadPreTokenizer(JsonElement json) =>
        Guarded(() => json.ValueKind == JsonValueKind.Null ? null : PreTokenizer(json));

    /// <summary>Reads a post-processor; null for JSON null.</summary>
    /// <inheritdoc cref="ReadNormalizer"/>
    public static PostProcessor? ReadPostProcessor(JsonElement json) =>
        Guarded(() => json.ValueKind == JsonValueKind.Null ? null : PostProcessor(json));

    /// <summary>Reads a decoder; null for JSON null.</summary>
    /// <inheritdoc cref="ReadNormalizer"/>
    public static TokenDecoder? ReadDecoder(JsonElement json) =>
        Guarded(() => json.ValueKind == JsonValueKind.Null ? null : Decoder(json));

    /// <summary>Reads a truncation block; null for JSON null.</summary>
    /// <inheritdoc cref="ReadNormalizer"/>
    public static TruncationOptions? ReadTruncation(JsonElement json) =>
        Guarded(() => json.ValueKind == JsonValueKind.Null ? null : Truncation(json));

    /// <summary>Reads a padding block; null for JSON null.</summary>
    /// <inheritdoc cref="ReadNormalizer"/>
    public static PaddingOptions? ReadPadding(JsonElement json) =>
        Guarded(() => json.ValueKind == JsonValueKind.Null ? null : Padding(json));

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException error)
        {
            // Texts with half a surrogate pair or broken UTF-8 show only when they are read.
            throw new InvalidDataException($"The tokenizer's file holds a text that is not valid: {error.Message}", error);
        }
    }

    private static TokenizerParts ReadParts(JsonElement json, VocabularyData? vocabulary)
    {
        var fields = new JsonFields(json, "the tokenizer's file");
        if (fields.TextOrNull("version") is { } version && version != "1.0")
        {
            throw new NotSupportedException($"The tokenizer's file is of version '{version}', expected '1.0'.");
        }

        TokenModel model = Model(fields.Need("model"), vocabulary);
        var parts = new TokenizerParts(model)
        {
            Truncation = fields.Find("truncation") is { } truncation ? Truncation(truncation) : null,
            Padding = fields.Find("padding") is { } padding ? Padding(padding) : null,
            AddedTokens = fields.Find("added_tokens") is { } added ? AddedTokens(added, model) : [],
            Normalizer = fields.Find("normalizer") is { } normalizer
                ? Normalizer(normalizer, vocabulary?.Charsmap ?? default) : null,
            PreTokenizer = fields.Find("pre_tokenizer") is { } preTokenizer ? PreTokenizer(preTokenizer) : null,
            PostProcessor = fields.Find("post_processor") is { } postProcessor ? PostProcessor(postProcessor) : null,
            Decoder = fields.Find("decoder") is { } decoder ? Decoder(decoder) : null,
        };
        fields.Done();
        return parts;
    }

    // As in the reference, the ids written in the file do not count: a token of the vocabulary keeps its id, all others
    // are numbered behind the vocabulary, and behind the greatest id of an added token before them where that is further.
    private static List<AddedToken> AddedTokens(JsonElement json, TokenModel model)
    {
        var tokens = new List<AddedToken>();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        int greatest = -1;
        foreach (JsonElement item in JsonFields.AsList(json, "'added_tokens'"))
        {
            var fields = new JsonFields(item, "an added token");
            fields.Find("id");
            string content = fields.Text("content");
            if (content.Length == 0)
            {
                continue;
            }

            if (!ids.TryGetValue(content, out int id) && !model.Vocabulary.TryGetId(content, out id))
            {
                id = Math.Max(greatest + 1, model.Vocabulary.Count);
            }

            ids[content] = id;
            greatest = Math.Max(greatest, id);
            tokens.Add(new AddedToken(content, id)
            {
                SingleWord = fields.Flag("single_word", false),
                LeftStrip = fields.Flag("lstrip", false),
                RightStrip = fields.Flag("rstrip", false),
                Normalized = fields.Flag("normalized", true),
                Special = fields.Flag("special", false),
            });
            fields.Done();
        }

        return tokens;
    }

    private static TruncationOptions Truncation(JsonElement json)
    {
        var fields = new JsonFields(json, "the truncation");
        var options = new TruncationOptions(fields.Number("max_length"))
        {
            Side = Side(fields),
            Stride = fields.NumberOrNull("stride") ?? 0,
            Strategy = fields.TextOrNull("strategy") switch
            {
                null or "LongestFirst" => TruncationStrategy.LongestFirst,
                "OnlyFirst" => TruncationStrategy.OnlyFirst,
                "OnlySecond" => TruncationStrategy.OnlySecond,
                { } other => throw Unknown("strategy of truncation", other, "LongestFirst, OnlyFirst, OnlySecond"),
            },
        };
        fields.Done();
        return options;
    }

    private static PaddingOptions Padding(JsonElement json)
    {
        var fields = new JsonFields(json, "the padding");
        int? length = null;
        if (fields.Find("strategy") is { } strategy)
        {
            if (strategy.ValueKind == JsonValueKind.Object)
            {
                var inner = new JsonFields(strategy, "the padding's strategy");
                length = inner.Number("Fixed");
                inner.Done();
            }
            else if (JsonFields.AsText(strategy, "the padding's strategy") is not "BatchLongest" and var other)
            {
                throw Unknown("strategy of padding", other, "BatchLongest, Fixed");
            }
        }

        var options = new PaddingOptions
        {
            Length = length,
            Side = Side(fields),
            MultipleOf = fields.NumberOrNull("pad_to_multiple_of"),
            Id = fields.NumberOrNull("pad_id") ?? 0,
            TypeId = fields.NumberOrNull("pad_type_id") ?? 0,
            Token = fields.TextOrNull("pad_token") ?? "[PAD]",
        };
        fields.Done();
        return options;
    }

    private static TextSide Side(JsonFields fields) => fields.TextOrNull("direction") switch
    {
        null or "Right" => TextSide.Right,
        "Left" => TextSide.Left,
        { } other => throw Unknown("direction", other, "Left, Right"),
    };

    private static NotSupportedException Unknown(string kind, string found, string known) =>
        new($"The {kind} '{found}' is not supported; supported are {known}.");
}
