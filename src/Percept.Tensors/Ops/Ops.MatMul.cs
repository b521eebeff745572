using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors;

/// <content>Matrix products.</content>
public static partial class Ops
{
    /// <summary>The matrix product op(a)·op(b) over the last two axes, with the axes before them broadcast.</summary>
    /// <param name="a">Float32 [..., m, k], or [..., k, m] when <paramref name="transposeA"/>; [k] is a row vector whose axis
    /// is dropped from the result.</param>
    /// <param name="b">Float32 [..., k, n], or [..., n, k] when <paramref name="transposeB"/>; [k] is a column vector whose
    /// axis is dropped from the result.</param>
    /// <param name="transposeA">Whether a's last two axes are exchanged.</param>
    /// <param name="transposeB">Whether b's last two axes are exchanged.</param>
    /// <param name="alpha">A factor of the product.</param>
    /// <returns>Float32 [..., m, n].</returns>
    /// <exception cref="ShapeException">The inner sizes differ, or the axes before them do not broadcast.</exception>
    public static unsafe Tensor MatMul(
        Tensor a, Tensor b, bool transposeA = false, bool transposeB = false, float alpha = 1f)
    {
        RequireFloat32(a, nameof(a));
        RequireFloat32(b, nameof(b));
        RequireRank(a, 1, Shape.MaxRank, nameof(a));
        RequireRank(b, 1, Shape.MaxRank, nameof(b));
        if (a.Rank == 1 || b.Rank == 1)
        {
            return MatVec(a, b, transposeA, transposeB, alpha);
        }

        MatMulPlan plan = MatMulPlan.Create(a.Shape, b.Shape, transposeA, transposeB);
        Tensor result = Result(plan.Output);
        plan.Multiply(a.Floats, b.Floats, alpha, result.Floats);
        if (Tape.Wants([a, b]))
        {
            Tape.Record(&MatMulGradient, result, [a, b])
                .SaveNumber(transposeA ? 1 : 0).SaveNumber(transposeB ? 1 : 0).SaveNumber(alpha);
        }

        return result;
    }

    private static Tensor MatVec(Tensor a, Tensor b, bool transposeA, bool transposeB, float alpha)
    {
        bool rowVector = a.Rank == 1, columnVector = b.Rank == 1;
        Tensor left = rowVector ? Reshape(a, [1, a.Shape[0]]) : a;
        Tensor right = columnVector ? Reshape(b, [b.Shape[0], 1]) : b;
        Tensor product = MatMul(left, right, !rowVector && transposeA, !columnVector && transposeB, alpha);
        Shape shape = product.Shape;
        if (columnVector)
        {
            shape = shape.Without(-1);
        }

        if (rowVector)
        {
            shape = shape.Without(columnVector ? -1 : -2);
        }

        return Reshape(product, shape);
    }

    private static void MatMulGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), a = entry.Input(0), b = entry.Input(1);
        bool transposeA = entry.Number(0) != 0, transposeB = entry.Number(1) != 0;
        float alpha = (float)entry.Number(2);
        if (entry.Wants(0))
        {
            // d op(a) = dy·op(b)ᵀ; where a is stored transposed, its gradient is the transpose of that.
            Tensor gradient = transposeA
                ? MatMul(b, upstream, transposeB, true, alpha)
                : MatMul(upstream, b, false, !transposeB, alpha);
            entry.Add(0, SumBatch(gradient, a.Shape));
        }

        if (entry.Wants(1))
        {
            Tensor gradient = transposeB
                ? MatMul(upstream, a, true, transposeA, alpha)
                : MatMul(a, upstream, !transposeA, false, alpha);
            entry.Add(1, SumBatch(gradient, b.Shape));
        }
    }

    /// <summary>Sums a gradient over the leading axes along which its input was broadcast.</summary>
    private static unsafe Tensor SumBatch(Tensor gradient, in Shape shape)
    {
        if (gradient.Shape == shape)
        {
            return gradient;
        }

        Tensor result = Zeros(shape);
        long matrix = shape.CountFrom(shape.Rank - 2);
        MatMulPlan.ForEachBatch(
            gradient.Shape, shape, matrix, gradient.Floats, result.Floats,
            &AddMatrix);
        return result;
    }

    private static unsafe void AddMatrix(float* source, float* target, long count) =>
        VectorKernels.AddInPlace(target, source, count);
}
