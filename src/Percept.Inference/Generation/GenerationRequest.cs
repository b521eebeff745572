using Percept.Text;

namespace Percept.Inference;

/// <summary>What is to be generated.</summary>
public sealed record GenerationRequest
{
    /// <summary>The prompts: as many as the session has rows.</summary>
    public required IReadOnlyList<GenerationPrompt> Prompts { get; init; }

    /// <summary>How to generate.</summary>
    public required GenerationSettings Settings { get; init; }

    /// <summary>
    /// The logits [Rows, V] after the prompts, when the session holds them already (prompts with pictures are embedded
    /// and fed by the model); empty when the prompts' ids are to be fed.
    /// </summary>
    public ReadOnlyMemory<float> FirstLogits { get; init; }

    /// <summary>How many positions the session holds before the prompts' ids; <c>max_length</c> counts them.</summary>
    public int EmbeddedLength { get; init; }

    /// <summary>
    /// The greatest number of positions of the model, prompt and answer together; null when it has no limit.
    /// </summary>
    public int? ContextLength { get; init; }

    /// <summary>
    /// The encoder's ids of each prompt, for the two <c>encoder_…</c> settings; null: the prompts' own.
    /// </summary>
    public IReadOnlyList<int[]>? EncoderIds { get; init; }

    /// <summary>Names the tokens that may come next; null for all.</summary>
    public AllowedTokens? Allowed { get; init; }

    /// <summary>The caller's own processors: behind all others but those of sampling.</summary>
    public IReadOnlyList<ILogitsProcessor> Processors { get; init; } = [];

    /// <summary>What every answer must follow; null for nothing.</summary>
    public TokenConstraint? Constraint { get; init; }

    /// <summary>The bytes of the vocabulary's tokens; needed for stop strings.</summary>
    public TokenBytes? TokenBytes { get; init; }

    /// <summary>
    /// A session with as many empty rows, for classifier-free guidance: the model without the prompt. Null without
    /// guidance.
    /// </summary>
    public IGenerationSession? Unconditional { get; init; }

    /// <summary>What <see cref="Unconditional"/> begins with; null: the last id of each prompt.</summary>
    public IReadOnlyList<int[]>? NegativePrompts { get; init; }

    /// <summary>
    /// How many of the most likely tokens are told for each generated one; null: no log-probabilities at all.
    /// </summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>Takes tokens as they are generated; null for nobody.</summary>
    public ITokenSink? Sink { get; init; }

    /// <summary>Called once the prompts are fed, where decoding begins; null for nobody.</summary>
    internal Action? PromptsFed { get; init; }
}
