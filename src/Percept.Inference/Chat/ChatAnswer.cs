namespace Percept.Inference;

/// <summary>A model's answer.</summary>
/// <param name="Text">The text, without control tokens.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Usage">Tokens and times.</param>
public sealed record ChatAnswer(string Text, FinishReason Finish, EngineUsage Usage)
{
    /// <summary>
    /// Whether the text follows to its end the JSON schema or regular expression that was asked for; false where the answer was cut
    /// before (<see cref="Finish"/>); null where none was asked for.
    /// </summary>
    public bool? FollowsFormat { get; init; }
}
