using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// Losses that pull vectors of one thing together and push others apart; row i of one side belongs to row i of the
/// other.
/// </summary>
/// <remarks>CLIP's and SigLIP's work on logits and stand in <see cref="ContrastiveLoss"/>.</remarks>
public static class ContrastiveLosses
{
    /// <summary>CLIP's loss: the logits are e^scale·image·textᵀ.</summary>
    /// <param name="images">Unit vectors, float32 [n, E].</param>
    /// <param name="texts">Unit vectors, float32 [n, E].</param>
    /// <param name="logitScale">The logarithm of the factor, float32 [].</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Clip(Tensor images, Tensor texts, Tensor logitScale) =>
        ContrastiveLoss.Softmax(Scaled(images, texts, logitScale));

    /// <summary>SigLIP's loss: the logits are e^scale·image·textᵀ + bias.</summary>
    /// <param name="images">Unit vectors, float32 [n, E].</param>
    /// <param name="texts">Unit vectors, float32 [n, E].</param>
    /// <param name="logitScale">The logarithm of the factor, float32 [].</param>
    /// <param name="logitBias">The bias, float32 [].</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Siglip(Tensor images, Tensor texts, Tensor logitScale, Tensor logitBias) =>
        ContrastiveLoss.Sigmoid(Ops.Add(Scaled(images, texts, logitScale), logitBias));

    /// <summary>InfoNCE over the batch (van den Oord et al., 2018); rows are normalised here.</summary>
    /// <param name="anchors">Float32 [n, E], of any length.</param>
    /// <param name="others">Float32 [n, E].</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="symmetric">Whether both directions count, half each.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor InfoNce(Tensor anchors, Tensor others, float temperature, bool symmetric = true)
    {
        Tensor logits = ContrastiveLoss.Logits(anchors, others, temperature);
        return symmetric ? ContrastiveLoss.Softmax(logits) : ContrastiveLoss.OfRows(logits);
    }

    /// <summary>MoCo's InfoNCE (He et al., 2020): the negatives are a queue of older keys.</summary>
    /// <param name="queries">Unit vectors, float32 [n, E].</param>
    /// <param name="keys">The keys of the queries, unit vectors [n, E]; no gradient flows to them.</param>
    /// <param name="queue">Unit vectors [Q, E]; no gradient flows to them.</param>
    /// <param name="temperature">Above 0.</param>
    /// <returns>Float32 [], the mean over queries.</returns>
    public static Tensor InfoNceWithQueue(Tensor queries, Tensor keys, Tensor queue, float temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        Dims.Match(queries, "n e").And(keys, "n e").And(queue, "q e");
        Tensor own = Ops.Sum(Ops.Multiply(queries, Ops.Detach(keys)), -1, keepAxis: true);
        Tensor against = Ops.MatMul(queries, Ops.Detach(queue), transposeB: true);
        Tensor logits = Ops.Scale(Ops.Concat([own, against], 1), 1f / temperature);
        return Ops.CrossEntropy(logits, Ops.Zeros([queries.Shape[0]], DType.I64));
    }

    /// <summary>
    /// ALBEF's image-text loss (Li et al., 2021): the candidates are a slower encoder's features of the batch, then a
    /// queue; the targets are partly that encoder's own opinion.
    /// </summary>
    /// <param name="images">Unit vectors, float32 [n, E].</param>
    /// <param name="texts">Unit vectors, float32 [n, E].</param>
    /// <param name="slow">The slower encoder's features and the queues, without gradients.</param>
    /// <param name="temperature">Divides the similarities, float32 []; may be trained.</param>
    /// <param name="alpha">The share of the slower encoder's opinion in the targets.</param>
    /// <returns>Float32 [], the mean of both directions.</returns>
    public static Tensor Albef(Tensor images, Tensor texts, MomentumFeatures slow, Tensor temperature, float alpha)
    {
        ArgumentNullException.ThrowIfNull(slow);
        Tensor allTexts = Ops.Concat([Ops.Detach(slow.Texts), Ops.Detach(slow.TextQueue)], 0);
        Tensor allImages = Ops.Concat([Ops.Detach(slow.Images), Ops.Detach(slow.ImageQueue)], 0);
        Tensor toText = OneWay(images, slow.Images, allTexts, temperature, alpha);
        Tensor toImage = OneWay(texts, slow.Texts, allImages, temperature, alpha);
        return Ops.Scale(Ops.Add(toText, toImage), 0.5f);
    }

