namespace Percept.Evaluation;

/// <summary>One sample that was asked, and what came of it.</summary>
public sealed record EvaluationRow
{
    /// <summary>The sample's name.</summary>
    public required string Id { get; init; }

    /// <summary>The text that was asked.</summary>
    public required string Prompt { get; init; }

    /// <summary>A hash of the text, of the names of the media, and of what was said before.</summary>
    public required string PromptHash { get; init; }

    /// <summary>The names of the media, those of what was said before first.</summary>
    public IReadOnlyList<string> Media { get; init; } = [];

    /// <summary>What the model wrote itself before the answer, where it was asked something first.</summary>
    public IReadOnlyList<string> Said { get; init; } = [];

    /// <summary>The answer as it was given.</summary>
    public string Answer { get; init; } = string.Empty;

    /// <summary>What the task read out of it; null where nothing.</summary>
    public string? Parsed { get; init; }

    /// <summary>The right answers.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The score; 0 where the model failed.</summary>
    public double Score { get; init; }

    /// <summary>Why the answer ended; <c>length</c> also where what the model said first was cut.</summary>
    public string Finish { get; init; } = string.Empty;

    /// <summary>Tokens of the question, and of what was asked first, those of media included; null where nobody says.</summary>
    public long? PromptTokens { get; init; }

    /// <summary>Tokens of the answer, and of what the model said first; null where nobody says.</summary>
    public long? AnswerTokens { get; init; }

    /// <summary>From the question to the answer; questions that are computed together wait for each other.</summary>
    public double Milliseconds { get; init; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    public string? Error { get; init; }

    /// <summary>The sample's group.</summary>
    public string? Group { get; init; }

    /// <summary>The sample's category.</summary>
    public string? Category { get; init; }
}
