using Percept.Data;

namespace Percept.Evaluation;

/// <summary>One question with its media and the answers that are known to be right.</summary>
public sealed record EvaluationSample
{
    /// <summary>Its name, which no other sample of the data has.</summary>
    public required string Id { get; init; }

    /// <summary>What the data asks; the task makes the prompt of it. Empty where the task asks the same of all.</summary>
    public string Question { get; init; } = string.Empty;

    /// <summary>The media of the question, in the order in which they are shown.</summary>
    public IReadOnlyList<MediaReference> Media { get; init; } = [];

    /// <summary>
    /// What stands before the question in a conversation: instructions, earlier questions with their media and their right answers, or those
    /// that the model writes itself (<see cref="EvaluationTurn.IsOwn"/>); empty where the question stands alone.
    /// </summary>
    public IReadOnlyList<EvaluationTurn> History { get; init; } = [];

    /// <summary>All media of the conversation up to the question's own.</summary>
    public IEnumerable<MediaReference> AllMedia => History.SelectMany(turn => turn.Media).Concat(Media);

    /// <summary>Where the sample comes from, for error messages; nothing where nobody knows.</summary>
    public SampleSource Source { get; init; }

    /// <summary>Right answers; what several mean together is the task's.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The options of a multiple choice, the first being A; empty for open questions.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Objects that are in the picture, for scores of what captions make up; empty where nobody knows.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    /// <summary>
    /// What the sample shares with others that do not count as independent of it, such as the statement of several pictures; null where it
    /// stands alone.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>The kind of question, by which scores are also told apart; null for none.</summary>
    public string? Category { get; init; }
}
