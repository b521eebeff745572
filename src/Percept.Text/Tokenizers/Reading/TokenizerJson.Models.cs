using System.Text.Json;

namespace Percept.Text;

/// <content>Models.</content>
public static partial class TokenizerJson
{
    private static TokenModel Model(JsonElement json, VocabularyData? data)
    {
        var fields = new JsonFields(json, "the model");
        string type = fields.TextOrNull("type") ?? GuessType(fields);
        TokenModel model = type switch
        {
            "BPE" => Bpe(fields, data),
            "Unigram" => Unigram(fields, data),
            "WordPiece" => new WordPieceModel(
                Vocabulary(fields, data), fields.TextOrNull("unk_token") ?? "[UNK]",
                fields.TextOrNull("continuing_subword_prefix") ?? "##", fields.NumberOrNull("max_input_chars_per_word") ?? 100),
            "WordLevel" => new WordLevelModel(Vocabulary(fields, data), fields.TextOrNull("unk_token") ?? "<unk>"),
            _ => throw Unknown("model", type, "BPE, Unigram, WordPiece, WordLevel"),
        };
        fields.Done();
        return model;
    }

    // Old files do not name the type.
    private static string GuessType(JsonFields fields) =>
        fields.Has("merges") ? "BPE"
        : fields.Has("unk_id") || fields.Find("vocab")?.ValueKind == JsonValueKind.Array ? "Unigram"
        : fields.Has("continuing_subword_prefix") || fields.Has("max_input_chars_per_word") ? "WordPiece"
        : "WordLevel";

    private static BpeModel Bpe(JsonFields fields, VocabularyData? data)
    {
        if (fields.Find("dropout") is { } dropout
            && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out double share) && share == 0))
        {
            throw new NotSupportedException(
                $"The model has a dropout of {JsonFields.Show(dropout)}, which makes ids random; set it to null.");
        }

        // Kept by some writers; only the speed of the reference depends on it.
        fields.NumberOrNull("cache_capacity");
        Vocabulary vocabulary = Vocabulary(fields, data);
        var merges = new List<(string, string)>();
        foreach (JsonElement merge in fields.List("merges"))
        {
            merges.Add(Merge(merge));
        }

        IReadOnlyList<(string, string)> all = merges.Count == 0 && data?.Merges is { } given ? given : merges;
        return new BpeModel(vocabulary, all, new BpeOptions
        {
            UnknownToken = fields.TextOrNull("unk_token"),
            ContinuingSubwordPrefix = fields.TextOrNull("continuing_subword_prefix") ?? "",
            EndOfWordSuffix = fields.TextOrNull("end_of_word_suffix") ?? "",
            FuseUnknown = fields.Flag("fuse_unk", false),
            ByteFallback = fields.Flag("byte_fallback", false),
            IgnoreMerges = fields.Flag("ignore_merges", false),
        });
    }

    // "a b" or ["a", "b"]; only the second can hold tokens with spaces.
    private static (string Left, string Right) Merge(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return json.GetArrayLength() == 2
                ? (JsonFields.AsText(json[0], "a merge"), JsonFields.AsText(json[1], "a merge"))
                : throw new InvalidDataException($"A merge has {json.GetArrayLength()} parts, expected 2.");
        }

        string text = JsonFields.AsText(json, "a merge");
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space >= 0 && text.IndexOf(' ', space + 1) < 0
            ? (text[..space], text[(space + 1)..])
            : throw new InvalidDataException(
                $"The merge '{text}' is not two tokens with a space between; write tokens with spaces as a pair.");
    }

    private static UnigramModel Unigram(JsonFields fields, VocabularyData? data)
    {
        var tokens = new List<string?>();
        var scores = new List<double>();
        foreach (JsonElement item in fields.List("vocab"))
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2
                || item[1].ValueKind != JsonValueKind.Number || !item[1].TryGetDouble(out double score)
                || !double.IsFinite(score))
            {
                throw new InvalidDataException(
                    $"A token of a Unigram vocabulary is {JsonFields.Show(item)}, expected a token and its score.");
            }

            tokens.Add(JsonFields.AsText(item[0], "a token"));
            scores.Add(score);
        }

        int? unknownId = fields.NumberOrNull("unk_id");
        bool byteFallback = fields.Flag("byte_fallback", false);
        return tokens.Count == 0 && data?.Scores is { } given
            ? new UnigramModel(data.Tokens, given, unknownId, byteFallback)
            : new UnigramModel(tokens, scores, unknownId, byteFallback);
    }

    private static Vocabulary Vocabulary(JsonFields fields, VocabularyData? data)
    {
        JsonElement json = fields.Need("vocab");
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"'vocab' of the model is {JsonFields.Show(json)}, expected an object.");
        }

        var tokens = new List<KeyValuePair<string, int>>();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            string token = property.Name;
            tokens.Add(new(token, JsonFields.AsNumber(property.Value, "an id of the vocabulary")));
        }

        return tokens.Count == 0 && data is not null ? Percept.Text.Vocabulary.FromList(data.Tokens)
            : new Vocabulary(tokens);
    }
}
