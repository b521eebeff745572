using Percept.Tensors;

namespace Percept.Models;

/// <summary>A language model that also takes pictures, clips or sounds: each medium becomes rows among the embeddings.</summary>
/// <remarks>Safe for several threads.</remarks>
public interface IMultimodalModel
{
    /// <summary>The language part.</summary>
    ILanguageModel Language { get; }

    /// <summary>The kinds of media that it takes.</summary>
    IReadOnlyCollection<MediaKind> Kinds { get; }

    /// <summary>
    /// Whether rows of a medium look at rows of the same medium behind them (as pictures in prefix-masked models do). Whoever
    /// runs such a model must not cut a prompt inside a medium: neither into pieces that are fed one after the other, nor where an
    /// earlier prompt's keys and values are taken over. The engine cuts in both ways and refuses it.
    /// </summary>
    bool MediaSeeAhead => false;

    /// <summary>The rows of a medium.</summary>
    /// <param name="media">What the processor made of it.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [n, hidden]: as many rows as the medium has placeholders.</returns>
    Tensor Encode(MediaInput media, CancellationToken cancellation = default);

    /// <summary>The rows of several media; pictures of one size are computed together where the model can.</summary>
    /// <param name="media">What the processor made of them.</param>
    /// <param name="rows">Room for float32 [n, hidden] of each.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="ArgumentException">There is not as much room as there are media.</exception>
    void EncodeAll(IReadOnlyList<MediaInput> media, Span<Tensor> rows, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, media.Count, nameof(rows));
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = Encode(media[i], cancellation);
        }
    }
}
