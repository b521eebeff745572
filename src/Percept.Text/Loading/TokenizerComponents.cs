using System.Text.Json;

namespace Percept.Text;

/// <summary>The steps of a tokenizer around its model, as JSON texts; null for none.</summary>
/// <param name="Normalizer">The normalizer.</param>
/// <param name="PreTokenizer">The pre-tokenizer.</param>
/// <param name="PostProcessor">The post-processor.</param>
/// <param name="Decoder">The decoder.</param>
internal sealed record TokenizerComponents(string? Normalizer, string? PreTokenizer, string? PostProcessor, string? Decoder)
{
    private const string Text = """{"Sequence":{"id":"A","type_id":0}}""";
    private const string SecondText = """{"Sequence":{"id":"B","type_id":1}}""";

    /// <summary>The post-processor that adds a start and an end token to each text; null for either.</summary>
    internal static string Frame((string Token, int Id)? bos, (string Token, int Id)? eos)
    {
        string single = Join(Special(bos, 0), Text, Special(eos, 0));
        string pair = Join(single, Special(bos, 1), SecondText, Special(eos, 1));
        string specials = Join(Definition(bos), bos == eos ? "" : Definition(eos));
        return $$$"""
            {"type":"TemplateProcessing","single":[{{{single}}}],"pair":[{{{pair}}}],"special_tokens":{{{{specials}}}}}
            """;
    }

    /// <summary>A text as JSON.</summary>
    internal static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    /// <summary>The steps with these in their place.</summary>
    internal TokenizerParts Apply(TokenizerParts parts, ReadOnlyMemory<byte> charsmap = default) => parts with
    {
        Normalizer = Normalizer is null ? null : Read(Normalizer, json => TokenizerJson.ReadNormalizer(json, charsmap)),
        PreTokenizer = PreTokenizer is null ? null : Read(PreTokenizer, TokenizerJson.ReadPreTokenizer),
        PostProcessor = PostProcessor is null ? null : Read(PostProcessor, TokenizerJson.ReadPostProcessor),
        Decoder = Decoder is null ? null : Read(Decoder, TokenizerJson.ReadDecoder),
    };

    private static T Read<T>(string json, Func<JsonElement, T> read)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return read(document.RootElement);
    }

    private static string Special((string Token, int Id)? token, int type) =>
        token is { } known ? $$$"""{"SpecialToken":{"id":{{{Quote(known.Token)}}},"type_id":{{{type}}}}}""" : "";

    private static string Definition((string Token, int Id)? token) => token is { } known
        ? $$"""{{Quote(known.Token)}}:{"id":{{Quote(known.Token)}},"ids":[{{known.Id}}],"tokens":[{{Quote(known.Token)}}]}"""
        : "";

    private static string Join(params ReadOnlySpan<string> parts)
    {
        var kept = new List<string>();
        foreach (string part in parts)
        {
            if (part.Length > 0)
            {
                kept.Add(part);
            }
        }

        return string.Join(',', kept);
    }
}
