namespace Percept.Inference;

/// <summary>What the processors of a chain need beside the settings.</summary>
public sealed record LogitsChainInputs
{
    /// <summary>
    /// The encoder's ids of each prompt (the prompt's own where there is no encoder); null where there are none.
    /// </summary>
    public IReadOnlyList<int[]>? EncoderIds { get; init; }

    /// <summary>Names the tokens that may come next; null for all.</summary>
    public AllowedTokens? Allowed { get; init; }

    /// <summary>The caller's own processors: behind all others but those of sampling.</summary>
    public IReadOnlyList<ILogitsProcessor> Custom { get; init; } = [];

    internal IReadOnlyList<int[]> NeedEncoderIds(string setting) => EncoderIds ?? throw new ArgumentException(
        $"The setting '{setting}' needs the ids of the encoder's input; give them, or leave the setting out.");
}
