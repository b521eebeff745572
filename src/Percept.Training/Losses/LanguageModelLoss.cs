using Percept.Tensors;

namespace Percept.Training;

/// <summary>The loss of a language model in which tokens may weigh differently.</summary>
public static class LanguageModelLoss
{
    /// <summary>
    /// Σ weight·(−log p(label)) / divisor over labels that are not ignored; logits at a place stand for the label of
    /// the next.
    /// </summary>
    /// <param name="logits">Float32 [B, T, V].</param>
    /// <param name="labels">I32 or I64 [B, T].</param>
    /// <param name="weights">Float32 [B, T], the weight of each label, standing where the label stands.</param>
    /// <param name="divisor">
    /// Divides the sum: the weights of all micro-batches of a step together make their sum equal the whole batch's
    /// mean. Null for the sum of this batch's weights.
    /// </param>
    /// <param name="ignoreIndex">Labels of this value are left out.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Weighted(
        Tensor logits, Tensor labels, Tensor weights, double? divisor = null, long ignoreIndex = -100)
    {
        Dims dims = Dims.Match(logits, "b t v").And(labels, "b t").And(weights, "b t");
        int batch = dims["b"], length = dims["t"];
        Tensor nextLabels = Ops.Empty([batch * length], DType.I64), nextWeights = Ops.Zeros([batch * length]);
        Span<long> toLabels = nextLabels.Writable<long>();
        Span<float> toWeights = nextWeights.Writable<float>();
        Tensor wide = Ops.Cast(labels, DType.I64);
        ReadOnlySpan<long> fromLabels = wide.Span<long>();
        ReadOnlySpan<float> fromWeights = weights.Span<float>();
        for (int i = 0; i < toLabels.Length; i++)
        {
            bool last = i % length == length - 1;
            toLabels[i] = last ? ignoreIndex : fromLabels[i + 1];
            toWeights[i] = last ? 0 : fromWeights[i + 1];
        }

        var options = new CrossEntropyOptions { IgnoreIndex = ignoreIndex, Divisor = divisor };
        return Ops.CrossEntropy(
            Ops.Reshape(logits, [batch * length, dims["v"]]), nextLabels, options, rowWeight: nextWeights);
    }
}
