using Percept.Data;

namespace Percept.Evaluation;

/// <summary>What was said before a question is asked.</summary>
/// <param name="Role">Who says it: one of <see cref="DataRoles"/>.</param>
/// <param name="Text">What is said.</param>
/// <param name="Media">The media that are shown before the text.</param>
public sealed record EvaluationTurn(string Role, string Text, IReadOnlyList<MediaReference> Media)
{
    /// <summary>Whether the model that is asked writes it first itself, rather than being given the text.</summary>
    public bool IsOwn { get; init; }
}
