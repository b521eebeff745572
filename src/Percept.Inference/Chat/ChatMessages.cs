using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Models;
using Percept.Text;

namespace Percept.Inference;

/// <summary>Writes a conversation as chat templates take it.</summary>
internal static class ChatMessages
{
    /// <summary>The input of a chat template, and the media in the order of their marks.</summary>
    /// <param name="turns">The conversation.</param>
    /// <param name="processor">Says how media stand in contents.</param>
    /// <param name="tools">Tools that the model may call, as JSON; null for none.</param>
    /// <param name="variables">Further variables of the template.</param>
    /// <param name="allowControl">Whether control tokens in texts count as such.</param>
    internal static (ChatTemplateInput Input, IReadOnlyList<MediaContent> Media) Write(
        IReadOnlyList<ChatTurn> turns, IProcessor processor, JsonElement? tools = null,
        IReadOnlyDictionary<string, TemplateValue>? variables = null, bool allowControl = false)
    {
        Func<string, string> quote = allowControl ? static text => text : processor.Quote;
        Func<string, string> apart = allowControl ? static text => text : Tokenizer.QuoteApart;
        var messages = new JsonArray();
        var media = new List<MediaContent>();
        foreach (ChatTurn turn in turns)
        {
            // A template may bring together what stands apart here.
            int first = turn.Parts.Select(part => part.Text is not null).ToList().IndexOf(true);
            (string? Text, MediaContent? Media)[] parts =
            [
                .. turn.Parts.Select((part, i) => (
                    part.Media is not null ? null : i == first ? quote(part.Text!) : apart(quote(part.Text ?? string.Empty)), part.Media)),
            ];
            JsonNode content = processor.TakesParts
                ? new JsonArray([.. parts.Select(part => (JsonNode)Part(part.Text, part.Media))])
                : JsonValue.Create(string.Concat(parts.Select(part => part.Text ?? processor.Mark(part.Media!.Kind) + "\n")))!;
            media.AddRange(turn.Parts.Select(part => part.Media).OfType<MediaContent>());
            messages.Add((JsonNode)Message(turn, content, quote));
        }

        using JsonDocument document = JsonDocument.Parse(messages.ToJsonString());
        ChatTemplateInput input = ChatTemplateInput.FromJson(document.RootElement, tools) with { AddGenerationPrompt = true };
        return (variables is null ? input : input with { Variables = variables }, media);
    }

    private static JsonObject Message(ChatTurn turn, JsonNode content, Func<string, string> quote)
    {
        var message = new JsonObject { ["role"] = turn.Role, ["content"] = content };
        if (turn.Name is { } name)
        {
            message["name"] = quote(name);
        }

        if (turn.ToolCallId is { } id)
        {
            message["tool_call_id"] = quote(id);
        }

        if (turn.ToolCalls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. turn.ToolCalls.Select(call => (JsonNode)new JsonObject
            {
                ["id"] = quote(call.Id),
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = quote(call.Name), ["arguments"] = Quoted(JsonNode.Parse(call.Arguments), quote) },
            })]);
        }

        return message;
    }

    /// <summary>The same JSON with every text and every name in it quoted.</summary>
    private static JsonNode? Quoted(JsonNode? node, Func<string, string> quote) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field =>
            KeyValuePair.Create(quote(field.Key), Quoted(field.Value, quote)))),
        JsonArray items => new JsonArray([.. items.Select(item => Quoted(item, quote))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(quote(value.GetValue<string>())),
        _ => node?.DeepClone(),
    };

    private static JsonObject Part(string? words, MediaContent? medium) => medium is { } media
        ? new JsonObject
        {
            ["type"] = media.Kind switch { MediaKind.Image => "image", MediaKind.Video => "video", _ => "audio" },
        }
        : new JsonObject { ["type"] = "text", ["text"] = words };
}
