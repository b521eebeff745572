using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Sums, means, variances and products. Sums are formed in blocks of a fixed order.</content>
public static partial class Ops
{
    /// <summary>The sum of all elements, a scalar.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Sum(Tensor input) => SumScaled(input, Shape.Create([]), 1);

    /// <summary>The sums along one axis.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor Sum(Tensor input, int axis, bool keepAxis = false) => Sum(input, [axis], keepAxis);

    /// <summary>The sums over several axes.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axes">The axes; none means all.</param>
    /// <param name="keepAxes">Whether the axes stay, with one element each.</param>
    public static Tensor Sum(Tensor input, ReadOnlySpan<int> axes, bool keepAxes = false)
    {
        RequireFloat32(input, nameof(input));
        Shape kept = KeptShape(input, axes, out Shape dropped, out _);
        Tensor sum = SumScaled(input, kept, 1);
        return keepAxes ? sum : Reshape(sum, dropped);
    }

    /// <summary>The mean of all elements, a scalar; NaN of none.</summary>
    /// <param name="input">Float32.</param>
    public static Tensor Mean(Tensor input)
    {
        RequireFloat32(input, nameof(input));
        return SumScaled(input, Shape.Create([]), input.Count);
    }

    /// <summary>The means along one axis.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor Mean(Tensor input, int axis, bool keepAxis = false) => Mean(input, [axis], keepAxis);

    /// <summary>The means over several axes.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axes">The axes; none means all.</param>
    /// <param name="keepAxes">Whether the axes stay, with one element each.</param>
    public static Tensor Mean(Tensor input, ReadOnlySpan<int> axes, bool keepAxes = false)
    {
        RequireFloat32(input, nameof(input));
        Shape kept = KeptShape(input, axes, out Shape dropped, out long count);
        Tensor mean = SumScaled(input, kept, count);
        return keepAxes ? mean : Reshape(mean, dropped);
    }

    /// <summary>The variances over several axes: Σ(x − mean)²/(n − correction).</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axes">The axes; none means all.</param>
    /// <param name="correction">1 for the unbiased estimate, 0 for the biased one.</param>
    /// <param name="keepAxes">Whether the axes stay, with one element each.</param>
    public static Tensor Variance(Tensor input, ReadOnlySpan<int> axes, int correction = 1, bool keepAxes = false)
    {
        RequireFloat32(input, nameof(input));
        Shape kept = KeptShape(input, axes, out Shape dropped, out long count);
        Tensor centered = Subtract(input, Mean(input, axes, keepAxes: true));
        Tensor variance = SumScaled(Square(centered), kept, Math.Max(0, count - correction));
        return keepAxes ? variance : Reshape(variance, dropped);
    }

    /// <summary>The standard deviations over several axes, roots of <see cref="Variance"/>. Where one is 0 the gradient is 0.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axes">The axes; none means all.</param>
    /// <param name="correction">1 for the unbiased estimate, 0 for the biased one.</param>
    /// <param name="keepAxes">Whether the axes stay, with one element each.</param>
    public static Tensor StandardDeviation(Tensor input, ReadOnlySpan<int> axes, int correction = 1, bool keepAxes = false) =>
        Unary(Variance(input, axes, correction, keepAxes), default(RootOfVarianceOp));

    /// <summary>The products along an axis.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static unsafe Tensor Product(Tensor input, int axis, bool keepAxis = false)
    {
        Tensor result = ReduceRows(RowReduction.Product, input, ref axis, keepAxis, 0);
        if (Tape.Wants(input))
        {
            Tape.Record(&ProductGradient, result, [input]).SaveNumber(axis);
        }

        return result;
    }

    /// <summary>ln Σ e^x along an axis, without overflow.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static unsafe Tensor LogSumExp(Tensor input, int axis = -1, bool keepAxis = false)
    {
        Tensor result = ReduceRows(RowReduction.LogSumExp, input, ref axis, keepAxis, 0);
        if (Tape.Wants(input))
        {
            Tape.Record(&LogSumExpGradient, result, [input]).SaveNumber(axis);
        }

        return result;
    }

