using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>The linear layer, over weights of every format.</content>
public static partial class Ops
{
    /// <summary>The most weights that a row is multiplied with in one go.</summary>
    private const int MostTogether = 8;

    /// <summary>y = x·Wᵀ + b: the linear layer.</summary>
    /// <param name="input">x, float32 [..., in].</param>
    /// <param name="weight">W [out, in], of any floating or block-quantized type. Only float32 weights can require a gradient;
    /// through all of them the gradient reaches the input.</param>
    /// <param name="bias">b, float32 [out]; none when left out.</param>
    /// <param name="precision">How to multiply.</param>
    /// <returns>Float32 [..., out].</returns>
    /// <exception cref="ShapeException">The last axes of input and weight differ, or the bias has another length.</exception>
    /// <exception cref="DTypeException">The input or the bias is not float32, or the weight is an integer.</exception>
    public static unsafe Tensor Linear(
        Tensor input, Tensor weight, Tensor? bias = null, LinearPrecision precision = LinearPrecision.Exact)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 1, Shape.MaxRank, nameof(input));
        RequireRank(weight, 2, 2, nameof(weight));
        int columns = weight.Shape[1], rows = weight.Shape[0];
        if (input.Shape[-1] != columns)
        {
            throw ShapeException.ForAxis(nameof(input), input.Shape, input.Rank - 1, columns);
        }

        if (bias is { } b)
        {
            RequireFloat32(b, nameof(bias));
            RequireShape(b, [rows], nameof(bias));
        }

        LinearProduct.RequireWeight(weight, nameof(weight));
        Tensor result = Result(input.Shape.With(-1, rows));
        LinearProduct.Forward(
            input.Floats, checked((int)input.Shape.CountBefore(input.Rank - 1)), weight.Pointer, weight.DType, rows, columns,
            result.Floats, bias is { } added ? added.Floats : null, precision);
        if (Tape.Wants([input, weight, OrNone(bias)]))
        {
            TapeEntry entry = Tape.Record(&LinearGradient, result, [input, weight, OrNone(bias)]).SaveNumber((int)precision).LeavesOutputs();
            if (!weight.RequiresGrad)
            {
                entry.LeavesInput(0);
            }
        }

        return result;
    }

    /// <summary>Linear layers with a common input: queries, keys and values; gate and value. Each result is that of the layer alone.</summary>
    /// <remarks>One row with quantized weights of one type is rounded once, and all weights are read in one go.</remarks>
    /// <param name="input">x, float32 [..., in].</param>
    /// <param name="weights">W [out, in] of each, of any types.</param>
    /// <param name="biases">b, float32 [out], of each; <see cref="Tensor.IsNone"/> where a layer has none.</param>
    /// <param name="outputs">Room for float32 [..., out] of each.</param>
    /// <param name="precision">How to multiply.</param>
    /// <exception cref="ShapeException">Axes of input, weights or biases differ, or there are not as many biases and outputs as
    /// weights.</exception>
    /// <exception cref="DTypeException">The input or a bias is not float32, or a weight is an integer.</exception>
    public static unsafe void Linear(
        Tensor input, ReadOnlySpan<Tensor> weights, ReadOnlySpan<Tensor> biases, Span<Tensor> outputs,
        LinearPrecision precision = LinearPrecision.Exact)
    {
        if (biases.Length != weights.Length || outputs.Length != weights.Length)
        {
            bool few = biases.Length != weights.Length;
            throw ShapeException.ForShape(
                few ? nameof(biases) : nameof(outputs), [few ? biases.Length : outputs.Length], $"one for each of {weights.Length} weights");
        }

        if (weights.IsEmpty || weights.Length > MostTogether || !GoTogether(input, weights, biases, precision))
        {
            for (int i = 0; i < weights.Length; i++)
            {
                outputs[i] = Linear(input, weights[i], biases[i].IsNone ? null : biases[i], precision);
            }

            return;
        }

        QuantizedGemv.Part* parts = stackalloc QuantizedGemv.Part[MostTogether];
        for (int i = 0; i < weights.Length; i++)
        {
            outputs[i] = Result(input.Shape.With(-1, weights[i].Shape[0]));
            parts[i] = new QuantizedGemv.Part(
                (nint)weights[i].Pointer, weights[i].Shape[0], biases[i].IsNone ? 0 : (nint)biases[i].Floats, 0, (nint)outputs[i].Floats);
        }

        LinearProduct.ForwardTogether(input.Floats, weights[0].Shape[1], weights[0].DType, parts, weights.Length);
    }

    /// <summary>The rows of a table that ids name: the embedding layer.</summary>
    /// <param name="ids">I32 or I64 [...].</param>
    /// <param name="weight">[rows, width], of any floating or block-quantized type.</param>
    /// <param name="paddingIndex">A row that is looked up as it is but receives no gradient.</param>
    /// <returns>Float32 [..., width].</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative or not below the number of rows.</exception>
    public static unsafe Tensor Embedding(Tensor ids, Tensor weight, int? paddingIndex = null)
    {
        RequireIndices(ids, nameof(ids));
        RequireRank(weight, 2, 2, nameof(weight));
        LinearProduct.RequireWeight(weight, nameof(weight));
        int rows = weight.Shape[0], width = weight.Shape[1];
        IndexKernels.RequireRange(ids, rows, nameof(ids));
        int? padding = paddingIndex < 0 ? paddingIndex + rows : paddingIndex;
        if (padding < 0 || padding >= rows)
        {
            throw new ArgumentOutOfRangeException(nameof(paddingIndex), paddingIndex, $"The table has {rows} rows.");
        }

        Tensor result = Result(ids.Shape.Insert(ids.Rank, width));
        IndexKernels.LookUp(ids, weight, result.Floats);
        if (Tape.Wants(weight))
        {
            Tape.Record(&EmbeddingGradient, result, [weight]).Save(ids).SaveNumber(padding ?? -1).LeavesOutputs();
        }

        return result;
    }

    private static unsafe void LinearGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), input = entry.Input(0), weight = entry.Input(1);
        int rows = weight.Shape[0], columns = weight.Shape[1];
        int m = checked((int)input.Shape.CountBefore(input.Rank - 1));
        if (entry.Wants(0))
        {
            Tensor sum = entry.Accumulator(0, out bool fresh);
            LinearProduct.InputGradient(
                upstream.Floats, m, weight.Pointer, weight.DType, rows, columns, fresh ? 0f : 1f, sum.Floats,
                (LinearPrecision)(int)entry.Number(0));
        }

        if (entry.Wants(1))
        {
            Tensor sum = entry.Accumulator(1, out bool fresh);
            LinearProduct.WeightGradient(
                upstream.Floats, input.Floats, m, rows, columns, fresh ? 0f : 1f, sum.Floats, (LinearPrecision)(int)entry.Number(0));
        }

        if (entry.Wants(2))
        {
            Tensor sum = entry.Accumulator(2, out bool fresh);
            LinearProduct.SumRows(upstream.Floats, m, rows, !fresh, sum.Floats);
        }
    }

    private static unsafe void EmbeddingGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad();
        Tensor sum = entry.Accumulator(0, out bool fresh);
        if (fresh)
        {
            VectorKernels.Fill(sum.Floats, 0f, sum.Count);
        }

        IndexKernels.AddRows(entry.Saved(0), upstream.Floats, sum.Floats, sum.Shape[1], (int)entry.Number(0));
    }

    /// <summary>Whether products can be done in one go; false too where an argument is wrong, which the layer alone will say.</summary>
    private static bool GoTogether(Tensor input, ReadOnlySpan<Tensor> weights, ReadOnlySpan<Tensor> biases, LinearPrecision precision)
    {
        if (input.DType != DType.F32 || input.Rank == 0 || Tape.Wants(input) || Tape.Wants(biases)
            || !LinearProduct.GoTogether(checked((int)input.Shape.CountBefore(input.Rank - 1)), weights[0].DType, input.Shape[-1], precision))
        {
            return false;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            Tensor weight = weights[i], bias = biases[i];
            if (weight.DType != weights[0].DType || weight.Rank != 2 || weight.Shape[1] != input.Shape[-1] || weight.Shape[0] == 0
                || (!bias.IsNone && (bias.DType != DType.F32 || bias.Rank != 1 || bias.Shape[0] != weight.Shape[0])))
            {
                return false;
            }
        }

        return true;
    }
}
