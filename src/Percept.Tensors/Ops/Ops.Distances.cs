using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Losses;

namespace Percept.Tensors;

/// <content>Distances and similarities of rows.</content>
public static partial class Ops
{
    /// <summary>‖a − b + eps‖ over the last axis.</summary>
    /// <param name="a">Float32 [..., D].</param>
    /// <param name="b">Float32 of the same shape.</param>
    /// <param name="eps">Added to every difference.</param>
    /// <param name="p">The order of the norm, above 0; infinity for the greatest magnitude.</param>
    /// <returns>Float32 [...].</returns>
    public static Tensor PairwiseDistance(Tensor a, Tensor b, float eps = 1e-6f, float p = 2f)
    {
        if (p == 2f)
        {
            return RowPairs(RowPairKind.Distance, a, b, eps, false);
        }

        RequireShape(b, a.Shape, nameof(b));
        return Norm(Add(Subtract(a, b), eps), -1, p);
    }

    /// <summary>The distance of every row of a to every row of b; the gradient at 0 is 0.</summary>
    /// <param name="a">Float32 [..., M, D].</param>
    /// <param name="b">Float32 [..., N, D]; the axes before stretch to those of a and they to these.</param>
    /// <param name="p">The order of the norm, above 0: 2 for Euclidean distances, infinity for the greatest magnitude.</param>
    /// <returns>Float32 [..., M, N].</returns>
    public static Tensor PairDistances(Tensor a, Tensor b, float p = 2f)
    {
        RequireRank(a, 2, Shape.MaxRank, nameof(a));
        RequireRank(b, 2, Shape.MaxRank, nameof(b));
        Shape batch = Shape.Broadcast(a.Shape.Without(-1).Without(-1), b.Shape.Without(-1).Without(-1), nameof(b));
        a = WithBatch(a, batch);
        b = WithBatch(b, batch);
        if (p == 2f)
        {
            return RowPairs(RowPairKind.Distance, a, b, 0f, true);
        }

        RequireShape(b, a.Shape.With(-2, b.Shape[-2]), nameof(b));
        Tensor rows = Reshape(a, a.Shape.Insert(a.Rank - 1, 1)), others = Reshape(b, b.Shape.Insert(b.Rank - 2, 1));
        return Norm(Subtract(rows, others), -1, p);
    }

    /// <summary>
    /// 1 − cos(a, b) for targets 1, max(0, cos(a, b) − margin) for targets −1; norms are √(‖·‖² + 1e-12), as in PyTorch.
    /// </summary>
    /// <param name="a">Float32 [N, D].</param>
    /// <param name="b">Float32 [N, D].</param>
    /// <param name="target">Float32 [N] of 1 and −1.</param>
    /// <param name="margin">From −1 to 1.</param>
    /// <param name="reduction">How the rows are summed up.</param>
    public static Tensor CosineEmbeddingLoss(
        Tensor a, Tensor b, Tensor target, float margin = 0f, Reduction reduction = Reduction.Mean) =>
        EmbeddingLoss(RowPairs(RowPairKind.Cosine, a, b, 1e-12f, false), target, margin, reduction);

    /// <summary>max(0, −target·(a − b) + margin).</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32 of the same shape.</param>
    /// <param name="target">Float32 of the same shape, 1 where a should be the greater, −1 where b should.</param>
    /// <param name="margin">The margin.</param>
    /// <param name="reduction">How the elements are summed up.</param>
    public static Tensor MarginRankingLoss(
        Tensor a, Tensor b, Tensor target, float margin = 0f, Reduction reduction = Reduction.Mean)
    {
        RequireFloat32(a, nameof(a));
        RequireFloat32(b, nameof(b));
        Tensor difference = Subtract(a, b);
        return Owning(MarginLoss(difference, target, MarginLossKind.Ranking, margin, reduction), difference);
    }

    /// <summary>max(0, ‖a − p + eps‖ − ‖a − n + eps‖ + margin) over the last axis.</summary>
    /// <remarks>With <paramref name="swap"/> ‖p − n + eps‖ takes the second distance's place where it is less.</remarks>
    /// <param name="anchor">Float32 [..., D].</param>
    /// <param name="positive">Float32 of the same shape.</param>
    /// <param name="negative">Float32 of the same shape.</param>
    /// <param name="margin">The margin.</param>
    /// <param name="eps">Added to every difference.</param>
    /// <param name="reduction">How the rows are summed up.</param>
    /// <param name="p">The order of the norm, above 0.</param>
    /// <param name="swap">Whether the negative may be compared with the positive instead.</param>
    public static Tensor TripletMarginLoss(
        Tensor anchor,
        Tensor positive,
        Tensor negative,
        float margin = 1f,
        float eps = 1e-6f,
        Reduction reduction = Reduction.Mean,
        float p = 2f,
        bool swap = false)
    {
        RequireFloat32(anchor, nameof(anchor));
        RequireFloat32(positive, nameof(positive));
        RequireFloat32(negative, nameof(negative));
        Tensor near = PairwiseDistance(anchor, positive, eps, p), far = PairwiseDistance(anchor, negative, eps, p);
        Tensor other = swap ? PairwiseDistance(positive, negative, eps, p) : far, least = swap ? Minimum(far, other) : far;
        Tensor difference = Subtract(near, least), target = Full(difference.Shape, -1f);
        return Owning(
            MarginLoss(difference, target, MarginLossKind.Ranking, margin, reduction), near, far, other, least, difference, target);
    }

