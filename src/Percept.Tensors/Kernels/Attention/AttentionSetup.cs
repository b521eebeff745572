using System.Numerics.Tensors;
using Percept.Tensors.Threading;

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

    /// <summary>The problem of one call; packed rows, [N, H, D], are a batch of one whose time comes first.</summary>
    internal static AttentionProblem Problem(
        Tensor query, Tensor key, Tensor value, Tensor result, Tensor logSum, in AttentionOptions settings, in AttentionInputs extra)
    {
        int head = settings.TimeFirst ? 2 : 1, time = settings.TimeFirst ? 1 : 2;
        Shape queries = Batched(query), keys = Batched(key), values = Batched(value), results = Batched(result);
        var problem = new AttentionProblem
        {
            Batch = queries[0],
            Heads = queries[head],
            KeyHeads = Math.Max(1, keys[head]),
            Queries = queries[time],
            Keys = keys[time],
            Width = queries[3],
            ValueWidth = values[3],
            Q = query.Floats,
            K = key.Pointer,
            V = value.Pointer,
            KeyType = key.DType,
            Out = result.Floats,
            LogSum = logSum.IsNone ? null : logSum.Floats,
            Scale = settings.Scale ?? (float)(1 / Math.Sqrt(queries[3])),
            Fast = settings.Precision != LinearPrecision.Exact,
            SoftCap = settings.SoftCap ?? 0,
            Causal = settings.Causal,
            AlignEnd = settings.AlignEnd,
            Offset = settings.Offset,
            Window = settings.Window ?? 0,
            Prefix = settings.Prefix,
        };
        (problem.QBatch, problem.QHead, problem.QTime) = Strides(queries, head, time);
        (problem.KBatch, problem.KHead, problem.KTime) = Strides(keys, head, time);
        (problem.VBatch, problem.VHead, problem.VTime) = Strides(values, head, time);
        (problem.OutBatch, problem.OutHead, problem.OutTime) = Strides(results, head, time);
        SetExtra(ref problem, extra);
        return problem;
    }

    /// <summary>The part of a problem of packed rows, [1, N, H, D], that is one sequence's: rows that see each other alone.</summary>
    /// <param name="whole">The problem of all rows.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="mask">What the rows see, in place of the causal rule; none for that rule.</param>
    internal static AttentionProblem Sequence(in AttentionProblem whole, int start, int count, Tensor mask)
    {
        AttentionProblem problem = whole;
        problem.Queries = count;
        problem.Keys = count;
        problem.Q += start * whole.QTime;
        problem.K += start * whole.KTime * whole.ElementBytes;
        problem.V += start * whole.VTime * whole.ElementBytes;
        problem.Out += start * whole.OutTime;
        problem.LogSum = whole.LogSum == null ? null : whole.LogSum + (2L * whole.Heads * start);
        if (!mask.IsNone)
        {
            problem.Causal = false;
            problem.AlignEnd = false;
            problem.Mask = mask.Pointer;
            (problem.MaskBatch, problem.MaskHead, problem.MaskTime) = Broadcast(mask.Shape);
        }

        return problem;
    }

    /// <summary>
    /// Directs the gradients of keys and values: to tensors of their shapes, or where query heads share a key head to [B, H, Tk, D], which
    /// <see cref="SumGroups"/> sums.
    /// </summary>
    internal static void Direct(in AttentionProblem problem, ref AttentionBackward.Targets targets)
    {
        bool shared = problem.Group > 1;
        (targets.KBatch, targets.KHead, targets.KTime) = shared
            ? Apart(problem, problem.Width) : (problem.KBatch, problem.KHead, problem.KTime);
        (targets.VBatch, targets.VHead, targets.VTime) = shared
            ? Apart(problem, problem.ValueWidth) : (problem.VBatch, problem.VHead, problem.VTime);
    }

    /// <summary>Sums what <see cref="Direct"/> directed to [B, H, Tk, D] over the query heads of each key head.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="targets">Where the gradients lie.</param>
    /// <param name="keys">Where the keys' sum goes, in the layout of the keys; null for nowhere.</param>
    /// <param name="values">The same for the values.</param>
    internal static void SumGroups(in AttentionProblem problem, in AttentionBackward.Targets targets, float* keys, float* values)
    {
        var job = new GroupJob { Problem = problem, Targets = targets, Keys = keys, Values = values };
        WorkerPool.Shared.Run(ref job, checked(problem.Batch * problem.KeyHeads));
    }

    private static (long Batch, long Head, long Time) Apart(in AttentionProblem problem, int width) =>
        ((long)problem.Heads * problem.Keys * width, (long)problem.Keys * width, width);

    /// <summary>The sums of one key head.</summary>
    private struct GroupJob : IParallelJob
    {
        public AttentionProblem Problem;
        public AttentionBackward.Targets Targets;
        public float* Keys;
        public float* Values;

        public readonly void Run(int index)
        {
            int b = index / Problem.KeyHeads, head = index % Problem.KeyHeads, first = head * Problem.Group;
            if (Keys != null)
            {
                Sum(
                    Targets.K + (b * Targets.KBatch) + (first * Targets.KHead), Targets.KHead,
                    Keys + (b * Problem.KBatch) + (head * Problem.KHead), Problem.KTime, Problem.Width);
            }

            if (Values != null)
            {
                Sum(
                    Targets.V + (b * Targets.VBatch) + (first * Targets.VHead), Targets.VHead,
                    Values + (b * Problem.VBatch) + (head * Problem.VHead), Problem.VTime, Problem.ValueWidth);
            }
        }

        private readonly void Sum(float* from, long fromHead, float* to, long toTime, int width)
        {
            for (int t = 0; t < Problem.Keys; t++, from += width, to += toTime)
            {
                var row = new Span<float>(to, width);
                new ReadOnlySpan<float>(from, width).CopyTo(row);
                for (int h = 1; h < Problem.Group; h++)
                {
                    TensorPrimitives.Add(row, new ReadOnlySpan<float>(from + (h * fromHead), width), row);
                }
            }
        }
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

    private static Shape Batched(Tensor tensor) => tensor.Rank == 3 ? tensor.Shape.Insert(0, 1) : tensor.Shape;

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
