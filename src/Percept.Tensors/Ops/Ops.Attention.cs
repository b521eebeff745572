using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Kernels.Attention;

namespace Percept.Tensors;

/// <content>Attention.</content>
public static partial class Ops
{
    /// <summary>
    /// softmax(scale·q·kᵀ + …)·v for every head, without a matrix of all scores: memory grows with T, not with T².
    /// </summary>
    /// <param name="query">Float32 [B, H, Tq, D]; [B, Tq, H, D] when options say time first.</param>
    /// <param name="key">Float32, F16 or BF16 [B, Hkv, Tk, D]; H is a multiple of Hkv, and query head h uses key head h / (H / Hkv).</param>
    /// <param name="value">As the key's type, [B, Hkv, Tk, Dv].</param>
    /// <param name="options">Scale, causality, window, prefix, soft cap, layout.</param>
    /// <param name="inputs">Mask, bias, slopes, sinks, lengths and segments.</param>
    /// <returns>Float32 [B, H, Tq, Dv] in the query's layout. A query that sees no key gets zeros.</returns>
    /// <remarks>
    /// Gradients reach query, key and value (float32), bias and sinks. In order, scores are scaled, capped, biased, then hidden.
    /// A bias of the lowest float is a number like any other: a row that has it everywhere is spread evenly.
    /// </remarks>
    /// <exception cref="ShapeException">Shapes do not fit; the error names the argument.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A window, prefix, cap or key length is out of range.</exception>
    public static unsafe Tensor Attention(
        Tensor query, Tensor key, Tensor value, AttentionOptions? options = null, AttentionInputs? inputs = null)
    {
        AttentionOptions settings = options ?? new AttentionOptions();
        AttentionInputs extra = inputs ?? default;
        CheckAttention(query, key, value, settings, extra);
        Tensor result = Result(query.Shape.With(-1, value.Shape[-1]));
        int time = settings.TimeFirst ? 1 : 2, head = settings.TimeFirst ? 2 : 1;
        bool recorded = Tape.Wants([query, key, value, OrNone(extra.Bias), OrNone(extra.Sinks)]);
        if (recorded && key.DType != DType.F32)
        {
            throw new DTypeException(nameof(key), "F32 where gradients are recorded", key.DType);
        }

        Tensor logSum = recorded ? Temporary([query.Shape[0], query.Shape[head], query.Shape[time], 2]) : default;
        AttentionProblem problem = AttentionSetup.Problem(query, key, value, result, logSum, settings, extra);
        if (!RunApart(problem, recorded))
        {
            AttentionForward.Run(problem);
        }

        if (recorded)
        {
            Tape.Record(&AttentionGradient, result, [query, key, value, OrNone(extra.Bias), OrNone(extra.Sinks)])
                .Save(logSum).Save(OrNone(extra.Mask)).Save(OrNone(extra.Slopes)).Save(OrNone(extra.KeyLengths))
                .Save(OrNone(extra.QuerySegments)).Save(OrNone(extra.KeySegments)).SaveState((settings, extra));
            return Owning(result, logSum);
        }

        return result;
    }

    /// <summary>Runs a problem for which there is a kernel other than <see cref="AttentionForward"/>; false where there is none.</summary>
    private static bool RunApart(in AttentionProblem problem, bool recorded)
    {
        if (AttentionDecode.Fits(problem))
        {
            AttentionDecode.Run(problem);
            return true;
        }

        if (!recorded && AttentionBF16.Fits(problem))
        {
            AttentionBF16.Run(problem);
            return true;
        }

        return false;
    }

