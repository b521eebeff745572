using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors;

/// <content>The linear layer with a low-rank product beside it.</content>
public static partial class Ops
{
    /// <summary>
    /// y = x·Wᵀ + b + s·(x·Aᵀ)·Bᵀ: a linear layer and its low-rank adapter (LoRA), added up where they are computed.
    /// </summary>
    /// <param name="input">x, float32 [..., in].</param>
    /// <param name="weight">W [out, in], of any floating or block-quantized type.</param>
    /// <param name="bias">b, float32 [out]; null for none.</param>
    /// <param name="down">A, float32 [r, in].</param>
    /// <param name="up">B, float32 [out, r].</param>
    /// <param name="scale">s.</param>
    /// <param name="precision">How to multiply with W where it is not float32; A and B always count in float32.</param>
    /// <returns>Float32 [..., out].</returns>
    /// <remarks>Keeps x·Aᵀ for the gradient, besides the input itself.</remarks>
    /// <exception cref="ShapeException">Shapes do not fit each other.</exception>
    /// <exception cref="DTypeException">A tensor is of another type.</exception>
    public static unsafe Tensor LowRankLinear(
        Tensor input, Tensor weight, Tensor? bias, Tensor down, Tensor up, float scale,
        LinearPrecision precision = LinearPrecision.Exact)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(down, nameof(down));
        RequireFloat32(up, nameof(up));
        RequireRank(input, 1, Shape.MaxRank, nameof(input));
        RequireRank(weight, 2, 2, nameof(weight));
        RequireRank(down, 2, 2, nameof(down));
        int columns = weight.Shape[1], rows = weight.Shape[0], rank = down.Shape[0];
        if (input.Shape[-1] != columns)
        {
            throw ShapeException.ForAxis(nameof(input), input.Shape, input.Rank - 1, columns);
        }

        RequireShape(down, [rank, columns], nameof(down));
        RequireShape(up, [rows, rank], nameof(up));
        if (bias is { } b)
        {
            RequireFloat32(b, nameof(bias));
            RequireShape(b, [rows], nameof(bias));
        }

        LinearProduct.RequireWeight(weight, nameof(weight));
        int m = checked((int)input.Shape.CountBefore(input.Rank - 1));
        Tensor result = Result(input.Shape.With(-1, rows));
        Tensor inner = Temporary([m, rank]);
        GemmF32.Run(m, rank, columns, scale, input.Floats, columns, false, down.Floats, columns, true, 0f, inner.Floats, rank);
        LinearProduct.Forward(
            input.Floats, m, weight.Pointer, weight.DType, rows, columns, result.Floats, bias is { } added ? added.Floats : null,
            precision, new GemmAddend(inner.Floats, rank, rank, GemmSource.F32(up.Floats, rank, true)));
        if (Tape.Wants([input, weight, OrNone(bias), down, up]))
        {
            TapeEntry entry = Tape.Record(&LowRankGradient, result, [input, weight, OrNone(bias), down, up]).Save(inner)
                .SaveNumber(scale).SaveNumber((int)precision).LeavesOutputs();
            if (!weight.RequiresGrad && !down.RequiresGrad)
            {
                entry.LeavesInput(0);
            }
        }

        return Owning(result, inner);
    }

    private static unsafe void LowRankGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), input = entry.Input(0), weight = entry.Input(1), down = entry.Input(3), up = entry.Input(4);
        int rows = weight.Shape[0], columns = weight.Shape[1], rank = down.Shape[0];
        int m = checked((int)input.Shape.CountBefore(input.Rank - 1));
        float scale = (float)entry.Number(0);
        Tensor inner = Temporary([m, rank]);
        if (entry.Wants(0) || entry.Wants(3))
        {
            GemmF32.Run(m, rank, rows, scale, upstream.Floats, rows, false, up.Floats, rank, false, 0f, inner.Floats, rank);
        }

        if (entry.Wants(0))
        {
            Tensor sum = entry.Accumulator(0, out bool fresh);
            LinearProduct.InputGradient(
                upstream.Floats, m, weight.Pointer, weight.DType, rows, columns, fresh ? 0f : 1f, sum.Floats,
                (LinearPrecision)(int)entry.Number(1), new GemmAddend(inner.Floats, rank, rank, GemmSource.F32(down.Floats, columns, false)));
        }

        if (entry.Wants(1))
        {
            Tensor sum = entry.Accumulator(1, out bool fresh);
            LinearProduct.WeightGradient(
                upstream.Floats, input.Floats, m, rows, columns, fresh ? 0f : 1f, sum.Floats, (LinearPrecision)(int)entry.Number(1));
        }

        if (entry.Wants(2))
        {
            Tensor sum = entry.Accumulator(2, out bool fresh);
            LinearProduct.SumRows(upstream.Floats, m, rows, !fresh, sum.Floats);
        }

        if (entry.Wants(3))
        {
            Tensor sum = entry.Accumulator(3, out bool fresh);
            LinearProduct.WeightGradient(
                inner.Floats, input.Floats, m, rank, columns, fresh ? 0f : 1f, sum.Floats, LinearPrecision.Exact);
        }

        if (entry.Wants(4))
        {
            // As its transpose, the upstream gradient is read as it lies; the other way it would have to be turned, which is far larger.
            Tensor turned = Temporary([rank, rows]);
            LinearProduct.WeightGradient(entry.Saved(0).Floats, upstream.Floats, m, rank, rows, 0f, turned.Floats, LinearPrecision.Exact);
            entry.Add(4, Transpose(turned, 0, 1));
        }
    }
}
