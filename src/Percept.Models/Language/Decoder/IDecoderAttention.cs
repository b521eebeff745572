using Percept.Tensors;

namespace Percept.Models;

/// <summary>The attention of a decoder's layer.</summary>
public interface IDecoderAttention
{
    /// <summary>What it remembers of a token.</summary>
    KvLayerShape CacheShape { get; }

    /// <summary>The attention's answer; stores keys and values in the batch's caches.</summary>
    /// <param name="input">Float32 [N, hidden].</param>
    /// <param name="step">The batch and its rotary tables.</param>
    /// <returns>Float32 [N, hidden].</returns>
    Tensor Forward(Tensor input, DecoderStep step);
}
