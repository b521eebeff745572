using Percept.Tensors;

namespace Percept.Models;

/// <summary>A model that gives each token of a text a state, and some each text one too.</summary>
/// <remarks>Texts of a batch are packed without padding. Safe for several threads, each with batches of its own.</remarks>
public interface ITextEncoder
{
    /// <summary>Channels of an embedding.</summary>
    int EmbeddingSize { get; }

    /// <summary>Channels of a state.</summary>
    int HiddenSize { get; }

    /// <summary>How many tokens a text may have.</summary>
    int MaximumPositions { get; }

    /// <summary>
    /// The number that the reference gives the first position; here positions begin at 0 (RoBERTa: the id of padding plus 1).
    /// </summary>
    int FirstPosition => 0;

    /// <summary>The positions that the tokens of a text take where nobody gives others.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="positions">Receives a position for each.</param>
    void Place(ReadOnlySpan<int> ids, Span<int> positions)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            positions[i] = i;
        }
    }

    /// <summary>The embeddings of tokens, before positions are added.</summary>
    /// <param name="ids">I32 or I64 [N].</param>
    /// <returns>Float32 [N, embedding size].</returns>
    Tensor Embed(Tensor ids);

    /// <summary>Runs the layers.</summary>
    /// <param name="input">The tokens, or their embeddings.</param>
    /// <param name="batch">Which rows belong to which text. A mask of a text says which tokens its tokens see.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c> and what else there is; null for nobody.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="ArgumentException">The input holds what the model does not know.</exception>
    TextEncoding Encode(in TextInput input, SequenceBatch batch, ForwardTrace? trace = null, CancellationToken cancellation = default);
}
