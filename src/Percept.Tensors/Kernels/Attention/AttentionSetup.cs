namespace Percept.Tensors.Kernels.Attention;

/// <summary>Turns tensors and options into an <see cref="AttentionProblem"/>, and checks the optional ones.</summary>
internal static unsafe class AttentionSetup
{
    /// <summary>Checks masks, biases, lengths and segments.</summary>
    internal static void Check(in AttentionInputs extra, int batch, int heads, int queries, int keys)
    {
        if (extra.Mask is { } mask)
        {
            if (mask.DType is not (DType.Bool or DType.U8))
            {
                throw new DTypeException(nameof(extra.Mask), "Bool or U8", mask.DType);
            }

            RequireBroadcast(mask, nameof(extra.Mask), batch, heads, queries, keys);
        }

        if (extra.Bias is { } bias)
        {
            Ops.RequireFloat32(bias, nameof(extra.Bias));
            Ops.RequireRank(bias, 4, 4, nameof(extra.Bias));
            RequireBroadcast(bias, nameof(extra.Bias), batch, heads, queries, keys);
        }

        Ops.RequireNoGradient(extra.Slopes, nameof(extra.Slopes));
        RequirePerHead(extra.Slopes, nameof(extra.Slopes), heads);
        RequirePerHead(extra.Sinks, nameof(extra.Sinks), heads);
        if (extra.KeyLengths is { } lengths)
        {
            Ops.RequireType(lengths, DType.I32, nameof(extra.KeyLengths));
            Ops.RequireShape(lengths, [batch], nameof(extra.KeyLengths));
            IndexKernels.RequireRange(lengths, keys + 1L, nameof(extra.KeyLengths));
        }

        if (extra.QuerySegments is null != extra.KeySegments is null)
        {
            throw new ArgumentException("Segments are given for queries and for keys, or for neither.", nameof(extra.KeySegments));
        }

        RequireSegments(extra.QuerySegments, nameof(extra.QuerySegments), batch, queries);
        RequireSegments(extra.KeySegments, nameof(extra.KeySegments), batch, keys);
    }

    /// <summary>The problem of one call.</summary>
    internal static AttentionProblem Problem(
        Tensor query, Tensor key, Tensor value, Tensor result, Tensor logSum, in AttentionOptions settings, in AttentionInputs extra)
    {
        int head = settings.TimeFirst ? 2 : 1, time = settings.TimeFirst ? 1 : 2;
        var problem = new AttentionProblem
        {
            Batch = query.Shape[0],
            Heads = query.Shape[head],
            KeyHeads = Math.Max(1, key.Shape[head]),
            Queries = query.Shape[time],
            Keys = key.Shape[time],
            Width = query.Shape[3],
            ValueWidth = value.Shape[3],
            Q = query.Floats,
            K = key.Pointer,
            V = value.Pointer,
            KeyType = key.DType,
            Out = result.Floats,
            LogSum = logSum.IsNone ? null : logSum.Floats,
            Scale = settings.Scale ?? (float)(1 / Math.Sqrt(query.Shape[3])),
            Fast = settings.Precision != LinearPrecision.Exact,
            SoftCap = settings.SoftCap ?? 0,
            Causal = settings.Causal,
            AlignEnd = settings.AlignEnd,
            Offset = settings.Offset,
            Window = settings.Window ?? 0,
            Prefix = settings.Prefix,
        };
        (problem.QBatch, problem.QHead, problem.QTime) = Strides(query.Shape, head, time);
        (problem.KBatch, problem.KHead, problem.KTime) = Strides(key.Shape, head, time);
        (problem.VBatch, problem.VHead, problem.VTime) = Strides(value.Shape, head, time);
        (problem.OutBatch, problem.OutHead, problem.OutTime) = Strides(result.Shape, head, time);
        SetExtra(ref problem, extra);
        return problem;
    }

