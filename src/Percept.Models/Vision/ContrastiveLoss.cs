using Percept.Tensors;

namespace Percept.Models;

/// <summary>Losses of models that put pictures and texts into one space; picture i belongs to text i.</summary>
public static class ContrastiveLoss
{
    /// <summary>Cosines over a temperature, for losses without a learned scale.</summary>
    /// <param name="images">Float32 [n, E], of any length; a vector of zeros stays one.</param>
    /// <param name="texts">Float32 [m, E].</param>
    /// <param name="temperature">Above 0.</param>
    /// <returns>Float32 [n, m].</returns>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0.</exception>
    public static Tensor Logits(Tensor images, Tensor texts, float temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        return Ops.MatMul(Ops.L2Normalize(images), Ops.L2Normalize(texts), transposeB: true, alpha: 1f / temperature);
    }

    /// <summary>CLIP's: the mean of the cross entropies of pictures over texts and of texts over pictures.</summary>
    /// <param name="logits">Float32 [n, n], pictures in rows.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Softmax(Tensor logits) => Ops.Scale(Ops.Add(OfRows(logits), OfRows(Ops.Transpose(logits))), 0.5f);

    /// <summary>One side of <see cref="Softmax"/>: the cross entropy of each row, whose own column is the right one.</summary>
    /// <param name="logits">Float32 [n, n].</param>
    /// <returns>Float32 [].</returns>
    public static Tensor OfRows(Tensor logits)
    {
        int count = Dims.Match(logits, "n n")["n"];
        Tensor labels = Ops.Empty([count], DType.I32);
        Span<int> places = labels.Writable<int>();
        for (int i = 0; i < count; i++)
        {
            places[i] = i;
        }

        return Ops.CrossEntropy(logits, labels);
    }

    /// <summary>SigLIP's: each pair alone is right or wrong; −log σ(±logit), summed over pictures, the mean over texts.</summary>
    /// <param name="logits">Float32 [n, n], pictures in rows.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Sigmoid(Tensor logits)
    {
        int count = Dims.Match(logits, "n n")["n"];
        Tensor signs = Ops.Full([count, count], -1f);
        Span<float> values = signs.Writable<float>();
        for (int i = 0; i < count; i++)
        {
            values[(i * count) + i] = 1f;
        }

        return Ops.Scale(Ops.Sum(Ops.LogSigmoid(Ops.Multiply(logits, signs))), -1f / count);
    }
}
