using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The experts' layers, used as they are stored: a tensor for each, or one tensor for all.</summary>
internal sealed class ExpertWeights
{
    private readonly Activation _activation;
    private readonly LinearPrecision _precision;
    private readonly Tensor[] _gates = [];
    private readonly Tensor[] _ups = [];
    private readonly Tensor[] _downs = [];
    private readonly Tensor? _gateUp;

    internal ExpertWeights(SparseMoeOptions options, WeightScope weights)
    {
        int hidden = options.HiddenSize, inner = options.IntermediateSize, experts = options.Experts;
        _activation = options.Activation;
        _precision = weights.Options.Precision;
        if (weights.Has("gate_up_proj"))
        {
            _gateUp = weights.Take("gate_up_proj", [experts, 2 * inner, hidden]);
            _downs = [weights.Take("down_proj", [experts, hidden, inner])];
            return;
        }

        _gates = new Tensor[experts];
        _ups = new Tensor[experts];
        _downs = new Tensor[experts];
        for (int e = 0; e < experts; e++)
        {
            _gates[e] = weights[e]["gate_proj"].Take("weight", [inner, hidden]);
            _ups[e] = weights[e]["up_proj"].Take("weight", [inner, hidden]);
            _downs[e] = weights[e]["down_proj"].Take("weight", [hidden, inner]);
        }
    }

    /// <summary>down(act(gate(x))·up(x)) of each expert over its rows: [M, hidden] → [M, hidden], sorted by expert.</summary>
    internal Tensor Forward(Tensor rows, ExpertOrder order)
    {
        Tensor inner = _gateUp is { } both
            ? _activation.GateHalves(Ops.ExpertLinear(rows, order, [both], _precision))
            : _activation.Gate(
                Ops.ExpertLinear(rows, order, _gates, _precision), Ops.ExpertLinear(rows, order, _ups, _precision));
        return Ops.ExpertLinear(inner, order, _downs, _precision);
    }
}
