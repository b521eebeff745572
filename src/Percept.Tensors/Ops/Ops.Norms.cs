using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Norms over the last axes or one axis. Statistics are worked out again for the gradient; only the input is kept.</content>
public static partial class Ops
{
    /// <summary>(x − mean)/√(var + eps)·weight + bias over the last axes, with the biased variance.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="weight">Float32 of the shape of the last <paramref name="axes"/> axes, or none.</param>
    /// <param name="bias">Float32 of the same shape, or none.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="axes">How many axes, counted from the last, are normalised together.</param>
    public static Tensor LayerNorm(Tensor input, Tensor? weight = null, Tensor? bias = null, float eps = 1e-5f, int axes = 1)
    {
        RequireFloat32(input, nameof(input));
        if (axes < 1 || axes > input.Rank)
        {
            throw new ArgumentOutOfRangeException(nameof(axes), axes, $"A tensor of shape {input.Shape} has no {axes} last axes.");
        }

        Shape tail = Shape.Create(input.Shape.Sizes[(input.Rank - axes)..]);
        RequireAffine(weight, tail, nameof(weight));
        RequireAffine(bias, tail, nameof(bias));
        return NormAlong(input, OrNone(weight), OrNone(bias), new NormSpec(true, eps, 0f), input.Rank - axes, input.Rank);
    }

