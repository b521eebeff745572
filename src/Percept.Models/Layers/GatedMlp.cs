using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>down(act(gate(x))·up(x)): the feed-forward part of Llama and its kin.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class GatedMlp : IFeedForward
{
    private readonly Activation _activation;

    /// <summary>Takes <c>gate_proj</c>, <c>up_proj</c> and <c>down_proj</c>, or the first two as one <c>gate_up_proj</c>.</summary>
    /// <param name="weights">Where they stand.</param>
    /// <param name="hidden">Channels in and out.</param>
    /// <param name="inner">Channels between.</param>
    /// <param name="activation">The function of the gate.</param>
    /// <param name="bias">Whether the layers have biases.</param>
    public GatedMlp(WeightScope weights, int hidden, int inner, Activation activation, bool bias = false)
    {
        _activation = activation;
        if (weights["gate_up_proj"].Has("weight"))
        {
            Linear both = weights.Linear("gate_up_proj", 2 * inner, hidden, bias);
            GateProj = both.Rows(0, inner);
            UpProj = both.Rows(inner, inner);
        }
        else
        {
            GateProj = weights.Linear("gate_proj", inner, hidden, bias);
            UpProj = weights.Linear("up_proj", inner, hidden, bias);
        }

        DownProj = weights.Linear("down_proj", hidden, inner, bias);
    }

    /// <summary>Makes it of layers.</summary>
    /// <param name="gate">hidden → inner, through the activation.</param>
    /// <param name="up">hidden → inner.</param>
    /// <param name="down">inner → hidden.</param>
    /// <param name="activation">The function of the gate.</param>
    public GatedMlp(Linear gate, Linear up, Linear down, Activation activation)
    {
        _activation = activation;
        GateProj = gate;
        UpProj = up;
        DownProj = down;
    }

    /// <summary>hidden → inner, through the activation.</summary>
    public Linear GateProj { get; }

    /// <summary>hidden → inner.</summary>
    public Linear UpProj { get; }

    /// <summary>inner → hidden.</summary>
    public Linear DownProj { get; }

    /// <summary>down(act(gate(x))·up(x)).</summary>
    /// <param name="input">Float32 [..., hidden].</param>
    /// <returns>Float32 [..., hidden].</returns>
    public Tensor Forward(Tensor input) =>
        DownProj.Forward(_activation.Gate(GateProj.Forward(input), UpProj.Forward(input)));

    /// <inheritdoc/>
    Tensor IFeedForward.Forward(Tensor input, int layer, ForwardTrace? trace) => Forward(input);
}
