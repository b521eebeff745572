using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>A <c>tokenizer.json</c> with its <c>tokenizer_config.json</c>, as transformers loads them.</summary>
internal static class LoadTokenizerVerb
{
    // What a tokenizer without a limit has in the reference.
    private const double NoLimit = 1e30;

    internal static void Run(RunContext context) => context.JudgeAll(
        "cases",
        context.JsonLines(context.Args.Text("cases")).Select(line =>
            Check(context, line) is { } problem ? $"{line.GetProperty("name").GetString()}: {problem}" : null));

    /// <summary>What is wrong with the steps of a tokenizer; null when they are those of an object that names
    /// them.</summary>
    internal static string? Components(LoadedTokenizer loaded, JsonElement file, JsonElement want)
    {
        foreach (string name in new[] { "normalizer", "pre_tokenizer", "post_processor", "decoder" })
        {
            if (want.TryGetProperty(name, out JsonElement expected)
                && !JsonElement.DeepEquals(expected, Step(loaded, file, name)))
            {
                return $"{name} is {Step(loaded, file, name).GetRawText()}, expected {expected.GetRawText()}";
            }
        }

        return null;
    }

    private static string? Check(RunContext context, JsonElement line)
    {
        byte[] json = context.Bytes(line.GetProperty("tokenizer").GetString()!);
        using JsonDocument file = JsonDocument.Parse(json);
        LoadedTokenizer loaded = TokenizerLoader.FromJson(
            json, TokenizerConfigReader.Read(line.GetProperty("tokenizer_config")));
        JsonElement expect = line.GetProperty("expect");
        foreach (JsonProperty property in expect.EnumerateObject())
        {
            if (Property(loaded, property) is { } problem)
            {
                return problem;
            }
        }

        return Components(loaded, file.RootElement, expect);
    }

    private static string? Property(LoadedTokenizer loaded, JsonProperty property) => property.Name switch
    {
        "normalizer" or "pre_tokenizer" or "post_processor" => null,
        "model_max_length" => Same(property, loaded.Config.ModelMaxLength ?? NoLimit),
        "padding_side" => Same(property, Side(loaded.PaddingSide)),
        "truncation_side" => Same(property, Side(loaded.Config.TruncationSide)),
        "clean_up_tokenization_spaces" =>
            property.Value.GetBoolean() == loaded.Config.CleanUpTokenizationSpaces ? null : $"{property.Name} differs",
        "all_special_tokens" => TokenAnswers.Compare(
            property.Name, [.. property.Value.EnumerateArray().Select(item => item.GetString()!)], loaded.SpecialTokens),
        "all_special_ids" => TokenAnswers.Compare(
            property.Name,
            TokenAnswers.Ints(property.Value),
            [.. loaded.SpecialTokens.Select(token => loaded.Tokenizer.TokenToId(token) ?? -1)]),
        "vocab_len" => Same(property, loaded.TokenCount),
        "added_vocab" => TokenAnswers.Compare(
            property.Name,
            [.. property.Value.EnumerateObject().Select(item => (item.Name, item.Value.GetInt32())).Order()],
            [.. loaded.Tokenizer.Parts.AddedTokens.Select(token => (token.Content, token.Id)).Order()]),
        "cases" => property.Value.EnumerateArray().Select(item => Text(loaded, item)).FirstOrDefault(item => item is not null),
        "batch" => Batch(loaded, property.Value),
        "chat" => Chat(loaded, property.Value),
        _ when property.Name.EndsWith("_token_id", StringComparison.Ordinal) => TokenAnswers.Text(
            property.Name,
            property.Value.ToString(),
            Format(loaded.TokenId(property.Name[..^"_id".Length]))),
        _ when property.Name.EndsWith("_token", StringComparison.Ordinal) =>
            TokenAnswers.Text(property.Name, property.Value.GetString(), loaded.Token(property.Name)),
        _ => throw new NotUnderstoodException($"the attribute '{property.Name}' is not known"),
    };

