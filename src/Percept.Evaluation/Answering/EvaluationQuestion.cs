using Percept.Data;

namespace Percept.Evaluation;

/// <summary>What a model is asked.</summary>
/// <param name="Text">The text behind the media.</param>
/// <param name="Media">The media in the order in which they are shown.</param>
/// <param name="MaxTokens">The most tokens of the answer.</param>
public sealed record EvaluationQuestion(string Text, IReadOnlyList<MediaReference> Media, int MaxTokens)
{
    /// <summary>What was said before; empty where the question stands alone.</summary>
    public IReadOnlyList<EvaluationTurn> History { get; init; } = [];
}
