using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// Finds texts by pictures and pictures by texts. A rank is the number of candidates strictly better than the best right one;
/// recall at k is the share of queries with a rank below k.
/// </summary>
internal static class RetrievalVerb
{
    internal static void Run(RunContext context)
    {
        DualEncoder model = context.Model().As<DualEncoder>();
        using GradientSwitch off = Gradients.Off();
        Tensor images = model.EmbedImages(VisionRuns.Input(context));
        Tensor texts = model.EmbedTexts(context.Need("input_ids"), context.Find("attention_mask"));
        Tensor similarity = Ops.MatMul(images, texts, transposeB: true);
        long[] imageOfText = Numbers.ReadIntegers(context.Need("image_of_text"));
        int[] k = context.Args.Ints("k");
        int count = images.Shape[0];
        float[] scores = similarity.ToArray<float>();
        long[] ofImages =
        [
            .. Enumerable.Range(0, count).Select(image => Rank(
                Row(scores, image, imageOfText.Length), text => imageOfText[text] == image)),
        ];
        long[] ofTexts =
        [
            .. Enumerable.Range(0, imageOfText.Length).Select(text => Rank(
                [.. Enumerable.Range(0, count).Select(image => scores[(image * imageOfText.Length) + text])],
                image => image == imageOfText[text])),
        ];
        context.Give("image_embeds", images);
        context.Give("text_embeds", texts);
        context.Give("similarity", similarity);
        context.Give("rank_image_to_text", Tensor.From(ofImages, [ofImages.Length]));
        context.Give("rank_text_to_image", Tensor.From(ofTexts, [ofTexts.Length]));
        context.Give("recall_image_to_text", Recall(ofImages, k));
        context.Give("recall_text_to_image", Recall(ofTexts, k));
    }

    private static float[] Row(float[] scores, int row, int width) => scores[(row * width)..((row + 1) * width)];

    private static long Rank(float[] scores, Func<int, bool> right)
    {
        float best = float.NegativeInfinity;
        for (int i = 0; i < scores.Length; i++)
        {
            best = right(i) ? Math.Max(best, scores[i]) : best;
        }

        return scores.Count(score => score > best);
    }

    private static Tensor Recall(long[] ranks, int[] k) => Tensor.From(
        k.Select(limit => ranks.Count(rank => rank < limit) / (double)ranks.Length).ToArray(), [k.Length]);
}
