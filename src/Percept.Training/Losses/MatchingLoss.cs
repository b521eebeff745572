using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// BLIP's two losses of pairs (Li et al., 2022): which text belongs to which picture of the batch, by their vectors, and which pairs are right,
/// of the right ones and as many with a wrong picture and with a wrong text that look right.
/// </summary>
/// <param name="Contrast">Float32 []: the mean of both directions.</param>
/// <param name="Matching">Float32 []: the mean over the 3·n pairs.</param>
/// <param name="Logits">Float32 [3·n, 2]: of the right pairs, of wrong pictures with each text, of each picture with wrong texts.</param>
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
        int count = texts.Count;
        Tensor similarities = Ops.Scale(
            Ops.MatMul(model.EmbedImages(states), model.EmbedTexts(texts), transposeB: true), 1 / Temperature);
        Tensor contrast = ContrastiveLoss.Softmax(similarities);
        Tensor wrongImages = HardNegatives.Choose(HardNegatives.Weights(Ops.Transpose(similarities)), imageDraws);
        Tensor wrongTexts = HardNegatives.Choose(HardNegatives.Weights(similarities), textDraws);
        int[] own = [.. Enumerable.Range(0, count)];
        if (count == 1)
        {
            Tensor judged = model.Match(states, own, texts);
            return new MatchingLoss(contrast, Ops.CrossEntropy(judged, Tensor.From((long[])[1], [1])), judged, wrongImages, wrongTexts);
        }

        int[] pictures = [.. own, .. wrongImages.ToArray<long>().Select(i => (int)i), .. own];
        int[][] pairs = [.. texts, .. texts, .. wrongTexts.ToArray<long>().Select(i => texts[(int)i])];
        Tensor logits = model.Match(states, pictures, pairs);
        long[] labels = [.. Enumerable.Range(0, 3 * count).Select(i => i < count ? 1L : 0L)];
        return new MatchingLoss(contrast, Ops.CrossEntropy(logits, Tensor.From(labels, [labels.Length])), logits, wrongImages, wrongTexts);
    }
}
