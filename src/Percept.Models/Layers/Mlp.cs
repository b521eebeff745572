using Percept.Tensors;

namespace Percept.Models;

/// <summary>fc2(act(fc1(x))): the feed-forward part of the first transformers.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class Mlp : IFeedForward
{
    private readonly Activation _activation;

    /// <summary>Makes it of layers.</summary>
    /// <param name="fc1">hidden → inner, through the activation.</param>
    /// <param name="fc2">inner → hidden.</param>
    /// <param name="activation">The function between.</param>
    public Mlp(Linear fc1, Linear fc2, Activation activation)
    {
        Fc1 = fc1;
        Fc2 = fc2;
        _activation = activation;
    }

    /// <summary>hidden → inner, through the activation.</summary>
    public Linear Fc1 { get; }

    /// <summary>inner → hidden.</summary>
    public Linear Fc2 { get; }

    /// <summary>fc2(act(fc1(x))).</summary>
    /// <param name="input">Float32 [..., hidden].</param>
    /// <returns>Float32 [..., hidden].</returns>
    public Tensor Forward(Tensor input) => Fc2.Forward(_activation.Apply(Fc1.Forward(input)));

    /// <inheritdoc/>
    Tensor IFeedForward.Forward(Tensor input, int layer, ForwardTrace? trace) => Forward(input);
}
