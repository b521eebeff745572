using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder-only language model: the one shape through which engine, trainer and evaluator drive every family.</summary>
/// <remarks>Safe for several threads, each with batches and caches of its own.</remarks>
public interface ILanguageModel
{
    /// <summary>Channels of an embedding.</summary>
    int HiddenSize { get; }

    /// <summary>How many tokens the head tells apart.</summary>
    int VocabularySize { get; }

    /// <summary>How many tokens a sequence may have.</summary>
    int MaximumPositions { get; }

    /// <summary>How many axes positions have: 1, or 3 with M-RoPE.</summary>
    int PositionAxes { get; }

    /// <summary>
    /// Whether, in a padded row, positions that nobody gives count tokens (OPT) rather than places. Packed batches have no
    /// padding, so that both are the same.
    /// </summary>
    bool CountsTokens => false;

    /// <summary>
    /// Whether layers see a window of places. A place that a mask hides inside a text widens the window then, and may not
    /// simply be left out of a packed batch.
    /// </summary>
    bool HasWindows => false;

    /// <summary>How the loss that spreads tokens over experts counts in training; null where there are no experts, or it is not asked for.</summary>
    RouterBalance? Balance => null;

    /// <summary>What each layer remembers of a token.</summary>
    IReadOnlyList<KvLayerShape> CacheShapes { get; }

    /// <summary>
    /// Tells apart lengths at which positions are embedded differently (dynamic and long rope rules): keys that were cached for a
    /// prompt of one kind are not those of a prompt of another. 0 where the length changes nothing.
    /// </summary>
    /// <param name="length">The length of a prompt: its largest position plus 1.</param>
    int LengthKind(int length) => 0;

    /// <summary>The embeddings of tokens.</summary>
    /// <param name="ids">I32 or I64 [N].</param>
    /// <returns>Float32 [N, hidden].</returns>
    Tensor Embed(Tensor ids);

    /// <summary>Runs the layers over new rows; their keys and values go into the batch's caches.</summary>
    /// <param name="embeddings">Float32 [N, hidden].</param>
    /// <param name="batch">Which rows belong to which sequence.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c> and what else there is; null for nobody.</param>
    /// <returns>Float32 [N, hidden], after the final norm.</returns>
    Tensor Forward(Tensor embeddings, SequenceBatch batch, ForwardTrace? trace = null);

    /// <summary>The logits of rows.</summary>
    /// <param name="hidden">Float32 [n, hidden], as <see cref="Forward"/> gives it.</param>
    /// <returns>Float32 [n, vocabulary].</returns>
    Tensor Logits(Tensor hidden);
}
