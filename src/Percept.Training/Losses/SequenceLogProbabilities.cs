using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// How likely a model finds the labelled tokens of sequences; logits at a place stand for the label of the next.
/// </summary>
/// <param name="PerToken">Float32 [B, T − 1]: log p of each label, 0 where the label is ignored.</param>
/// <param name="Sum">Float32 [B]: the sum over labels.</param>
/// <param name="Average">Float32 [B]: the sum over the number of labels; 0 without labels.</param>
/// <param name="Lengths">Float32 [B]: the number of labels.</param>
public sealed record SequenceLogProbabilities(Tensor PerToken, Tensor Sum, Tensor Average, Tensor Lengths)
{
    /// <summary>Computes them, with gradients to the logits.</summary>
    /// <param name="logits">Float32 [B, T, V].</param>
    /// <param name="labels">I32 or I64 [B, T].</param>
    /// <param name="ignoreIndex">Labels of this value are left out.</param>
    public static SequenceLogProbabilities Of(Tensor logits, Tensor labels, long ignoreIndex = -100)
    {
        Dims dims = Dims.Match(logits, "b t v").And(labels, "b t");
        int batch = dims["b"], length = dims["t"];
        Tensor losses = Ops.CausalLanguageModelLoss(
            logits, labels, new CrossEntropyOptions { IgnoreIndex = ignoreIndex, Reduction = Reduction.None });
        Tensor perToken = Ops.Negate(Ops.Narrow(losses, 1, 0, length - 1));
        Tensor sum = Ops.Sum(perToken, 1), lengths = Ops.Zeros([batch]);
        Tensor wide = Ops.Cast(labels, DType.I64);
        ReadOnlySpan<long> values = wide.Span<long>();
        Span<float> counts = lengths.Writable<float>();
        for (int i = 0; i < values.Length; i++)
        {
            counts[i / length] += i % length != 0 && values[i] != ignoreIndex ? 1 : 0;
        }

        return new SequenceLogProbabilities(perToken, sum, Ops.Divide(sum, Ops.Clamp(lengths, low: 1f)), lengths);
    }
}
