using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// A mixture of experts: a router gives each token to a few gated layers and weighs their answers; one more may take all.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class SparseMoe : IFeedForward
{
    private readonly SparseMoeOptions _options;
    private readonly int _ordinal;
    private readonly Linear _gate;
    private readonly Tensor? _correction;
    private readonly ExpertWeights _experts;
    private readonly GatedMlp? _shared;
    private readonly Linear? _sharedGate;

    /// <summary>
    /// Takes <c>gate</c>, <c>experts.0…</c> (or <c>experts.gate_up_proj</c> and <c>experts.down_proj</c>) and the shared expert.
    /// </summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="weights">Where it stands.</param>
    /// <param name="ordinal">How many such parts stand in layers before, for the trace.</param>
    public SparseMoe(SparseMoeOptions options, WeightScope weights, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _ordinal = ordinal;
        _gate = weights.Linear("gate", options.Experts, options.HiddenSize, bias: false);
        _correction = options.Correction ? weights["gate"].Float("e_score_correction_bias", [options.Experts]) : null;
        _experts = new ExpertWeights(options, weights["experts"]);
        if (options.SharedName is { } name)
        {
            _shared = new GatedMlp(
                weights[name], options.HiddenSize, options.SharedSize, options.Activation, options.SharedBias);
        }

        _sharedGate = options.SharedGate ? weights.Linear("shared_expert_gate", 1, options.HiddenSize, bias: false) : null;
    }

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, int layer, ForwardTrace? trace)
    {
        Tensor logits = _gate.Forward(input);
        trace?.See("router_logits", _ordinal, logits);
        (Tensor weights, Tensor chosen) = Ops.MoeRoute(logits, _options.Routing, _correction);
        ExpertOrder order = Ops.MoeOrder(chosen, _options.Experts);
        Tensor mixed = Ops.ExpertCombine(_experts.Forward(Ops.ExpertGather(input, order), order), weights, order);
        if (_shared is null)
        {
            return mixed;
        }

        Tensor shared = _shared.Forward(input);
        if (_sharedGate is not null)
        {
            shared = Ops.Multiply(shared, Ops.Sigmoid(_sharedGate.Forward(input)));
        }

        return Ops.Add(mixed, shared);
    }
}
