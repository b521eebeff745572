using Percept.Tensors;

namespace Percept.Models;

/// <summary>A text encoder with the decoder that looks at its states.</summary>
internal sealed class EncoderDecoder(ITextEncoder encoder, TransformerDecoder decoder, int? decoderStart) : IEncoderDecoder
{
    /// <inheritdoc/>
    public ITextEncoder Encoder => encoder;

    /// <inheritdoc/>
    public ILanguageModel Decoder => decoder;

    /// <inheritdoc/>
    public int MemorySize => decoder.MemorySize ?? 0;

    /// <inheritdoc/>
    public int? DecoderStart => decoderStart;

    /// <inheritdoc/>
    public CrossMemory Remember(Tensor states) => decoder.Remember(states);
}
