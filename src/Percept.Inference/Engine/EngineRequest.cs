using Percept.Models;
using Percept.Text;

namespace Percept.Inference;

/// <summary>What an engine is to generate.</summary>
public sealed record EngineRequest
{
    /// <summary>The prompt. It stays the caller's: disposed once the run has ended.</summary>
    public required PreparedPrompt Prompt { get; init; }

    /// <summary>How to generate.</summary>
    public GenerationSettings Settings { get; init; } = new();

    /// <summary>What the answer must follow; null for nothing.</summary>
    public TokenConstraint? Constraint { get; init; }

    /// <summary>The bytes of the vocabulary's tokens; needed for stop strings.</summary>
    public TokenBytes? TokenBytes { get; init; }

    /// <summary>How many of the most likely tokens are told for each generated one; null: none.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>
    /// The name of the adapter that answers, or <see cref="AdapterSet.None"/>; null for the one that acted when the engine began. Requests of
    /// different adapters take turns: a pass has one.
    /// </summary>
    public string? Adapter { get; init; }

    /// <summary>The caller's own processors of logits.</summary>
    public IReadOnlyList<ILogitsProcessor> Processors { get; init; } = [];
}
