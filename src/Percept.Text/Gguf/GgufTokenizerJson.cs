using System.Text.Encodings.Web;
using System.Text.Json;

namespace Percept.Text;

/// <summary>Writes a BPE out of a GGUF vocabulary as <c>tokenizer.json</c>.</summary>
internal static class GgufTokenizerJson
{
    internal static byte[] Write(
        GgufVocabulary vocabulary,
        TokenizerComponents steps,
        IReadOnlyList<(string Left, string Right)> merges,
        IReadOnlyList<AddedToken> added,
        bool ignoreMerges)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            json.WriteStartArray("added_tokens");
            foreach (AddedToken token in added)
            {
                json.WriteStartObject();
                json.WriteNumber("id", token.Id);
                json.WriteString("content", token.Content);
                json.WriteBoolean("single_word", false);
                json.WriteBoolean("lstrip", false);
                json.WriteBoolean("rstrip", false);
                json.WriteBoolean("normalized", false);
                json.WriteBoolean("special", token.Special);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Step(json, "normalizer", steps.Normalizer);
            Step(json, "pre_tokenizer", steps.PreTokenizer);
            Step(json, "post_processor", steps.PostProcessor);
            Step(json, "decoder", steps.Decoder);
            Model(json, vocabulary, merges, ignoreMerges);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Step(Utf8JsonWriter json, string name, string? text)
    {
        json.WritePropertyName(name);
        if (text is null)
        {
            json.WriteNullValue();
            return;
        }

        using JsonDocument step = JsonDocument.Parse(text);
        step.RootElement.WriteTo(json);
    }

    private static void Model(
        Utf8JsonWriter json, GgufVocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, bool ignoreMerges)
    {
        bool bytes = vocabulary.Model == "llama";
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", bytes && vocabulary.UnknownId is { } id ? vocabulary.Tokens[id] : null);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", bytes);
        json.WriteBoolean("byte_fallback", bytes);
        json.WriteBoolean("ignore_merges", ignoreMerges);
        json.WriteStartObject("vocab");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int token = 0; token < vocabulary.Tokens.Count; token++)
        {
            if (!seen.Add(vocabulary.Tokens[token]))
            {
                throw new InvalidDataException(
                    $"The token '{vocabulary.Tokens[token]}' stands twice in the vocabulary, which tokenizer.json can't hold. Use the GGUF file itself.");
            }

            json.WriteNumber(vocabulary.Tokens[token], token);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((string left, string right) in merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
