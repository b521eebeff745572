using System.Text.Json;
using Percept.Text;

namespace Percept.Inference;

/// <summary>How a conversation is answered.</summary>
public sealed record AnswerOptions
{
    /// <summary>Settings over the model's own; null leaves the model's. What is not set there is the model's.</summary>
    public Func<GenerationSettings, GenerationSettings>? Adjust { get; init; }

    /// <summary>A JSON schema that the answer must follow; null for none.</summary>
    public string? JsonSchema { get; init; }

    /// <summary>A regular expression that the whole answer must match; null for none.</summary>
    public string? Regex { get; init; }

    /// <summary>Tools that the model may call, as the chat template takes them; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>
    /// Whether control tokens and marks of media that are written in texts of the conversation count as such. Off, text stays text:
    /// nobody can end their turn, or begin another's, by what they write.
    /// </summary>
    public bool AllowControlTokens { get; init; }

    /// <summary>Further variables of the chat template, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, TemplateValue>? TemplateVariables { get; init; }

    /// <summary>
    /// The name of the adapter that answers, or <see cref="Percept.Models.AdapterSet.None"/>; null for the first that the model was loaded with.
    /// </summary>
    public string? Adapter { get; init; }

    /// <summary>A classic conversation style instead of the model's chat template; null for the template.</summary>
    public ConversationStyle? Style { get; init; }
}