    /// <summary>Sums [B, H, T, D] over the query heads of each key head, into the layout of the keys.</summary>
    internal static Tensor SumGroup(Tensor gradient, in Shape shape, int keyHeads, bool timeFirst)
    {
        int batch = gradient.Shape[0], heads = gradient.Shape[1], length = gradient.Shape[2], width = gradient.Shape[3];
        int group = heads / keyHeads;
        if (group == 1 && !timeFirst)
        {
            return gradient;
        }

        Tensor result = Ops.Zeros(shape);
        (long batchStride, long headStride, long timeStride) = Strides(shape, timeFirst ? 2 : 1, timeFirst ? 1 : 2);
        float* source = gradient.Floats, target = result.Floats;
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                float* head = target + (b * batchStride) + (h / group * headStride);
                if (!timeFirst)
                {
                    VectorKernels.AddInPlace(head, source, (long)length * width);
                    source += (long)length * width;
                    continue;
                }

                for (int t = 0; t < length; t++, source += width)
                {
                    var row = new Span<float>(head + (t * timeStride), width);
                    System.Numerics.Tensors.TensorPrimitives.Add(row, new ReadOnlySpan<float>(source, width), row);
                }
            }
        }

        return result;
    }

    private static void SetExtra(ref AttentionProblem problem, in AttentionInputs extra)
    {
        if (extra.Mask is { } mask)
        {
            problem.Mask = mask.Pointer;
            (problem.MaskBatch, problem.MaskHead, problem.MaskTime) = Broadcast(mask.Shape);
        }

        if (extra.Bias is { } bias)
        {
            problem.Bias = bias.Floats;
            (problem.BiasBatch, problem.BiasHead, problem.BiasTime) = Broadcast(bias.Shape);
        }

        problem.Slopes = extra.Slopes is { } slopes ? slopes.Floats : null;
        problem.Sinks = extra.Sinks is { } sinks ? sinks.Floats : null;
        problem.KeyLengths = extra.KeyLengths is { } lengths ? (int*)lengths.Pointer : null;
        if (extra.QuerySegments is { } queries && extra.KeySegments is { } keys)
        {
            problem.QuerySegments = (int*)queries.Pointer;
            problem.KeySegments = (int*)keys.Pointer;
            problem.QuerySegmentsBatch = queries.Shape[0] == 1 ? 0 : queries.Shape[1];
            problem.KeySegmentsBatch = keys.Shape[0] == 1 ? 0 : keys.Shape[1];
        }
    }

    private static (long Batch, long Head, long Time) Strides(in Shape shape, int head, int time) =>
        (shape.CountFrom(1), shape.CountFrom(head + 1), shape.CountFrom(time + 1));

    /// <summary>Strides of [B, H, T, K], or of [B, T, K] for all heads; 0 where an axis has size 1.</summary>
    private static (long Batch, long Head, long Time) Broadcast(in Shape shape)
    {
        int keys = shape[-1], time = shape[-2];
        return (
            shape[0] == 1 ? 0 : shape.CountFrom(1),
            shape.Rank == 3 || shape[1] == 1 ? 0 : (long)time * keys,
            time == 1 ? 0 : keys);
    }

    private static void RequireBroadcast(Tensor tensor, string argument, int batch, int heads, int queries, int keys)
    {
        Shape shape = tensor.Shape;
        bool fits = shape.Rank is 3 or 4 && (shape[0] == 1 || shape[0] == batch) && (shape.Rank == 3 || shape[1] == 1 || shape[1] == heads)
            && (shape[-2] == 1 || shape[-2] == queries) && shape[-1] == keys;
        if (!fits)
        {
            throw ShapeException.ForShape(argument, shape, $"[{batch} or 1, {heads} or 1, {queries} or 1, {keys}]");
        }
    }

    private static void RequirePerHead(Tensor? tensor, string argument, int heads)
    {
        if (tensor is { } given)
        {
            Ops.RequireFloat32(given, argument);
            Ops.RequireShape(given, [heads], argument);
        }
    }

    private static void RequireSegments(Tensor? tensor, string argument, int batch, int length)
    {
        if (tensor is { } given)
        {
            Ops.RequireType(given, DType.I32, argument);
            if (given.Rank != 2 || (given.Shape[0] != 1 && given.Shape[0] != batch) || given.Shape[1] != length)
            {
                throw ShapeException.ForShape(argument, given.Shape, $"[{batch} or 1, {length}]");
            }
        }
    }
}