    private static unsafe void AttentionGradient(TapeEntry entry)
    {
        Tensor query = entry.Input(0), key = entry.Input(1), value = entry.Input(2);
        (AttentionOptions settings, AttentionInputs extra) = entry.State<(AttentionOptions, AttentionInputs)>();
        AttentionProblem problem = AttentionSetup.Problem(query, key, value, entry.Output(), entry.Saved(0), settings, extra);
        bool shared = problem.Group > 1;
        Tensor dq = entry.Wants(0) ? AttentionTarget(query.Shape, problem.Heads) : default;
        Tensor dk = entry.Wants(1) ? AttentionTarget(key.Shape, problem.Heads) : default;
        Tensor dv = entry.Wants(2) ? AttentionTarget(value.Shape, problem.Heads) : default;
        Tensor keys = !shared || dk.IsNone ? dk : Result([problem.Batch, problem.Heads, problem.Keys, problem.Width]);
        Tensor values = !shared || dv.IsNone ? dv : Result([problem.Batch, problem.Heads, problem.Keys, problem.ValueWidth]);
        Tensor bias = entry.Wants(3) ? Zeros(entry.Input(3).Shape) : default;
        Tensor sinks = entry.Wants(4) ? Zeros(entry.Input(4).Shape) : default;
        Tensor parts = entry.Wants(4) ? Zeros([problem.Batch, problem.Heads], DType.F64) : default;
        var targets = new AttentionBackward.Targets
        {
            OutGradient = entry.OutputGrad().Floats,
            Q = FloatsOrNull(dq),
            K = FloatsOrNull(keys),
            V = FloatsOrNull(values),
            Bias = FloatsOrNull(bias),
            Sinks = FloatsOrNull(sinks),
            SinkParts = parts.IsNone ? null : (double*)parts.Pointer,
        };
        AttentionSetup.Direct(problem, ref targets);
        AttentionBackward.Run(problem, targets);
        if (shared)
        {
            AttentionSetup.SumGroups(problem, targets, FloatsOrNull(dk), FloatsOrNull(dv));
        }

        AddUnlessNone(entry, 0, dq);
        AddUnlessNone(entry, 1, dk);
        AddUnlessNone(entry, 2, dv);
        AddUnlessNone(entry, 3, bias);
        AddUnlessNone(entry, 4, sinks);
    }

    /// <summary>Memory that the heads' items overwrite; zeros where there is none.</summary>
    private static Tensor AttentionTarget(in Shape shape, int heads) => heads == 0 ? Zeros(shape) : Result(shape);

    private static unsafe float* FloatsOrNull(Tensor tensor, long offset = 0) => tensor.IsNone ? null : tensor.Floats + offset;

    private static void CheckAttention(
        Tensor query, Tensor key, Tensor value, in AttentionOptions settings, in AttentionInputs extra, int rank = 4)
    {
        RequireFloat32(query, nameof(query));
        RequireRank(query, rank, rank, nameof(query));
        key.ThrowIfGone(nameof(key));
        if (key.DType is not (DType.F32 or DType.F16 or DType.BF16))
        {
            throw new DTypeException(nameof(key), "F32, F16 or BF16", key.DType);
        }

        RequireType(value, key.DType, nameof(value));
        RequireRank(key, rank, rank, nameof(key));
        RequireRank(value, rank, rank, nameof(value));
        int head = (settings.TimeFirst ? 2 : 1) + rank - 4, time = (settings.TimeFirst ? 1 : 2) + rank - 4;
        int heads = query.Shape[head], keyHeads = key.Shape[head], batch = rank == 4 ? query.Shape[0] : 1;
        if (keyHeads == 0 ? heads != 0 : heads % keyHeads != 0)
        {
            throw ShapeException.ForShape(nameof(key), key.Shape, $"a number of heads that divides the query's {heads}");
        }

        RequireShape(key, query.Shape.With(head, keyHeads).With(time, key.Shape[time]), nameof(key));
        RequireShape(value, key.Shape.With(-1, value.Shape[-1]), nameof(value));
        if (settings.Window is { } window)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(window, 1, nameof(settings.Window));
        }

        if (settings.SoftCap is { } cap)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(cap, nameof(settings.SoftCap));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(settings.Prefix, nameof(settings.Prefix));
        AttentionSetup.Check(extra, batch, heads, query.Shape[time], key.Shape[time]);
    }
}
