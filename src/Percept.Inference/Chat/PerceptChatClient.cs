using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace Percept.Inference;

/// <summary>A local model behind <see cref="IChatClient"/>: texts, pictures, streaming, usage, tools, JSON answers.</summary>
/// <remarks>
/// Safe for several threads; answers of several callers are computed together. Tools are shown to the model by its chat template, and
/// its calls come back as <see cref="FunctionCallContent"/>; whoever wants them called wraps the client. Of a model with several adapters
/// <c>ChatOptions.AdditionalProperties["adapter"]</c> names the one that answers.
/// </remarks>
public sealed class PerceptChatClient : IChatClient
{
    private readonly MultimodalChat _chat;
    private readonly bool _owns;

    /// <summary>Makes a client of a model.</summary>
    /// <param name="chat">The model.</param>
    /// <param name="ownsChat">Whether disposing the client disposes the model.</param>
    public PerceptChatClient(MultimodalChat chat, bool ownsChat = false)
    {
        ArgumentNullException.ThrowIfNull(chat);
        _chat = chat;
        _owns = ownsChat;
        Metadata = new ChatClientMetadata("percept", defaultModelId: Path.GetFileName(Path.TrimEndingDirectorySeparator(chat.Model.Path)));
    }

    /// <summary>What the client says of itself.</summary>
    public ChatClientMetadata Metadata { get; }

    /// <summary>Loads a model behind a client.</summary>
    /// <param name="model">A folder, a GGUF file, or a name in the hub's cache (<c>org/name</c>).</param>
    /// <param name="options">How its engine runs; null for the defaults.</param>
    public static PerceptChatClient Load(string model, EngineOptions? options = null) =>
        new(MultimodalChat.Load(model, options), ownsChat: true);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The conversation is empty or does not fit the model.</exception>
    /// <exception cref="NotSupportedException">A content or an option is not supported.</exception>
    /// <exception cref="ContextLengthException">The conversation does not fit into the model's context.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatStream stream = Start(messages, options, cancellationToken);
        var text = new StringBuilder();
        await foreach (string piece in stream.Pieces(cancellationToken).ConfigureAwait(false))
        {
            text.Append(piece);
        }

        EngineResult result = await stream.Completion.ConfigureAwait(false);
        (string said, IReadOnlyList<ToolCall> calls) = Calls(text.ToString(), options);
        var message = new ChatMessage(ChatRole.Assistant, [.. Contents(said, calls)]) { MessageId = NewId() };
        return new ChatResponse(message)
        {
            ResponseId = NewId(),
            ModelId = Metadata.DefaultModelId,
            CreatedAt = DateTimeOffset.UtcNow,
            FinishReason = Finish(result.Best.Finish, calls.Count > 0),
            Usage = Usage(result.Usage),
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatStream stream = Start(messages, options, cancellationToken);
        string response = NewId(), message = NewId();
        ChatResponseUpdate Update(params IList<AIContent> contents) => new(ChatRole.Assistant, contents)
        {
            ResponseId = response, MessageId = message, ModelId = Metadata.DefaultModelId, CreatedAt = DateTimeOffset.UtcNow,
        };

        // Where tools are shown, the text may turn out to be a call: it is handed out once that is clear.
        bool holds = options?.Tools is { Count: > 0 };
        var text = new StringBuilder();
        await foreach (string piece in stream.Pieces(cancellationToken).ConfigureAwait(false))
        {
            if (holds)
            {
                text.Append(piece);
            }
            else
            {
                yield return Update(new TextContent(piece));
            }
        }

        EngineResult result = await stream.Completion.ConfigureAwait(false);
        (string said, IReadOnlyList<ToolCall> calls) = Calls(text.ToString(), options);
        if (said.Length > 0 || calls.Count > 0)
        {
            yield return Update([.. Contents(said, calls)]);
        }

        ChatResponseUpdate last = Update(new UsageContent(Usage(result.Usage)));
        last.FinishReason = Finish(result.Best.Finish, calls.Count > 0);
        yield return last;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(Metadata) ? Metadata
            : serviceType.IsInstanceOfType(_chat) ? _chat
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owns)
        {
            _chat.Dispose();
        }
    }

    private static string NewId() => Guid.NewGuid().ToString("n");

    private static (string Text, IReadOnlyList<ToolCall> Calls) Calls(string text, ChatOptions? options) =>
        options?.Tools is { Count: > 0 } tools && options.ToolMode is not NoneChatToolMode
            ? ToolCallParser.Parse(text, [.. tools.Select(tool => tool.Name)])
            : (text, []);

    private static IEnumerable<AIContent> Contents(string text, IReadOnlyList<ToolCall> calls)
    {
        if (text.Length > 0 || calls.Count == 0)
        {
            yield return new TextContent(text);
        }

        foreach (ToolCall call in calls)
        {
            yield return ChatConversion.Call(call);
        }
    }

    private static ChatFinishReason Finish(FinishReason reason, bool calls) =>
        calls ? ChatFinishReason.ToolCalls
        : reason is FinishReason.Length or FinishReason.Time ? ChatFinishReason.Length
        : ChatFinishReason.Stop;

    private static UsageDetails Usage(EngineUsage usage) => new()
    {
        InputTokenCount = usage.PromptTokens,
        OutputTokenCount = usage.GeneratedTokens,
        TotalTokenCount = usage.PromptTokens + usage.GeneratedTokens,
        CachedInputTokenCount = usage.ReusedTokens,
        AdditionalCounts = new AdditionalPropertiesDictionary<long> { ["media"] = usage.MediaTokens },
    };

    private ChatStream Start(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyList<ChatTurn> turns = ChatConversion.Turns(messages, options?.Instructions);
        return turns.Count > 0
            ? _chat.Start(turns, ChatConversion.Options(options), cancellation)
            : throw new ArgumentException("There are no messages; give at least one.", nameof(messages));
    }
}
