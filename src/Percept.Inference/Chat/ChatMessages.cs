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
    internal static (ChatTemplateInput Input, IReadOnlyList<MediaContent> Media) Write(
        IReadOnlyList<ChatTurn> turns, IProcessor processor, JsonElement? tools = null,
        IReadOnlyDictionary<string, TemplateValue>? variables = null)
    {
        var messages = new JsonArray();
        var media = new List<MediaContent>();
        foreach (ChatTurn turn in turns)
        {
            JsonNode content = processor.TakesParts
                ? new JsonArray([.. turn.Parts.Select(part => (JsonNode)Part(part))])
                : JsonValue.Create(string.Concat(turn.Parts.Select(part => part.Text ?? processor.Mark(part.Media!.Kind) + "\n")))!;
            media.AddRange(turn.Parts.Select(part => part.Media).OfType<MediaContent>());
            messages.Add((JsonNode)Message(turn, content));
        }

        using JsonDocument document = JsonDocument.Parse(messages.ToJsonString());
        ChatTemplateInput input = ChatTemplateInput.FromJson(document.RootElement, tools) with { AddGenerationPrompt = true };
        return (variables is null ? input : input with { Variables = variables }, media);
    }

    private static JsonObject Message(ChatTurn turn, JsonNode content)
    {
        var message = new JsonObject { ["role"] = turn.Role, ["content"] = content };
        if (turn.Name is { } name)
        {
            message["name"] = name;
        }

        if (turn.ToolCallId is { } id)
        {
            message["tool_call_id"] = id;
        }

        if (turn.ToolCalls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. turn.ToolCalls.Select(call => (JsonNode)new JsonObject
            {
                ["id"] = call.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonNode.Parse(call.Arguments) },
            })]);
        }

        return message;
    }

    private static JsonObject Part(ChatPart part) => part.Media is { } media
        ? new JsonObject
        {
            ["type"] = media.Kind switch { MediaKind.Image => "image", MediaKind.Video => "video", _ => "audio" },
        }
        : new JsonObject { ["type"] = "text", ["text"] = part.Text };
}
