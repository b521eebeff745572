using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>A row of a batch with pictures in it.</summary>
/// <param name="Embeddings">Float32 [n, D].</param>
/// <param name="Labels">The label of each place; −100 for those that do not count.</param>
internal sealed record SplicedRow(Tensor Embeddings, long[] Labels)
{
    /// <summary>The label of what is not learned.</summary>
    internal const long Ignored = -100;

    /// <summary>Puts pictures in the place of marks; a row without a mark uses one picture up and shows none of it.</summary>
    internal static SplicedRow Of(
        ILanguageModel language, IReadOnlyList<int> ids, IReadOnlyList<long> labels, IReadOnlyList<Tensor> pictures, ref int used)
    {
        var wide = new List<int>();
        var wideLabels = new List<long>();
        var spans = new List<MediaSpan>();
        var rows = new Dictionary<MediaInput, Tensor>();
        for (int i = 0; i < ids.Count; i++)
        {
            if (ids[i] != MarkedPrompt.ImageId)
            {
                wide.Add(ids[i]);
                wideLabels.Add(labels[i]);
                continue;
            }

            Tensor picture = used < pictures.Count ? pictures[used++] : throw new InvalidDataException(
                $"There are more marks than {pictures.Count} pictures.");
            int count = picture.Shape[0];
            var media = new MediaInput { Kind = MediaKind.Image, Pixels = picture, Size = default, Tokens = count };
            rows.Add(media, picture);
            spans.Add(new MediaSpan(wide.Count, count, media));
            wide.AddRange(Enumerable.Repeat(0, count));
            wideLabels.AddRange(Enumerable.Repeat(Ignored, count));
        }

        used += spans.Count == 0 ? 1 : 0;
        return new SplicedRow(EmbeddingSplicer.Embed(language, [.. wide], 0, spans, media => rows[media]), [.. wideLabels]);
    }

    /// <summary>At most a number of places.</summary>
    internal SplicedRow Cut(int most) =>
        Labels.Length <= most ? this : new SplicedRow(Embeddings.Rows(0, most), Labels[..most]);
}