    /// <summary>Rows stretched over a batch.</summary>
    private static Tensor WithBatch(Tensor rows, in Shape batch)
    {
        Shape shape = batch.Insert(batch.Rank, rows.Shape[-2]).Insert(batch.Rank + 1, rows.Shape[-1]);
        return rows.Shape == shape ? rows : BroadcastTo(rows, shape);
    }

    private static unsafe Tensor RowPairs(RowPairKind kind, Tensor a, Tensor b, float eps, bool all)
    {
        RequireFloat32(a, nameof(a));
        RequireFloat32(b, nameof(b));
        RequireRank(a, all ? 2 : 1, Shape.MaxRank, nameof(a));
        Shape shape = a.Shape.Without(-1);
        if (all)
        {
            RequireShape(b, a.Shape.With(-2, b.Rank < 2 ? 0 : b.Shape[-2]), nameof(b));
            shape = shape.Insert(shape.Rank, b.Shape[-2]);
        }
        else
        {
            RequireShape(b, a.Shape, nameof(b));
        }

        Tensor result = Result(shape);
        RowPairKernel kernel = Pairs(kind, a, b, eps, all);
        kernel.Forward(result.Floats);
        if (Tape.Wants([a, b]))
        {
            Tape.Record(&RowPairsGradient, result, [a, b]).SaveNumber((int)kind).SaveNumber(eps).SaveNumber(all ? 1 : 0);
        }

        return result;
    }

    private static unsafe RowPairKernel Pairs(RowPairKind kind, Tensor a, Tensor b, float eps, bool all) => new()
    {
        Kind = kind,
        Eps = eps,
        A = a.Floats,
        B = b.Floats,
        Width = a.Shape[-1],
        RowsOfA = all ? a.Shape[-2] : 1,
        RowsOfB = all ? b.Shape[-2] : 1,
        Batch = checked((int)a.Shape.CountBefore(a.Rank - (all ? 2 : 1))),
    };

    private static unsafe void RowPairsGradient(TapeEntry entry)
    {
        Tensor a = entry.Input(0), b = entry.Input(1);
        RowPairKernel kernel = Pairs((RowPairKind)(int)entry.Number(0), a, b, (float)entry.Number(1), entry.Number(2) != 0);
        Tensor first = Zeros(a.Shape), second = Zeros(b.Shape);
        kernel.Backward(entry.OutputGrad().Floats, first.Floats, second.Floats);
        if (entry.Wants(0))
        {
            entry.Add(0, first);
        }

        if (entry.Wants(1))
        {
            entry.Add(1, second);
        }
    }

    private static unsafe Tensor MarginLoss(Tensor input, Tensor target, MarginLossKind kind, float margin, Reduction reduction)
    {
        RequireReduction(reduction);
        RequireFloat32(target, nameof(target));
        RequireNoGradient(target, nameof(target));
        RequireShape(target, input.Shape, nameof(target));
        Tensor losses = reduction == Reduction.None ? Result(input.Shape) : Temporary(input.Shape), slopes = Temporary(input.Shape);
        RowPairKernel.Margin(kind, margin, input.Floats, target.Floats, input.Count, losses.Floats, slopes.Floats);
        double divisor = reduction is Reduction.Mean ? input.Count : reduction is Reduction.BatchMean ? input.Shape[0] : 1;
        Tensor result = reduction == Reduction.None ? losses : ReducedSum(losses, divisor);
        if (Tape.Wants(input))
        {
            Tape.Record(&MarginGradient, result, [input]).Save(slopes).SaveNumber(divisor);
        }

        return reduction == Reduction.None ? Owning(result, slopes) : Owning(result, slopes, losses);
    }

    private static Tensor EmbeddingLoss(Tensor cosines, Tensor target, float margin, Reduction reduction) =>
        Owning(MarginLoss(cosines, target, MarginLossKind.CosineEmbedding, margin, reduction), cosines);

    private static unsafe void MarginGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), slopes = entry.Saved(0), gradient = Result(slopes.Shape);
        float* given = upstream.Floats, slope = slopes.Floats, result = gradient.Floats;
        long count = slopes.Count, step = upstream.Count == count ? 1 : 0;
        for (long i = 0; i < count; i++)
        {
            result[i] = (float)(given[i * step] * slope[i] / entry.Number(0));
        }

        entry.Add(0, gradient);
    }
}
