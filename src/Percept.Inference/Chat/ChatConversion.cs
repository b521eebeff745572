using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Percept.Models;

namespace Percept.Inference;

/// <summary>Turns messages and options of Microsoft.Extensions.AI into those of the engine.</summary>
internal static class ChatConversion
{
    /// <summary>The turns of a conversation.</summary>
    /// <exception cref="NotSupportedException">A content is of a kind that no model takes.</exception>
    internal static IReadOnlyList<ChatTurn> Turns(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var turns = new List<ChatTurn>();
        if (!string.IsNullOrEmpty(instructions))
        {
            turns.Add(ChatTurn.System(instructions));
        }

        foreach (ChatMessage message in messages)
        {
            FunctionResultContent[] results = [.. message.Contents.OfType<FunctionResultContent>()];
            turns.AddRange(results.Select(Result));
            ChatPart[] parts = [.. message.Contents.Select(Part).OfType<ChatPart>()];
            ToolCall[] calls = [.. message.Contents.OfType<FunctionCallContent>().Select(Call)];
            if (parts.Length > 0 || calls.Length > 0)
            {
                turns.Add(new ChatTurn(message.Role.Value, parts) { ToolCalls = calls, Name = message.AuthorName });
            }
        }

        return turns;
    }

    /// <summary>How to answer.</summary>
    /// <exception cref="NotSupportedException">An option is not supported.</exception>
    internal static AnswerOptions Options(ChatOptions? options) => options is null ? new AnswerOptions()
        : options.ToolMode is RequiredChatToolMode
            ? throw new NotSupportedException(
                "A tool call cannot be required (ToolMode): the model decides by itself. Use ChatToolMode.Auto, or a JSON schema.")
        : new AnswerOptions
    {
        Adapter = options.AdditionalProperties?.TryGetValue("adapter", out object? adapter) is true ? adapter?.ToString() : null,
        Tools = options.Tools is { Count: > 0 } tools && options.ToolMode is not NoneChatToolMode ? Tools(tools) : null,
        JsonSchema = options.ResponseFormat switch
        {
            ChatResponseFormatJson { Schema: { } schema } => schema.GetRawText(),
            ChatResponseFormatJson => """{"type": "object"}""",
            _ => null,
        },
        Adjust = own => own with
        {
            MaxNewTokens = options.MaxOutputTokens ?? own.MaxNewTokens,
            DoSample = options.Temperature is { } heat ? heat > 0 : own.DoSample || options.TopP is not null || options.TopK is not null,
            Temperature = options.Temperature is > 0 ? options.Temperature.Value : own.Temperature,
            TopP = options.TopP ?? own.TopP,
            TopK = options.TopK ?? own.TopK,
            FrequencyPenalty = options.FrequencyPenalty ?? own.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? own.PresencePenalty,
            Seed = options.Seed is { } seed ? unchecked((ulong)seed) : own.Seed,
            StopStrings = options.StopSequences is { Count: > 0 } stops ? [.. stops] : own.StopStrings,
        },
    };

    /// <summary>A call as content.</summary>
    internal static FunctionCallContent Call(ToolCall call)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(call.Arguments);
            var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (JsonProperty pair in document.RootElement.EnumerateObject())
            {
                // Of a name that stands twice the last counts, as for most readers of JSON.
                arguments[pair.Name] = pair.Value.Clone();
            }

            return new FunctionCallContent(call.Id, call.Name, arguments);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new FunctionCallContent(call.Id, call.Name) { Exception = error };
        }
    }

    private static ToolCall Call(FunctionCallContent call) => new(call.CallId, call.Name, Json(call.Arguments));

    private static ChatTurn Result(FunctionResultContent result) =>
        new("tool", [new ChatPart(result.Result switch { string text => text, null => string.Empty, { } other => Json(other) })])
        {
            ToolCallId = result.CallId,
        };

    private static ChatPart? Part(AIContent content) => content switch
    {
        TextContent text => new ChatPart(text.Text),
        DataContent data when data.HasTopLevelMediaType("image") => new ChatPart(null, MediaLoader.Picture(data.Data)),
        UriContent { Uri.IsFile: true } file => new ChatPart(null, MediaLoader.Load(file.Uri.LocalPath)),
        UriContent uri => throw new NotSupportedException(
            $"'{uri.Uri}' is not fetched: a local model takes data. Download it and give it as {nameof(DataContent)}."),
        DataContent data => throw new NotSupportedException(
            $"A content of type '{data.MediaType}' is not supported; pictures are (image/…), as {nameof(DataContent)}."),
        FunctionCallContent or FunctionResultContent or UsageContent or TextReasoningContent => null,
        _ => throw new NotSupportedException($"A content of type {content.GetType().Name} is not supported."),
    };

    private static JsonElement Tools(IList<AITool> tools)
    {
        var list = new JsonArray();
        foreach (AITool tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
            {
                throw new NotSupportedException($"The tool '{tool.Name}' is a {tool.GetType().Name}; functions are supported.");
            }

            list.Add((JsonNode)new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = function.Name,
                    ["description"] = function.Description,
                    ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()),
                },
            });
        }

        using JsonDocument document = JsonDocument.Parse(list.ToJsonString());
        return document.RootElement.Clone();
    }

    private static string Json(object? value) => value is null
        ? "{}"
        : JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
}
