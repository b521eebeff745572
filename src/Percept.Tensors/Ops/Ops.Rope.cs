using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>
/// Rotary position embedding (Su et al., 2021): tables of cosines and sines, and the turn. Plain, multi-axis and
/// two-dimensional embeddings differ only in their tables.
/// </content>
public static partial class Ops
{
    /// <summary>The tables for given positions: cos and sin of position·frequency, times a scale.</summary>
    /// <param name="positions">I32, I64 or F32: [T] or [B, T]; with several axes of position [A, T] or [A, B, T].</param>
    /// <param name="frequencies">The angle of a step of 1 for each of R/2 pairs.</param>
    /// <param name="axisOfPair">Which axis of position each pair follows; empty when there is one axis (and no axis A).</param>
    /// <param name="scale">A factor on both tables.</param>
    /// <returns>Two float32 tensors [T, R/2] or [B, T, R/2]. Angles are float32 products, as in the
    /// references, and their cosines and sines exact to the last bit but one.</returns>
    public static unsafe (Tensor Cos, Tensor Sin) RopeTables(
        Tensor positions, ReadOnlySpan<float> frequencies, ReadOnlySpan<int> axisOfPair = default, float scale = 1f)
    {
        bool several = axisOfPair.Length > 0;
        RequireRank(positions, several ? 2 : 1, several ? 3 : 2, nameof(positions));
        if (several && axisOfPair.Length != frequencies.Length)
        {
            throw new ArgumentException(
                $"There are {frequencies.Length} frequencies and axes for {axisOfPair.Length}.", nameof(axisOfPair));
        }

        int axes = several ? positions.Shape[0] : 1;
        foreach (int axis in axisOfPair)
        {
            if ((uint)axis >= (uint)axes)
            {
                throw new ArgumentOutOfRangeException(nameof(axisOfPair), axis, $"There are {axes} axes of position.");
            }
        }

        Shape places = several ? positions.Shape.Without(0) : positions.Shape;
        Shape shape = places.Insert(places.Rank, frequencies.Length);
        Tensor cos = Result(shape), sin = Result(shape);
        float* c = cos.Floats;
        float* s = sin.Floats;
        for (long t = 0; t < places.Count; t++)
        {
            for (int i = 0; i < frequencies.Length; i++)
            {
                long axis = several ? axisOfPair[i] : 0;
                float angle = (float)PositionAt(positions, (axis * places.Count) + t) * frequencies[i];
                *c++ = (float)(Math.Cos(angle) * scale);
                *s++ = (float)(Math.Sin(angle) * scale);
            }
        }

        return (cos, sin);
    }

    /// <summary>Turns the first R channels of each position by its angles; the others stay.</summary>
    /// <param name="input">Float32, [B, H, T, D] or, with <paramref name="headsFirst"/> false, [B, T, H, D]; [H, T, D] or
    /// [T, H, D] without a batch.</param>
    /// <param name="cos">Float32, [T, R/2] or [B, T, R/2].</param>
    /// <param name="sin">Float32 of the same shape.</param>
    /// <param name="layout">Which channels turn together.</param>
    /// <param name="headsFirst">Whether heads stand before positions.</param>
    public static unsafe Tensor Rope(
        Tensor input, Tensor cos, Tensor sin, RopeLayout layout = RopeLayout.Halves, bool headsFirst = true)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(cos, nameof(cos));
        RequireFloat32(sin, nameof(sin));
        RequireNoGradient(cos, nameof(cos));
        RequireNoGradient(sin, nameof(sin));
        RequireRank(input, 3, 4, nameof(input));
        RequireRank(cos, 2, 3, nameof(cos));
        RequireShape(sin, cos.Shape, nameof(sin));
        int timeAxis = headsFirst ? -2 : -3;
        int batch = input.Rank == 4 ? input.Shape[0] : 1;
        bool fits = cos.Shape[-2] == input.Shape[timeAxis] && (cos.Rank == 2 || cos.Shape[0] == batch)
            && 2 * cos.Shape[-1] <= input.Shape[-1];
        if (!fits)
        {
            throw ShapeException.ForShape(
                nameof(cos), cos.Shape, $"[T, R/2] or [B, T, R/2] for T = {input.Shape[timeAxis]}, B = {batch}, R up to {input.Shape[-1]}");
        }

        Tensor result = Result(input.Shape);
        RopeKernels.Apply(
            input.Floats, result.Floats, RowsOfRope(input, cos, headsFirst), input.Shape[-1], 2L * cos.Shape[-1], cos.Floats,
            sin.Floats, (RopePairs)layout, back: false);
        if (Tape.Wants(input))
        {
            Tape.Record(&RopeGradient, result, [input]).Save(cos).Save(sin).SaveNumber((int)layout).SaveNumber(headsFirst ? 1 : 0)
                .LeavesAll();
        }

        return result;
    }

    private static unsafe void RopeGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0), cos = entry.Saved(0), sin = entry.Saved(1);
        Tensor gradient = Result(input.Shape);
        RopeKernels.Apply(
            entry.OutputGrad().Floats, gradient.Floats, RowsOfRope(input, cos, entry.Number(1) != 0), input.Shape[-1],
            2L * cos.Shape[-1], cos.Floats, sin.Floats, (RopePairs)(int)entry.Number(0), back: true);
        entry.Add(0, gradient);
    }

    private static RopeRows RowsOfRope(Tensor input, Tensor cos, bool headsFirst)
    {
        long batch = input.Rank == 4 ? input.Shape[0] : 1;
        long times = cos.Shape[-2];
        return new RopeRows(
            batch, input.Shape[-3], input.Shape[-2], cos.Rank == 3 ? times : 0, headsFirst ? 0 : 1, headsFirst ? 1 : 0);
    }

    private static unsafe double PositionAt(Tensor positions, long index) => positions.DType switch
    {
        DType.F32 => positions.Floats[index],
        DType.I32 => ((int*)positions.Pointer)[index],
        DType.I64 => ((long*)positions.Pointer)[index],
        _ => throw new DTypeException(nameof(positions), "I32, I64 or F32", positions.DType),
    };
}