    private static string? Text(LoadedTokenizer loaded, JsonElement item)
    {
        string text = item.GetProperty("text").GetString()!;
        int[] ids = loaded.Tokenizer.EncodeIds(text, allowSpecial: true);
        return TokenAnswers.Numbers(item, "ids", ids)
            ?? TokenAnswers.Numbers(item, "plain", loaded.Tokenizer.EncodeIds(text, addSpecialTokens: false, allowSpecial: true))
            ?? TokenAnswers.Text("decoded", item.GetProperty("decoded").GetString(), loaded.Tokenizer.Decode(ids))
            ?? TokenAnswers.Text(
                "decoded_skip", item.GetProperty("decoded_skip").GetString(), loaded.Tokenizer.Decode(ids, true));
    }

    // Padded to the longest and cut to the longest that the model takes.
    private static string? Batch(LoadedTokenizer loaded, JsonElement want)
    {
        string[] texts = [.. want.GetProperty("texts").EnumerateArray().Select(item => item.GetString()!)];
        IReadOnlyList<TokenEncoding> got = loaded.Tokenizer.EncodeBatch(texts, new EncodeOptions
        {
            AllowSpecial = true,
            Truncation = new TruncationOptions((int)loaded.Config.ModelMaxLength!.Value) { Side = loaded.Config.TruncationSide },
            Padding = new PaddingOptions
            {
                Side = loaded.PaddingSide,
                Id = loaded.TokenId("pad_token")!.Value,
                Token = loaded.Token("pad_token")!,
            },
        });
        return got.Select((encoding, i) =>
                TokenAnswers.Compare("input_ids", TokenAnswers.Ints(want.GetProperty("input_ids")[i]), encoding.Ids)
                ?? TokenAnswers.Compare(
                    "attention_mask", TokenAnswers.Ints(want.GetProperty("attention_mask")[i]), encoding.AttentionMask))
            .FirstOrDefault(problem => problem is not null);
    }

    private static string? Chat(LoadedTokenizer loaded, JsonElement want)
    {
        JsonElement messages = want.GetProperty("messages");
        string text = loaded.RenderChat(ChatTemplateInput.FromJson(messages)).Text;
        return TokenAnswers.Text("chat", want.GetProperty("text").GetString(), text)
            ?? (want.TryGetProperty("with_tools", out JsonElement tooled)
                ? TokenAnswers.Text("chat with tools", tooled.GetString(), WithTools(loaded, want, messages))
                : null)
            ?? TokenAnswers.Numbers(
                want, "ids", loaded.Tokenizer.EncodeIds(text, addSpecialTokens: false, allowSpecial: true));
    }

    // Cases that do not list their tools have one.
    private static string WithTools(LoadedTokenizer loaded, JsonElement want, JsonElement messages)
    {
        using JsonDocument one = JsonDocument.Parse(
            """[{"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}]""");
        JsonElement tools = want.TryGetProperty("tools", out JsonElement given) ? given : one.RootElement;
        return loaded.RenderChat(ChatTemplateInput.FromJson(messages, tools)).Text;
    }

    private static JsonElement Step(LoadedTokenizer loaded, JsonElement file, string name)
    {
        string? own = loaded.ComponentJson(name);
        if (own is null && loaded.ClassName.Length == 0 && file.ValueKind == JsonValueKind.Object
            && file.TryGetProperty(name, out JsonElement written) && written.ValueKind != JsonValueKind.Null)
        {
            return written;
        }

        using JsonDocument document = JsonDocument.Parse(own ?? "null");
        return document.RootElement.Clone();
    }

    private static string? Same(JsonProperty property, double got) =>
        property.Value.GetDouble() == got ? null : FormattableString.Invariant($"{property.Name} is {got}");

    private static string? Same(JsonProperty property, string got) =>
        TokenAnswers.Text(property.Name, property.Value.GetString(), got);

    private static string Side(TextSide side) => side == TextSide.Left ? "left" : "right";

    private static string Format(int? id) => id is { } number ? FormattableString.Invariant($"{number}") : "";
}
