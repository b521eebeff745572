using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Attention;
using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <content>Attention within the sequences of a packed batch.</content>
public static partial class Ops
{
    /// <summary>
    /// Attention of several sequences whose rows stand one after the other: each row sees rows of its own sequence alone. As
    /// <see cref="Attention"/> of each, without copies of its rows.
    /// </summary>
    /// <param name="query">Float32 [N, H, D].</param>
    /// <param name="key">Float32 [N, Hkv, D]; H is a multiple of Hkv.</param>
    /// <param name="value">Float32 [N, Hkv, Dv].</param>
    /// <param name="counts">How many rows each sequence has; together N.</param>
    /// <param name="masks">
    /// For each sequence of T rows Bool or U8 [1, 1 or H, 1 or T, T], which replaces the causal rule, or none. Empty for none at all.
    /// </param>
    /// <param name="options">Scale, causality, window, prefix, soft cap, of each sequence; time always comes first.</param>
    /// <returns>Float32 [N, H, Dv]. A row that sees none gets zeros.</returns>
    /// <remarks>Gradients reach query, key and value.</remarks>
    /// <exception cref="ShapeException">Shapes or counts do not fit; the error names the argument, a mask as <c>Mask</c>.</exception>
    /// <exception cref="DTypeException">Query, key or value is not float32, or a mask neither Bool nor U8.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is below 0, or a window, prefix or cap out of range.</exception>
    public static unsafe Tensor AttentionPacked(
        Tensor query, Tensor key, Tensor value, ReadOnlySpan<int> counts, ReadOnlySpan<Tensor> masks, AttentionOptions options)
    {
        options = options with { TimeFirst = true };
        RequireFloat32(key, nameof(key));
        CheckAttention(query, key, value, options, default, rank: 3);
        RequireShape(key, key.Shape.With(0, query.Shape[0]), nameof(key));
        if (masks.Length != 0 && masks.Length != counts.Length)
        {
            throw ShapeException.ForShape(nameof(masks), [masks.Length], $"a mask or none for each of {counts.Length} sequences");
        }

        int rows = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(counts[i], nameof(counts));
            rows = checked(rows + counts[i]);
            if (masks.Length != 0 && !masks[i].IsNone)
            {
                AttentionSetup.Check(new AttentionInputs { Mask = masks[i] }, 1, query.Shape[1], counts[i], counts[i]);
            }
        }

        if (rows != query.Shape[0])
        {
            throw ShapeException.ForShape(nameof(query), query.Shape, $"{rows} rows, as the counts say");
        }

        Tensor result = Result(query.Shape.With(-1, value.Shape[-1]));
        bool recorded = Tape.Wants([query, key, value]);
        Tensor logSum = recorded ? Temporary([query.Shape[1], rows, 2]) : default;
        AttentionProblem whole = AttentionSetup.Problem(query, key, value, result, logSum, options, default);
        NativeBuffer memory = TensorMemory.Rent(Math.Max(1L, counts.Length) * sizeof(AttentionProblem));
        try
        {
            var problems = (AttentionProblem*)memory.Pointer;
            int used = 0;
            for (int i = 0, start = 0; i < counts.Length; start += counts[i++])
            {
                problems[used] = AttentionSetup.Sequence(whole, start, counts[i], masks.Length == 0 ? default : masks[i]);
                used += counts[i] > 0 && !RunApart(problems[used], recorded) ? 1 : 0;
            }

            AttentionForward.Run(problems, used);
        }
        finally
        {
            memory.Release();
        }

        if (recorded)
        {
            TapeEntry entry = Tape.Record(&AttentionPackedGradient, result, [query, key, value])
                .Save(logSum).SaveState(options).SaveNumber(counts.Length).SaveNumber(masks.Length);
            for (int i = 0; i < counts.Length; i++)
            {
                entry.SaveNumber(counts[i]);
            }

            foreach (Tensor mask in masks)
            {
                entry.Save(mask);
            }

            return Owning(result, logSum);
        }

        return result;
    }

    private static unsafe void AttentionPackedGradient(TapeEntry entry)
    {
        Tensor query = entry.Input(0), key = entry.Input(1), value = entry.Input(2);
        int count = (int)entry.Number(0);
        bool masked = entry.Number(1) != 0;
        AttentionProblem whole = AttentionSetup.Problem(
            query, key, value, entry.Output(), entry.Saved(0), entry.State<AttentionOptions>(), default);
        bool shared = whole.Group > 1;
        Tensor dq = entry.Wants(0) ? AttentionTarget(query.Shape, whole.Heads) : default;
        Tensor dk = entry.Wants(1) ? AttentionTarget(key.Shape, whole.Heads) : default;
        Tensor dv = entry.Wants(2) ? AttentionTarget(value.Shape, whole.Heads) : default;
        Tensor keys = !shared || dk.IsNone ? dk : Result([whole.Heads, whole.Keys, whole.Width]);
        Tensor values = !shared || dv.IsNone ? dv : Result([whole.Heads, whole.Keys, whole.ValueWidth]);
        float* gradient = entry.OutputGrad().Floats;
        NativeBuffer memory = TensorMemory.Rent(
            Math.Max(1L, count) * (sizeof(AttentionProblem) + sizeof(AttentionBackward.Targets)));
        try
        {
            var problems = (AttentionProblem*)memory.Pointer;
            var targets = (AttentionBackward.Targets*)(problems + count);
            int used = 0;
            for (int i = 0, start = 0; i < count; i++)
            {
                int rows = (int)entry.Number(2 + i);
                if (rows == 0)
                {
                    continue;
                }

                problems[used] = AttentionSetup.Sequence(whole, start, rows, masked ? entry.Saved(1 + i) : default);
                targets[used] = new AttentionBackward.Targets
                {
                    OutGradient = gradient + (start * whole.OutTime),
                    Q = FloatsOrNull(dq, start * whole.QTime),
                    K = FloatsOrNull(keys, start * (shared ? (long)whole.Heads * whole.Width : whole.KTime)),
                    V = FloatsOrNull(values, start * (shared ? (long)whole.Heads * whole.ValueWidth : whole.VTime)),
                };
                AttentionSetup.Direct(problems[used], ref targets[used]);
                used++;
                start += rows;
            }

            AttentionBackward.Run(problems, targets, used);
            for (int i = 0, start = 0; shared && i < used; start += problems[i++].Keys)
            {
                AttentionSetup.SumGroups(
                    problems[i], targets[i], FloatsOrNull(dk, start * whole.KTime), FloatsOrNull(dv, start * whole.VTime));
            }
        }
        finally
        {
            memory.Release();
        }

        AddUnlessNone(entry, 0, dq);
        AddUnlessNone(entry, 1, dk);
        AddUnlessNone(entry, 2, dv);
    }
}
