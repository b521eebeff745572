using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The kinds of feed-forward parts of vision transformers.</summary>
public enum VisionMlpKind
{
    /// <summary>fc2(act(fc1(x))).</summary>
    Plain,

    /// <summary>down(act(gate(x))·up(x)), gate and up stored apart (DINOv3).</summary>
    Gated,

    /// <summary>The same, gate and up stored as one weight, gate first (DINOv2's giant).</summary>
    GatedFused,
}

/// <summary>The feed-forward part of a vision transformer's layer.</summary>
internal sealed class VisionMlp
{
    private readonly Activation _activation;
    private readonly LinearGroup? _gates;
    private readonly Linear? _fc1;
    private readonly Linear _fc2;

    internal VisionMlp(VisionBlockOptions options, WeightScope weights)
    {
        int hidden = options.HiddenSize, inner = options.IntermediateSize;
        VisionBlockNames names = options.Names;
        _activation = options.Activation;
        switch (options.Mlp)
        {
            case VisionMlpKind.Plain:
                _fc1 = weights.Linear(names.Fc1, inner, hidden, options.MlpBias);
                break;
            case VisionMlpKind.Gated:
                _gates = LinearGroup.Apart(
                    weights.Linear(names.Gate, inner, hidden, options.MlpBias),
                    weights.Linear(names.Fc1, inner, hidden, options.MlpBias));
                break;
            default:
                _gates = LinearGroup.Fused(weights.Linear(names.Fc1, 2 * inner, hidden, options.MlpBias), inner, inner);
                break;
        }

        _fc2 = weights.Linear(names.Fc2, hidden, inner, options.MlpBias);
    }

    /// <summary>[B, T, D] → [B, T, D].</summary>
    internal Tensor Forward(Tensor input)
    {
        Tensor inner;
        if (_gates is not null)
        {
            Span<Tensor> both = [default, default];
            _gates.Forward(input, both);
            inner = _activation.Gate(both[0], both[1]);
            WorkScope.Release(both[0]);
            WorkScope.Release(both[1]);
        }
        else
        {
            Tensor raw = _fc1!.Forward(input);
            inner = _activation.Apply(raw);
            if (inner != raw)
            {
                WorkScope.Release(raw);
            }
        }

        Tensor output = _fc2.Forward(inner);
        WorkScope.Release(inner);
        return output;
    }
}
