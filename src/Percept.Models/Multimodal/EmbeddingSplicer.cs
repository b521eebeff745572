using System.Buffers;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Puts the rows of media in the place of their placeholders among the embeddings of tokens.</summary>
/// <remarks>Recorded by the tape: gradients reach the media's rows and the tokens that stay.</remarks>
public static class EmbeddingSplicer
{
    /// <summary>The embeddings of a prompt, or of a part of it.</summary>
    /// <param name="language">The language model, which embeds the tokens.</param>
    /// <param name="ids">The ids of the part; what stands at placeholders is never embedded and need be no id at all.</param>
    /// <param name="start">Where the part begins in the prompt.</param>
    /// <param name="spans">The prompt's placeholders, in order and without overlap; those beyond the part do not count.</param>
    /// <param name="rowsOf">The rows of a medium, float32 [n, D].</param>
    /// <returns>Float32 [ids, D].</returns>
    /// <exception cref="PlaceholderMismatchException">A medium has fewer rows than its spans need.</exception>
    public static Tensor Embed(
        ILanguageModel language, ReadOnlySpan<int> ids, int start, IReadOnlyList<MediaSpan> spans, Func<MediaInput, Tensor> rowsOf)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentNullException.ThrowIfNull(rowsOf);
        Tensor tokens = Ops.Empty([ids.Length], DType.I32), mask = Ops.Empty([ids.Length], DType.Bool);
        Span<int> kept = tokens.Writable<int>();
        Span<bool> isPlace = mask.Writable<bool>();
        ids.CopyTo(kept);
        isPlace.Clear();
        Tensor[] parts = ArrayPool<Tensor>.Shared.Rent(spans.Count);
        int count = 0;
        for (int i = 0; i < spans.Count; i++)
        {
            MediaSpan span = spans[i];
            int from = Math.Max(span.Start, start), to = Math.Min(span.Start + span.Count, start + ids.Length);
            if (from >= to)
            {
                continue;
            }

            kept[(from - start)..(to - start)].Clear();
            isPlace[(from - start)..(to - start)].Fill(true);
            Tensor own = rowsOf(span.Media);
            int first = span.Offset + (from - span.Start);
            if (own.Shape[0] < first + (to - from))
            {
                throw new PlaceholderMismatchException("a medium", span.Offset + span.Count, own.Shape[0]);
            }

            parts[count++] = first == 0 && to - from == own.Shape[0] ? own : Ops.Narrow(own, 0, first, to - from);
        }

        Tensor embeddings = language.Embed(tokens);
        Tensor result = count == 0
            ? embeddings
            : Ops.MaskedScatter(embeddings, mask, count == 1 ? parts[0] : Ops.Concat(parts.AsSpan(0, count), 0));
        ArrayPool<Tensor>.Shared.Return(parts, clearArray: true);
        return result;
    }

    /// <summary>Puts rows in the place of all tokens of one id, in order.</summary>
    /// <param name="embeddings">Float32 [N, D]: the embeddings of the tokens.</param>
    /// <param name="ids">The tokens [N].</param>
    /// <param name="placeholder">The id that stands for a row.</param>
    /// <param name="rows">Float32 [M, D].</param>
    /// <param name="what">What the rows are, for the error: <c>pictures</c>.</param>
    /// <returns>Float32 [N, D].</returns>
    /// <exception cref="PlaceholderMismatchException">There are not exactly M such tokens.</exception>
    public static Tensor Replace(Tensor embeddings, ReadOnlySpan<int> ids, int placeholder, Tensor rows, string what)
    {
        int count = ids.Count(placeholder);
        if (count != rows.Shape[0])
        {
            throw new PlaceholderMismatchException(what, count, rows.Shape[0]);
        }

        Tensor mask = Ops.Empty([ids.Length], DType.Bool);
        Span<bool> isPlace = mask.Writable<bool>();
        for (int i = 0; i < ids.Length; i++)
        {
            isPlace[i] = ids[i] == placeholder;
        }

        return Ops.MaskedScatter(embeddings, mask, rows);
    }
}
