using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>Makes the embeddings of a prompt, with the rows of its media in the places of their marks.</summary>
internal static class PromptEmbedder
{
    /// <summary>The embeddings of a prompt from a position on.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="start">The first position.</param>
    /// <param name="language">Knows the tokens.</param>
    /// <param name="rows">Knows the rows of a span's medium.</param>
    /// <returns>Float32 [n, hidden]; belongs to the caller, whatever scopes end.</returns>
    internal static Tensor Embed(PreparedPrompt prompt, int start, ILanguageModel language, Func<MediaSpan, Tensor> rows)
    {
        int count = prompt.Ids.Count - start;
        using TensorScope scope = TensorScope.Open();
        var ids = new int[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = prompt.Ids[start + i];
        }

        // Marks need not be tokens of the vocabulary.
        foreach (MediaSpan span in prompt.Spans)
        {
            int from = Math.Max(0, span.Start - start), to = span.Start + span.Count - start;
            ids.AsSpan(Math.Min(from, count), Math.Max(0, to - from)).Clear();
        }

        Tensor embeddings = language.Embed(Tensor.From(ids, [count]));
        foreach (MediaSpan span in prompt.Spans)
        {
            int skipped = Math.Max(0, start - span.Start), used = span.Count - skipped;
            if (used > 0)
            {
                Ops.CopyTo(rows(span).Rows(span.Offset + skipped, used), embeddings.Rows(span.Start + skipped - start, used));
            }
        }

        return embeddings.KeepAlways();
    }
}
