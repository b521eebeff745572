using System.Text.Json;

namespace Percept.Text;

/// <summary>A conversation to be rendered, with what goes with it.</summary>
public sealed record ChatTemplateInput
{
    /// <summary>The messages: a list of dictionaries with at least <c>role</c> and <c>content</c>.</summary>
    public required TemplateValue Messages { get; init; }

    /// <summary>The tools the model may call; none by default, which templates see as <c>None</c>.</summary>
    public TemplateValue Tools { get; init; } = TemplateValue.None;

    /// <summary>Documents to answer from; none by default.</summary>
    public TemplateValue Documents { get; init; } = TemplateValue.None;

    /// <summary>Whether the text ends where the model's answer begins.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Whether the last message is left open, for the model to go on with.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>
    /// Further variables: <c>bos_token</c>, <c>eos_token</c>, <c>enable_thinking</c> … They win over those above.
    /// </summary>
    public IReadOnlyDictionary<string, TemplateValue> Variables { get; init; } = new Dictionary<string, TemplateValue>();

    /// <summary>The local time for <c>strftime_now</c>; the clock's when null.</summary>
    public DateTime? Now { get; init; }

    /// <summary>A conversation whose messages, tools and documents are JSON.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="tools">The tools; null for none.</param>
    /// <param name="documents">The documents; null for none.</param>
    /// <exception cref="InvalidDataException">The JSON nests deeper than 256 levels.</exception>
    public static ChatTemplateInput FromJson(JsonElement messages, JsonElement? tools = null, JsonElement? documents = null) => new()
    {
        Messages = TemplateValue.FromJson(messages),
        Tools = tools is { } t ? TemplateValue.FromJson(t) : TemplateValue.None,
        Documents = documents is { } d ? TemplateValue.FromJson(d) : TemplateValue.None,
    };
}
