using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Extremes and order: max, min, arg-max, top-k, sort. NaN is the greatest, as in PyTorch.</content>
public static partial class Ops
{
    /// <summary>The greatest of all elements, a scalar; ties share the gradient.</summary>
    /// <param name="input">Float32, not empty.</param>
    public static Tensor AMax(Tensor input) => Extreme(RowReduction.Greatest, Flat(input), 0, keepAxis: false);

    /// <summary>The greatest along an axis; ties share the gradient.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis, not empty.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor AMax(Tensor input, int axis, bool keepAxis = false) =>
        Extreme(RowReduction.Greatest, input, axis, keepAxis);

    /// <summary>The least of all elements, a scalar; ties share the gradient.</summary>
    /// <param name="input">Float32, not empty.</param>
    public static Tensor AMin(Tensor input) => Extreme(RowReduction.Least, Flat(input), 0, keepAxis: false);

    /// <summary>The least along an axis; ties share the gradient.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis, not empty.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor AMin(Tensor input, int axis, bool keepAxis = false) => Extreme(RowReduction.Least, input, axis, keepAxis);

    /// <summary>The greatest along an axis and its place (the first of equals), which alone gets the gradient.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis, not empty.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    /// <returns>The values, float32, and the places, I64.</returns>
    public static (Tensor Values, Tensor Indices) Max(Tensor input, int axis, bool keepAxis = false) =>
        ExtremeWithPlace(RowReduction.Greatest, input, axis, keepAxis);

    /// <summary>The least along an axis and its place (the first of equals), which alone gets the gradient.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis, not empty.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    /// <returns>The values, float32, and the places, I64.</returns>
    public static (Tensor Values, Tensor Indices) Min(Tensor input, int axis, bool keepAxis = false) =>
        ExtremeWithPlace(RowReduction.Least, input, axis, keepAxis);

    /// <summary>Where the greatest along an axis stands: the first of equals. I64.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis, not empty.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor ArgMax(Tensor input, int axis = -1, bool keepAxis = false) =>
        Places(RowReduction.Greatest, input, axis, keepAxis);

    /// <summary>Where the least along an axis stands: the first of equals. I64.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis, not empty.</param>
    /// <param name="keepAxis">Whether the axis stays, with one element.</param>
    public static Tensor ArgMin(Tensor input, int axis = -1, bool keepAxis = false) =>
        Places(RowReduction.Least, input, axis, keepAxis);

    /// <summary>The k greatest (or least) along an axis in order, and their places; of equals the first comes first.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="k">How many, at most the size of the axis.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="largest">Whether the greatest are wanted.</param>
    /// <returns>The values, float32, and the places, I64.</returns>
    public static unsafe (Tensor Values, Tensor Indices) TopK(Tensor input, int k, int axis = -1, bool largest = true)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        var along = new Along(input, axis);
        if (k < 0 || k > along.Size)
        {
            throw new ArgumentOutOfRangeException(nameof(k), k, $"Axis {axis} of {input.Shape} has {along.Size} elements, not {k}.");
        }

        Shape shape = input.Shape.With(axis, k);
        Tensor values = Result(shape), indices = Result(shape, DType.I64);
        Tensor rows = ToRows(input, along);
        Tensor rowValues = RowsFor(values, along), rowIndices = along.Inner == 1 ? indices : Result(shape, DType.I64);
        SortKernels.Select(rows.Floats, rowValues.Floats, (long*)rowIndices.Pointer, along.Rows, along.Size, k, largest);
        EndRows(rows, input);
        FromRows(rowValues, values, along, k);
        FromRowsOfPlaces(rowIndices, indices, along, k);
        if (Tape.Wants(input))
        {
            Tape.Record(&PlacesGradient, values, [input]).Save(indices).SaveNumber(axis);
        }