    /// <summary>Layer norm over the channels of [B, C, ...].</summary>
    /// <param name="input">Float32, [B, C, ...].</param>
    /// <param name="weight">Float32, [C], or none.</param>
    /// <param name="bias">Float32, [C], or none.</param>
    /// <param name="eps">Added to the variance.</param>
    public static Tensor LayerNormChannelsFirst(Tensor input, Tensor? weight = null, Tensor? bias = null, float eps = 1e-6f)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 2, Shape.MaxRank, nameof(input));
        RequireAffine(weight, [input.Shape[1]], nameof(weight));
        RequireAffine(bias, [input.Shape[1]], nameof(bias));
        return NormAlong(input, OrNone(weight), OrNone(bias), new NormSpec(true, eps, 0f), 1, 2);
    }

    /// <summary>x/√(mean x² + eps)·weight over the last axis.</summary>
    /// <param name="input">Float32, [..., N].</param>
    /// <param name="weight">Float32, [N], or none.</param>
    /// <param name="eps">Added to the mean square.</param>
    /// <param name="unitOffset">Whether the factor is 1 + weight.</param>
    public static Tensor RmsNorm(Tensor input, Tensor? weight = null, float eps = 1e-6f, bool unitOffset = false)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 1, Shape.MaxRank, nameof(input));
        RequireAffine(weight, [input.Shape[-1]], nameof(weight));
        var spec = new NormSpec(false, eps, unitOffset ? 1f : 0f);
        return NormAlong(input, OrNone(weight), default, spec, input.Rank - 1, input.Rank);
    }

    /// <summary>x/max(‖x‖, eps) along an axis; below eps the divisor is a constant for the gradient.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="eps">The least divisor.</param>
    public static unsafe Tensor L2Normalize(Tensor input, int axis = -1, float eps = 1e-12f)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        var along = new Along(input, axis);
        Tensor result = Result(input.Shape), rows = ToRows(input, along), target = RowsFor(result, along);
        NormalizeKernels.Forward(rows.Floats, eps, target.Floats, along.Rows, along.Size);
        EndRows(rows, input);
        FromRows(target, result, along, along.Size);
        if (Tape.Wants(input))
        {
            Tape.Record(&L2NormalizeGradient, result, [input]).SaveNumber(axis).SaveNumber(eps);
        }

        return result;
    }

    /// <summary>The cosine of the angle between vectors along an axis: a·b/(max(‖a‖, eps)·max(‖b‖, eps)).</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32; the shapes stretch to each other.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="eps">The least norm.</param>
    public static Tensor CosineSimilarity(Tensor a, Tensor b, int axis = -1, float eps = 1e-8f)
    {
        RequireFloat32(a, nameof(a));
        RequireFloat32(b, nameof(b));

        // Stretched before the norms are taken: the axis itself may be one of those that stretch.
        Shape shape = Shape.Broadcast(a.Shape, b.Shape, nameof(b));
        Tensor left = a.Shape == shape ? a : BroadcastTo(a, shape), right = b.Shape == shape ? b : BroadcastTo(b, shape);
        axis = RequireAxis(left, axis, nameof(axis));
        Tensor first = L2Normalize(left, axis, eps), second = L2Normalize(right, axis, eps), products = Multiply(first, second);
        Tensor result = Owning(Sum(products, axis), first, second, products);
        _ = left == a ? result : Owning(result, left);
        return right == b ? result : Owning(result, right);
    }

    /// <summary>g·v/‖v‖, the norm over all axes but one.</summary>
    /// <param name="v">The direction, float32.</param>
    /// <param name="g">The length, float32: [n] or v's shape with other axes 1, n the size of the axis.</param>
    /// <param name="axis">The axis that keeps its own lengths.</param>
    public static Tensor WeightNorm(Tensor v, Tensor g, int axis = 0)
    {
        RequireFloat32(v, nameof(v));
        RequireFloat32(g, nameof(g));
        axis = RequireAxis(v, axis, nameof(v));
        if (g.Count != v.Shape[axis])
        {
            throw ShapeException.ForShape(nameof(g), g.Shape, $"{v.Shape[axis]} elements, one for each index of axis {axis}");
        }

        Shape shape = v.Shape;
        Span<int> others = stackalloc int[Shape.MaxRank];
        int count = 0;
        for (int i = 0; i < v.Rank; i++)
        {
            if (i != axis)
            {
                shape = shape.With(i, 1);
                others[count++] = i;
            }
        }

        Tensor squares = Square(v);
        Tensor norm = Sqrt(count == 0 ? squares : Sum(squares, others[..count], keepAxes: true));
        return Multiply(v, Divide(Reshape(g, shape), norm));
    }

    private static void RequireAffine(Tensor? tensor, in Shape shape, string argument)
    {
        if (tensor is { } given)
        {
            RequireFloat32(given, argument);
            RequireShape(given, shape, argument);
        }
    }

    /// <summary>Normalises over axes first … end − 1, which are made the last ones when they are not.</summary>
    private static unsafe Tensor NormAlong(Tensor input, Tensor weight, Tensor bias, NormSpec spec, int first, int end)
    {
        long outer = input.Shape.CountBefore(first);
        long inner = input.Shape.CountFrom(end);
        long size = 1;
        for (int axis = first; axis < end; axis++)
        {
            size *= input.Shape[axis];
        }

        Tensor result = Result(input.Shape);
        bool last = inner == 1;
        Tensor rows = last ? input : Result(input.Shape), target = last ? result : Result(input.Shape);
        if (!last)
        {
            AxisRows.Swap(input.Floats, rows.Floats, outer, size, inner);
        }

        NormKernels.Forward(
            rows.Floats, weight.IsNone ? null : weight.Floats, bias.IsNone ? null : bias.Floats, spec, target.Floats, outer * inner, size);
        if (!last)
        {
            AxisRows.Swap(target.Floats, result.Floats, outer, inner, size);
            rows.Dispose();
            target.Dispose();
        }

        if (Tape.Wants([input, weight, bias]))
        {
            Tape.Record(&NormAlongGradient, result, [input, weight, bias]).SaveState(spec).SaveNumber(outer).SaveNumber(size)
                .SaveNumber(inner).LeavesOutputs();
        }

        return result;
    }

    private static unsafe void NormAlongGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0), weight = entry.Input(1), upstream = entry.OutputGrad();
        long outer = (long)entry.Number(0), size = (long)entry.Number(1), inner = (long)entry.Number(2);
        Tensor rows = input, rowsUpstream = upstream;
        if (inner != 1)
        {
            rows = Result(input.Shape);
            rowsUpstream = Result(input.Shape);
            AxisRows.Swap(input.Floats, rows.Floats, outer, size, inner);
            AxisRows.Swap(upstream.Floats, rowsUpstream.Floats, outer, size, inner);
        }

        Tensor dx = entry.Wants(0) ? Result(input.Shape) : default;
        Tensor dweight = entry.Wants(1) ? Result(weight.Shape) : default;
        Tensor dbias = entry.Wants(2) ? Result(entry.Input(2).Shape) : default;
        NormKernels.Gradient(
            rows.Floats, weight.IsNone ? null : weight.Floats, entry.State<NormSpec>(), rowsUpstream.Floats, OrNull(dx), OrNull(dweight),
            OrNull(dbias), outer * inner, size);
        if (!dx.IsNone && inner != 1)
        {
            AxisRows.Swap(dx.Floats, rows.Floats, outer, inner, size);
            dx = rows;
        }

        AddUnlessNone(entry, 0, dx);
        AddUnlessNone(entry, 1, dweight);
        AddUnlessNone(entry, 2, dbias);
    }

    private static unsafe void L2NormalizeGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        var along = new Along(input, (int)entry.Number(0));
        Tensor gradient = Result(input.Shape), target = RowsFor(gradient, along);
        NormalizeKernels.Gradient(
            ToRows(input, along).Floats, (float)entry.Number(1), ToRows(entry.OutputGrad(), along).Floats, target.Floats, along.Rows,
            along.Size);
        FromRows(target, gradient, along, along.Size);
        entry.Add(0, gradient);
    }

    private static unsafe float* OrNull(Tensor tensor) => tensor.IsNone ? null : tensor.Floats;

    private static void AddUnlessNone(TapeEntry entry, int input, Tensor gradient)
    {
        if (!gradient.IsNone)
        {
            entry.Add(input, gradient);
        }
    }
}
