using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Attention;
using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <content>Attention of several sequences, each over keys of its own.</content>
public static partial class Ops
{
    /// <summary>
    /// Causal attention of a packed batch: the queries of each sequence, which are its last tokens, see its own keys. As
    /// <see cref="Attention"/> of each, in one pass over all.
    /// </summary>
    /// <param name="query">Float32 [N, H, D]: the rows of the sequences one after the other.</param>
    /// <param name="counts">How many rows each sequence has; together N.</param>
    /// <param name="keys">For each sequence F32, F16 or BF16 [1, T, Hkv, D].</param>
    /// <param name="values">For each sequence the same type, [1, T, Hkv, Dv].</param>
    /// <param name="scale">Factor of scores; null for 1/√D.</param>
    /// <param name="window">How many tokens a query sees, itself counted; null for all.</param>
    /// <param name="softCap">Cap of scores; null for none.</param>
    /// <returns>Float32 [N, H, Dv].</returns>
    /// <exception cref="ShapeException">Shapes or counts do not fit; the error names the argument.</exception>
    /// <exception cref="InvalidOperationException">Gradients are recorded.</exception>
    public static unsafe Tensor AttentionSequences(
        Tensor query, ReadOnlySpan<int> counts, ReadOnlySpan<Tensor> keys, ReadOnlySpan<Tensor> values, float? scale = null,
        int? window = null, float? softCap = null)
    {
        RequireFloat32(query, nameof(query));
        RequireRank(query, 3, 3, nameof(query));
        if (Tape.Wants(query) || Tape.Wants(keys) || Tape.Wants(values))
        {
            throw new InvalidOperationException("Attention over caches keeps no gradients. Turn recording off.");
        }

        if (keys.Length != counts.Length || values.Length != counts.Length || counts.Length == 0)
        {
            throw ShapeException.ForShape(nameof(keys), [keys.Length], $"keys and values of each of {counts.Length} sequences, at least one");
        }

        var settings = new AttentionOptions
        {
            Scale = scale, Window = window, SoftCap = softCap, Causal = true, AlignEnd = true, TimeFirst = true,
        };
        int heads = query.Shape[1], width = query.Shape[2];
        Tensor result = Result([query.Shape[0], heads, values[0].Shape[-1]]);
        NativeBuffer memory = TensorMemory.Rent((long)counts.Length * sizeof(AttentionProblem));
        try
        {
            AttentionProblem* problems = (AttentionProblem*)memory.Pointer;
            int start = 0, streamed = 0;
            for (int i = 0; i < counts.Length; i++)
            {
                Tensor own = query.Rows(start, counts[i]).View([1, counts[i], heads, width]);
                CheckAttention(own, keys[i], values[i], settings, default);
                RequireShape(values[i], values[i].Shape.With(3, result.Shape[2]), nameof(values));
                Tensor part = result.Rows(start, counts[i]).View([1, counts[i], heads, result.Shape[2]]);
                AttentionProblem problem = AttentionSetup.Problem(own, keys[i], values[i], part, default, settings, default);
                start += counts[i];
                if (AttentionDecode.Fits(problem))
                {
                    problems[streamed++] = problem;
                }
                else
                {
                    AttentionForward.Run(problem);
                }
            }

            if (start != query.Shape[0])
            {
                throw ShapeException.ForShape(nameof(query), query.Shape, $"{start} rows, as the counts say");
            }

            AttentionDecode.Run(problems, streamed);
        }
        finally
        {
            memory.Release();
        }

        return result;
    }
}
