using Percept.Tensors;

namespace Percept.Models;

/// <summary>The feed-forward part of a decoder's layer.</summary>
public interface IFeedForward
{
    /// <summary>The part's answer.</summary>
    /// <param name="input">Float32 [N, hidden].</param>
    /// <param name="layer">The layer's number, for the trace.</param>
    /// <param name="trace">Sees what is computed on the way; null for nobody.</param>
    /// <returns>Float32 [N, hidden].</returns>
    Tensor Forward(Tensor input, int layer, ForwardTrace? trace);
}
