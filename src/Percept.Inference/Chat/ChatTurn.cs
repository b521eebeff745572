using Percept.Models;

namespace Percept.Inference;

/// <summary>A turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>.</param>
/// <param name="Parts">What is said and shown, in order.</param>
public sealed record ChatTurn(string Role, IReadOnlyList<ChatPart> Parts)
{
    /// <summary>Tools that an assistant's turn calls.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call that a tool's turn answers; null for none.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The name of the tool that speaks; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>A turn of the user.</summary>
    /// <param name="text">The text.</param>
    /// <param name="media">Media that stand before it.</param>
    public static ChatTurn User(string text, params IReadOnlyList<MediaContent> media) =>
        new("user", [.. media.Select(one => new ChatPart(null, one)), new ChatPart(text)]);

    /// <summary>A turn of the model.</summary>
    /// <param name="text">The text.</param>
    public static ChatTurn Assistant(string text) => new("assistant", [new ChatPart(text)]);

    /// <summary>What the model is told first.</summary>
    /// <param name="text">The text.</param>
    public static ChatTurn System(string text) => new("system", [new ChatPart(text)]);
}

/// <summary>A part of a turn: a text or a medium.</summary>
/// <param name="Text">The text; null for a medium.</param>
/// <param name="Media">The medium; null for a text.</param>
public sealed record ChatPart(string? Text, MediaContent? Media = null);

/// <summary>A model's call of a tool.</summary>
/// <param name="Id">Tells calls apart.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments: a JSON object.</param>
public sealed record ToolCall(string Id, string Name, string Arguments);
