using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>Draws wrong partners that look right, for matching losses as in ALBEF and BLIP.</summary>
public static class HardNegatives
{
    /// <summary>How likely each partner is drawn: the softmax of each row, its own partner set to 0.</summary>
    /// <param name="similarities">Float32 [n, n], own partners on the diagonal.</param>
    /// <returns>Float32 [n, n], rows not normalised again; without a gradient.</returns>
    public static Tensor Weights(Tensor similarities)
    {
        int count = Dims.Match(similarities, "n n")["n"];
        using GradientSwitch off = Gradients.Off();
        Tensor weights = Ops.Softmax(similarities);
        Span<float> values = weights.Writable<float>();
        for (int i = 0; i < count; i++)
        {
            values[(i * count) + i] = 0;
        }

        return weights;
    }

    /// <summary>Draws one partner for each row: the number of places whose running sum lies below draw·total.</summary>
    /// <param name="weights">Float32 [n, n], from <see cref="Weights"/>.</param>
    /// <param name="draws">Float32 [n], numbers from [0, 1).</param>
    /// <returns>I64 [n].</returns>
    public static Tensor Choose(Tensor weights, Tensor draws)
    {
        int count = Dims.Match(weights, "n n").And(draws, "n")["n"];
        Tensor result = Ops.Empty([count], DType.I64);
        Span<long> chosen = result.Writable<long>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = weights.Span<float>().Slice(i * count, count);
            double bound = draws.Span<float>()[i] * LossMath.Total(row);
            double sum = 0;
            int place = 0;
            while (place < count && (sum += row[place]) < bound)
            {
                place++;
            }

            chosen[i] = Math.Min(place, count - 1);
        }

        return result;
    }
}