    /// <summary>Supervised contrastive loss (Khosla et al., 2020): all of a label belong together.</summary>
    /// <param name="features">Unit vectors, float32 [n, E].</param>
    /// <param name="labels">I32 or I64 [n].</param>
    /// <param name="temperature">Above 0.</param>
    /// <returns>
    /// Float32 []: for each row that has another of its label the mean over those, then the mean over such rows.
    /// </returns>
    /// <exception cref="ArgumentException">No label is there twice.</exception>
    public static Tensor Supervised(Tensor features, Tensor labels, float temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        int count = Dims.Match(features, "n e").And(labels, "n")["n"];
        Tensor row = Ops.Reshape(labels, [1, count]), column = Ops.Reshape(labels, [count, 1]);
        Tensor shares = Ops.Cast(Ops.Equal(row, column), DType.F32);
        Tensor self = Ops.Zeros([count, count], DType.Bool);
        ShareOut(shares.Writable<float>(), self.Writable<bool>(), count);

        // Forbidden with a large negative number, not with −∞: its share of 0 must stay 0 in the product below.
        Tensor logits = Ops.MatMul(features, features, transposeB: true, alpha: 1f / temperature);
        Tensor logs = Ops.LogSoftmax(Ops.MaskedFill(logits, self, -1e9f));
        return Ops.Negate(Ops.Sum(Ops.Multiply(logs, shares)));
    }

    private static Tensor Scaled(Tensor images, Tensor texts, Tensor logitScale) =>
        Ops.Multiply(Ops.MatMul(images, texts, transposeB: true), Ops.Exp(logitScale));

    private static Tensor OneWay(Tensor queries, Tensor slowQueries, Tensor candidates, Tensor temperature, float alpha)
    {
        int count = Dims.Match(queries, "n e").And(slowQueries, "n e").And(candidates, "m e")["n"];
        Tensor targets;
        using (Gradients.Off())
        {
            Tensor opinion = Ops.Divide(Ops.MatMul(slowQueries, candidates, transposeB: true), temperature);
            targets = Ops.Scale(Ops.Softmax(opinion), alpha);
            Span<float> values = targets.Writable<float>();
            for (int i = 0; i < count; i++)
            {
                values[(i * candidates.Shape[0]) + i] += 1 - alpha;
            }
        }

        Tensor logits = Ops.Divide(Ops.MatMul(queries, candidates, transposeB: true), temperature);
        return Ops.Scale(Ops.Sum(Ops.Multiply(Ops.LogSoftmax(logits), targets)), -1f / count);
    }

    /// <summary>Turns "same label" into each pair's share of the mean of means, and marks the diagonal.</summary>
    private static void ShareOut(Span<float> same, Span<bool> self, int count)
    {
        int anchors = 0;
        for (int i = 0; i < count; i++)
        {
            Span<float> row = same.Slice(i * count, count);
            self[(i * count) + i] = true;
            row[i] = 0;
            double positives = LossMath.Total(row);
            anchors += positives > 0 ? 1 : 0;
            for (int j = 0; j < count && positives > 0; j++)
            {
                row[j] = (float)(row[j] / positives);
            }
        }

        if (anchors == 0)
        {
            throw new ArgumentException(
                "No label is there twice, so nothing belongs together. Draw batches with pairs.", "labels");
        }

        for (int i = 0; i < same.Length; i++)
        {
            same[i] /= anchors;
        }
    }
}
