using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>down(act(gate(x))·up(x)): the feed-forward part of Llama and its kin.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class GatedMlp : IFeedForward
{
    private readonly Activation _activation;
    private readonly LinearGroup _gateUp;

    /// <summary>Takes <c>gate_proj</c>, <c>up_proj</c> and <c>down_proj</c>, or the first two as one <c>gate_up_proj</c>.</summary>
    /// <param name="weights">Where they stand.</param>
    /// <param name="hidden">Channels in and out.</param>
    /// <param name="inner">Channels between.</param>
    /// <param name="activation">The function of the gate.</param>
    /// <param name="bias">Whether the layers have biases.</param>
    public GatedMlp(WeightScope weights, int hidden, int inner, Activation activation, bool bias = false)
        : this(
            weights["gate_up_proj"].Has("weight")
                ? LinearGroup.Fused(weights.Linear("gate_up_proj", 2 * inner, hidden, bias), inner, inner)
                : LinearGroup.Apart(
                    weights.Linear("gate_proj", inner, hidden, bias), weights.Linear("up_proj", inner, hidden, bias)),
            weights.Linear("down_proj", hidden, inner, bias),
            activation)
    {
    }

    /// <summary>Makes it of layers.</summary>
    /// <param name="gateUp">hidden → inner, through the activation; and hidden → inner.</param>
    /// <param name="down">inner → hidden.</param>
    /// <param name="activation">The function of the gate.</param>
    public GatedMlp(LinearGroup gateUp, Linear down, Activation activation)
    {
        _activation = activation;
        _gateUp = gateUp;
        DownProj = down;
    }

    /// <summary>inner → hidden.</summary>
    public Linear DownProj { get; }

    /// <summary>down(act(gate(x))·up(x)).</summary>
    /// <param name="input">Float32 [..., hidden].</param>
    /// <returns>Float32 [..., hidden].</returns>
    public Tensor Forward(Tensor input)
    {
        Span<Tensor> parts = [default, default];
        _gateUp.Forward(input, parts);
        return DownProj.Forward(_activation.Gate(parts[0], parts[1]));
    }

    /// <inheritdoc/>
    Tensor IFeedForward.Forward(Tensor input, int layer, ForwardTrace? trace) => Forward(input);
}