    /// <summary>The p-norms along an axis: (Σ|x|^p)^(1/p). Where the norm is 0 the gradient is 0.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="p">The order, above 0; infinity for the greatest magnitude.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static unsafe Tensor Norm(Tensor input, int axis = -1, float p = 2f, bool keepAxis = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(p);
        RowReduction kind = p == 2f ? RowReduction.SumOfSquares
            : p == 1f ? RowReduction.AbsoluteSum
            : float.IsPositiveInfinity(p) ? RowReduction.AbsoluteGreatest
            : RowReduction.PowerSum;
        Tensor result = ReduceRows(kind, input, ref axis, keepAxis, p);
        for (long i = 0; kind is RowReduction.SumOfSquares or RowReduction.PowerSum && i < result.Count; i++)
        {
            result.Floats[i] = (float)(p == 2f ? Math.Sqrt(result.Floats[i]) : Math.Pow(result.Floats[i], 1.0 / p));
        }

        if (Tape.Wants(input))
        {
            Tape.Record(&NormGradient, result, [input]).SaveNumber(axis).SaveNumber(p);
        }

        return result;
    }

    /// <summary>Running sums along an axis.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    public static unsafe Tensor CumulativeSum(Tensor input, int axis)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        Tensor result = ScanAlong(input, axis, product: false, reverse: false);
        if (Tape.Wants(input))
        {
            Tape.Record(&CumulativeSumGradient, result, [input]).SaveNumber(axis);
        }

        return result;
    }

    /// <summary>Running products along an axis.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    public static unsafe Tensor CumulativeProduct(Tensor input, int axis)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        Tensor result = ScanAlong(input, axis, product: true, reverse: false);
        if (Tape.Wants(input))
        {
            Tape.Record(&CumulativeProductGradient, result, [input]).SaveNumber(axis);
        }

        return result;
    }

    /// <summary>Whether any element along an axis is true.</summary>
    /// <param name="input">Bool.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor Any(Tensor input, int axis, bool keepAxis = false) => AnyAlong(input, axis, keepAxis, 1);

    /// <summary>Whether all elements along an axis are true.</summary>
    /// <param name="input">Bool.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor All(Tensor input, int axis, bool keepAxis = false) => AnyAlong(input, axis, keepAxis, 0);

    /// <summary>Sums to a shape that stretches to the input's, divided by a number.</summary>
    private static unsafe Tensor SumScaled(Tensor input, in Shape shape, double divisor)
    {
        RequireFloat32(input, nameof(input));
        Tensor result = Result(shape);
        Tensor sum = SumTo(input, shape);
        VectorKernels.Scale(sum.Floats, (float)(1 / divisor), result.Floats, shape.Count);
        EndRows(sum, input);
        if (Tape.Wants(input))
        {
            Tape.Record(&SumGradient, result, [input]).SaveNumber(divisor);
        }

        return result;
    }

    private static unsafe void SumGradient(TapeEntry entry)
    {
        Tensor gradient = Result(entry.Input(0).Shape);
        Tensor share = Scale(entry.OutputGrad(), (float)(1 / entry.Number(0)));
        Stretch(share, gradient);
        entry.Add(0, gradient);
    }

    /// <summary>The input's shape with the axes of one element, the same without them, and how many elements go into one.</summary>
    private static Shape KeptShape(Tensor input, ReadOnlySpan<int> axes, out Shape dropped, out long count)
    {
        Span<bool> reduced = stackalloc bool[Shape.MaxRank];
        reduced.Clear();
        foreach (int axis in axes)
        {
            int at = RequireAxis(input, axis, nameof(input));
            reduced[at] = !reduced[at]
                ? true
                : throw new ArgumentException($"Axis {axis} is named twice.", nameof(axes));
        }

        Span<int> sizes = stackalloc int[Shape.MaxRank];
        Shape kept = input.Shape;
        int rank = 0;
        count = 1;
        for (int i = 0; i < input.Rank; i++)
        {
            if (axes.Length == 0 || reduced[i])
            {
                count *= input.Shape[i];
                kept = kept.With(i, 1);
            }
            else
            {
                sizes[rank++] = input.Shape[i];
            }
        }

        dropped = Shape.Create(sizes[..rank]);
        return kept;
    }

    private static unsafe Tensor ReduceRows(RowReduction reduction, Tensor input, ref int axis, bool keepAxis, double parameter)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        var along = new Along(input, axis);
        Tensor result = Result(Reduced(input.Shape, axis, keepAxis));
        Tensor rows = ToRows(input, along);
        RowReductions.Run(reduction, rows.Floats, result.Floats, null, along.Rows, along.Size, parameter);
        EndRows(rows, input);
        return result;
    }

    private static unsafe Tensor ScanAlong(Tensor input, int axis, bool product, bool reverse)
    {
        var along = new Along(input, axis);
        Tensor result = Result(input.Shape);
        Tensor rows = ToRows(input, along), target = RowsFor(result, along);
        RowReductions.Scan(rows.Floats, target.Floats, along.Rows, along.Size, product, reverse);
        EndRows(rows, input);
        FromRows(target, result, along, along.Size);
        return result;
    }

    private static unsafe void ProductGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        var along = new Along(input, (int)entry.Number(0));
        Tensor gradient = Result(input.Shape), target = RowsFor(gradient, along);
        RowReductions.ProductGradient(
            ToRows(input, along).Floats, entry.OutputGrad().Floats, target.Floats, along.Rows, along.Size);
        FromRows(target, gradient, along, along.Size);
        entry.Add(0, gradient);
    }

    private static void LogSumExpGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        Shape kept = input.Shape.With((int)entry.Number(0), 1);
        Tensor shares = Exp(Subtract(input, entry.Output().View(kept)));
        entry.Add(0, Multiply(shares, entry.OutputGrad().View(kept)));
    }

    private static unsafe void NormGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        var along = new Along(input, (int)entry.Number(0));
        double p = entry.Number(1);
        Tensor gradient = Result(input.Shape), target = RowsFor(gradient, along), rows = ToRows(input, along);
        float* norms = entry.Output().Floats;
        float* upstream = entry.OutputGrad().Floats;
        if (double.IsInfinity(p))
        {
            RowReductions.ShareAmongTies(rows.Floats, norms, upstream, target.Floats, along.Rows, along.Size, absolute: true);
        }

        for (long i = 0; !double.IsInfinity(p) && i < input.Count; i++)
        {
            long row = i / along.Size;
            double x = rows.Floats[i];
            double slope = norms[row] == 0 || x == 0 ? 0
                : p == 2 ? x / norms[row]
                : Math.CopySign(1, x) * Math.Pow(Math.Abs(x) / norms[row], p - 1);
            target.Floats[i] = (float)(upstream[row] * slope);
        }

        FromRows(target, gradient, along, along.Size);
        entry.Add(0, gradient);
    }

    private static void CumulativeSumGradient(TapeEntry entry) =>
        entry.Add(0, ScanAlong(entry.OutputGrad(), (int)entry.Number(0), product: false, reverse: true));

    private static unsafe void CumulativeProductGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        var along = new Along(input, (int)entry.Number(0));
        Tensor gradient = Result(input.Shape), target = RowsFor(gradient, along);
        RowReductions.ProductScanGradient(
            ToRows(input, along).Floats, ToRows(entry.OutputGrad(), along).Floats, target.Floats, along.Rows, along.Size);
        FromRows(target, gradient, along, along.Size);
        entry.Add(0, gradient);
    }

    private static unsafe Tensor AnyAlong(Tensor input, int axis, bool keepAxis, byte wanted)
    {
        RequireType(input, DType.Bool, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        var along = new Along(input, axis);
        Tensor result = Result(Reduced(input.Shape, axis, keepAxis), DType.Bool);
        byte* x = input.Pointer;
        for (long row = 0; row < along.Rows; row++)
        {
            long start = (row / along.Inner * along.Size * along.Inner) + (row % along.Inner);
            byte found = (byte)(1 - wanted);
            for (int i = 0; i < along.Size && found != wanted; i++)
            {
                found = (x[start + (i * along.Inner)] != 0) == (wanted == 1) ? wanted : found;
            }

            result.Pointer[row] = found;
        }

        return result;
    }
}
