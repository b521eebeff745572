using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder whose layers look at an encoder's states.</summary>
internal sealed class CrossDecoder(TransformerDecoder decoder) : ICrossDecoder
{
    /// <inheritdoc/>
    public ILanguageModel Decoder => decoder;

    /// <inheritdoc/>
    public int MemorySize => decoder.MemorySize ?? 0;

    /// <inheritdoc/>
    public CrossMemory Remember(Tensor states) => decoder.Remember(states);
}
