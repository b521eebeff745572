using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder that looks at the states of an encoder, whatever they were made of.</summary>
/// <remarks>Safe for several threads, each with batches and caches of its own.</remarks>
public interface ICrossDecoder
{
    /// <summary>The decoder. Each sequence of its batches needs a memory (<see cref="SequenceBatch.SetMemory"/>).</summary>
    ILanguageModel Decoder { get; }

    /// <summary>Channels of the encoder's states.</summary>
    int MemorySize { get; }

    /// <summary>Computes once what all layers need of an encoder's states.</summary>
    /// <param name="states">The states of one source, float32 [M, memory size].</param>
    /// <returns>What the sequences that look at this source share; the caller disposes it.</returns>
    CrossMemory Remember(Tensor states);
}
