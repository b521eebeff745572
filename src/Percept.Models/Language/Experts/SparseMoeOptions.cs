using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a mixture of experts is made of. Families differ in these values only.</summary>
public sealed record SparseMoeOptions
{
    /// <summary>Channels in and out.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Channels inside an expert.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>How many experts there are.</summary>
    public required int Experts { get; init; }

    /// <summary>How experts are chosen and weighed.</summary>
    public required MoeRouting Routing { get; init; }

    /// <summary>The function of the experts' gates.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether <c>gate.e_score_correction_bias</c> is added to the scores for choosing (DeepSeek-V3).</summary>
    public bool Correction { get; init; }

    /// <summary>The name of the expert that takes every token; null for none.</summary>
    public string? SharedName { get; init; }

    /// <summary>Channels inside the shared expert.</summary>
    public int SharedSize { get; init; }

    /// <summary>Whether the shared expert's answer is multiplied by σ(<c>shared_expert_gate</c>(x)) (Qwen2-MoE).</summary>
    public bool SharedGate { get; init; }

    /// <summary>Whether the shared expert's layers have biases.</summary>
    public bool SharedBias { get; init; }
}
