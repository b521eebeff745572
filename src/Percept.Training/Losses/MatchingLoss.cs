using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// BLIP's two losses of pairs (Li et al., 2022): which text belongs to which picture of the batch, by their vectors, and which pairs are right,
/// of the right ones and as many with a wrong picture and with a wrong text that look right.
/// </summary>
/// <param name="Contrast">Float32 []: the mean of both directions.</param>
/// <param name="Matching">Float32 []: the mean over the 3·n pairs; of several ranks, the part of it that this rank's pairs are.</param>
/// <param name="Logits">Float32 [3·n, 2], of this rank's pairs: of the right ones, of wrong pictures with each text, of each picture with wrong texts.</param>
/// <param name="WrongImages">I64 [n]: the picture that each text is wrongly paired with.</param>
/// <param name="WrongTexts">I64 [n]: the text that each picture is wrongly paired with.</param>
public sealed record MatchingLoss(Tensor Contrast, Tensor Matching, Tensor Logits, Tensor WrongImages, Tensor WrongTexts)
{
    private const float Temperature = 0.07f;

    /// <summary>The sum of both.</summary>
    public Tensor Total => Ops.Add(Contrast, Matching);

    /// <summary>Computes both.</summary>
    /// <param name="model">The model.</param>
    /// <param name="states">The states of n pictures.</param>
    /// <param name="texts">Their texts.</param>
    /// <param name="imageDraws">Float32 [n] of [0, 1): choose a wrong picture for each text.</param>
    /// <param name="textDraws">Float32 [n] of [0, 1): choose a wrong text for each picture.</param>
    /// <remarks>One pair alone has no wrong partners: its contrast is 0, and it is judged as a right one.</remarks>
    public static MatchingLoss Of(
        IImageTextMatcher model, Tensor states, IReadOnlyList<int[]> texts, Tensor imageDraws, Tensor textDraws)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        return Judge(
            model, Compare(model.EmbedImages(states), model.EmbedTexts(texts), imageDraws, textDraws), states, texts,
            [.. Enumerable.Range(0, texts.Count)]);
    }

    /// <summary>Compares the vectors of n pictures with those of their texts, and draws wrong partners; nothing is judged yet.</summary>
    internal static PairComparison Compare(Tensor images, Tensor texts, Tensor imageDraws, Tensor textDraws)
    {
        Tensor similarities = Ops.Scale(Ops.MatMul(images, texts, transposeB: true), 1 / Temperature);
        return new PairComparison(
            ContrastiveLoss.Softmax(similarities),
            HardNegatives.Choose(HardNegatives.Weights(Ops.Transpose(similarities)), imageDraws),
            HardNegatives.Choose(HardNegatives.Weights(similarities), textDraws));
    }

    /// <summary>Judges some of n pairs and their wrong partners.</summary>
    /// <param name="model">The model.</param>
    /// <param name="compared">What all n pairs say of each other.</param>
    /// <param name="states">The states of n pictures.</param>
    /// <param name="texts">The texts of n pairs.</param>
    /// <param name="own">Which pairs are judged.</param>
    /// <param name="rows">The row of each pair's picture among the states; null for its own number.</param>
    /// <returns>Their part of the mean over all 3·n, with the logits of these alone.</returns>
    internal static MatchingLoss Judge(
        IImageTextMatcher model, PairComparison compared, Tensor states, IReadOnlyList<int[]> texts, int[] own, int[]? rows = null)
    {
        int[] pictures = own;
        int[][] ownTexts = [.. own.Select(i => texts[i])], pairs = ownTexts;
        int all = 1;
        if (texts.Count > 1)
        {
            ReadOnlySpan<long> images = compared.WrongImages.Span<long>(), others = compared.WrongTexts.Span<long>();
            int[] wrongImages = new int[own.Length];
            int[][] wrongTexts = new int[own.Length][];
            for (int i = 0; i < own.Length; i++)
            {
                (wrongImages[i], wrongTexts[i]) = ((int)images[own[i]], texts[(int)others[own[i]]]);
            }

            all = 3 * texts.Count;
            pictures = [.. own, .. wrongImages, .. own];
            pairs = [.. ownTexts, .. ownTexts, .. wrongTexts];
        }

        Tensor logits = model.Match(states, rows is null ? pictures : [.. pictures.Select(picture => rows[picture])], pairs);
        long[] labels = [.. Enumerable.Range(0, pairs.Length).Select(i => i < own.Length ? 1L : 0L)];
        Tensor matching = Ops.CrossEntropy(
            logits, Tensor.From(labels, [labels.Length]), new CrossEntropyOptions { Reduction = Reduction.Sum, Divisor = all });
        return new MatchingLoss(compared.Contrast, matching, logits, compared.WrongImages, compared.WrongTexts);
    }
}

/// <summary>What the vectors of pictures and texts say of their pairs.</summary>
/// <param name="Contrast">Float32 []: the mean of both directions.</param>
/// <param name="WrongImages">I64 [n]: a wrong picture for each text.</param>
/// <param name="WrongTexts">I64 [n]: a wrong text for each picture.</param>
internal sealed record PairComparison(Tensor Contrast, Tensor WrongImages, Tensor WrongTexts);