        return (values, indices);
    }

    /// <summary>The elements along an axis in order, and where each stood; stable.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="descending">Whether the greatest comes first.</param>
    /// <returns>The values, float32, and the places, I64.</returns>
    public static (Tensor Values, Tensor Indices) Sort(Tensor input, int axis = -1, bool descending = false)
    {
        int at = RequireAxis(input, axis, nameof(input));
        return TopK(input, input.Shape[at], at, descending);
    }

    /// <summary>Where each element of the sorted axis stood; stable. I64.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="descending">Whether the greatest comes first.</param>
    public static Tensor ArgSort(Tensor input, int axis = -1, bool descending = false)
    {
        using (Gradients.Off())
        {
            (Tensor values, Tensor indices) = Sort(input, axis, descending);
            values.Dispose();
            return indices;
        }
    }

    private static Tensor Flat(Tensor input)
    {
        RequireFloat32(input, nameof(input));
        return Reshape(input, [checked((int)input.Count)]);
    }

    private static int RequireNotEmpty(Tensor input, int axis)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        return input.Shape[axis] > 0
            ? axis
            : throw new ShapeException(
                $"Axis {axis} of 'input' of shape {input.Shape} is empty: it has no extreme.", nameof(input), axis, "at least 1", "0");
    }

    private static unsafe Tensor Extreme(RowReduction reduction, Tensor input, int axis, bool keepAxis)
    {
        axis = RequireNotEmpty(input, axis);
        Tensor result = ReduceRows(reduction, input, ref axis, keepAxis, 0);
        if (Tape.Wants(input))
        {
            Tape.Record(&ExtremeGradient, result, [input]).SaveNumber(axis);
        }

        return result;
    }

    private static unsafe void ExtremeGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        var along = new Along(input, (int)entry.Number(0));
        Tensor gradient = Result(input.Shape), target = RowsFor(gradient, along);
        RowReductions.ShareAmongTies(
            ToRows(input, along).Floats, entry.Output().Floats, entry.OutputGrad().Floats, target.Floats, along.Rows, along.Size,
            absolute: false);
        FromRows(target, gradient, along, along.Size);
        entry.Add(0, gradient);
    }

    private static unsafe (Tensor Values, Tensor Indices) ExtremeWithPlace(
        RowReduction reduction, Tensor input, int axis, bool keepAxis)
    {
        axis = RequireNotEmpty(input, axis);
        var along = new Along(input, axis);
        Shape shape = Reduced(input.Shape, axis, keepAxis);
        Tensor values = Result(shape), indices = Result(shape, DType.I64), rows = ToRows(input, along);
        RowReductions.Run(reduction, rows.Floats, values.Floats, (long*)indices.Pointer, along.Rows, along.Size);
        EndRows(rows, input);
        if (Tape.Wants(input))
        {
            Tape.Record(&PlacesGradient, values, [input]).Save(indices).SaveNumber(axis);
        }

        return (values, indices);
    }

    private static unsafe Tensor Places(RowReduction reduction, Tensor input, int axis, bool keepAxis)
    {
        axis = RequireNotEmpty(input, axis);
        var along = new Along(input, axis);
        Tensor indices = Result(Reduced(input.Shape, axis, keepAxis), DType.I64), rows = ToRows(input, along);
        RowReductions.Run(reduction, rows.Floats, null, (long*)indices.Pointer, along.Rows, along.Size);
        EndRows(rows, input);
        return indices;
    }

    /// <summary>Puts each gradient back to the place along the axis that its value came from.</summary>
    private static unsafe void PlacesGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0), indices = entry.Saved(0);
        var along = new Along(input, (int)entry.Number(0));
        Tensor gradient = Zeros(input.Shape);
        float* upstream = entry.OutputGrad().Floats;
        long* places = (long*)indices.Pointer;
        long perRow = along.Rows == 0 ? 0 : indices.Count / along.Rows;
        for (long i = 0; i < indices.Count; i++)
        {
            // Upstream is [outer, k, inner].
            long outer = i / (perRow * along.Inner);
            gradient.Floats[(((outer * along.Size) + places[i]) * along.Inner) + (i % along.Inner)] += upstream[i];
        }

        entry.Add(0, gradient);
    }
}
