namespace Percept.Models;

/// <summary>A text encoder with a decoder that looks at its states: T5, BART.</summary>
/// <remarks>Safe for several threads, each with batches and caches of its own.</remarks>
public interface IEncoderDecoder : ICrossDecoder
{
    /// <summary>The encoder.</summary>
    ITextEncoder Encoder { get; }

    /// <summary>The token that the decoder begins with; null where the configuration names none.</summary>
    int? DecoderStart { get; }
}
