using System.Text.Encodings.Web;
using System.Text.Json;

namespace Percept.Text;

/// <summary>Writes a BPE as <c>tokenizer.json</c>.</summary>
internal static class BpeTokenizerJson
{
    internal static byte[] Write(
        IReadOnlyList<string> tokens,
        TokenizerComponents steps,
        IReadOnlyList<(string Left, string Right)> merges,
        IReadOnlyList<AddedToken> added,
        BpeOptions options)
    {
        using var stream = new MemoryStream();
        var layout = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, layout))
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
            Model(json, tokens, merges, options);
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
        Utf8JsonWriter json, IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeOptions options)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", options.UnknownToken);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", options.FuseUnknown);
        json.WriteBoolean("byte_fallback", options.ByteFallback);
        json.WriteBoolean("ignore_merges", options.IgnoreMerges);
        json.WriteStartObject("vocab");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
        {
            if (!seen.Add(tokens[id]))
            {
                throw new InvalidDataException(
                    $"The token '{tokens[id]}' stands twice in the vocabulary, which tokenizer.json can't hold. Use the GGUF file itself.");
            }

            json.WriteNumber(tokens[id], id);
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
