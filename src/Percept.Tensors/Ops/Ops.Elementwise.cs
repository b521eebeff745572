using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>
/// Functions of two tensors whose shapes are stretched to each other (axes of one element, or missing in front). Gradients
/// are summed over stretched axes. Integers (I32, I64) take part in sums, products and comparisons, without gradients.
/// </content>
public static partial class Ops
{
    /// <summary>a + b.</summary>
    /// <param name="a">Float32, or I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Add(Tensor a, Tensor b) =>
        IsInteger(a) ? IntegerArithmetic(IntegerOperation.Add, a, b) : Binary<AddOp>(a, b);

    /// <summary>a − b.</summary>
    /// <param name="a">Float32, or I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Subtract(Tensor a, Tensor b) =>
        IsInteger(a) ? IntegerArithmetic(IntegerOperation.Subtract, a, b) : Binary<SubtractOp>(a, b);

    /// <summary>a·b.</summary>
    /// <param name="a">Float32, or I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Multiply(Tensor a, Tensor b) =>
        IsInteger(a) ? IntegerArithmetic(IntegerOperation.Multiply, a, b) : Binary<MultiplyOp>(a, b);

    /// <summary>a/b.</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32; the shapes stretch to each other.</param>
    public static Tensor Divide(Tensor a, Tensor b) => Binary<DivideOp>(a, b);

    /// <summary>The greater of each pair; ties share the gradient in halves.</summary>
    /// <param name="a">Float32, or I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Maximum(Tensor a, Tensor b) =>
        IsInteger(a) ? IntegerArithmetic(IntegerOperation.Maximum, a, b) : Binary<MaximumOp>(a, b);

    /// <summary>The lesser of each pair; ties share the gradient in halves.</summary>
    /// <param name="a">Float32, or I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Minimum(Tensor a, Tensor b) =>
        IsInteger(a) ? IntegerArithmetic(IntegerOperation.Minimum, a, b) : Binary<MinimumOp>(a, b);

    /// <summary>⌊a/b⌋ of integers, as in Python.</summary>
    /// <param name="a">I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    /// <exception cref="DivideByZeroException">A divisor is 0.</exception>
    public static Tensor FloorDivide(Tensor a, Tensor b) => IntegerArithmetic(IntegerOperation.FloorDivide, a, b);

    /// <summary>a − b·⌊a/b⌋ of integers, as in Python.</summary>
    /// <param name="a">I32 or I64.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    /// <exception cref="DivideByZeroException">A divisor is 0.</exception>
    public static Tensor Remainder(Tensor a, Tensor b) => IntegerArithmetic(IntegerOperation.Remainder, a, b);

    /// <summary>a^b.</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32; the shapes stretch to each other.</param>
    public static Tensor Power(Tensor a, Tensor b) => Binary<PowerOp>(a, b);

    /// <summary>The angle of the point (b, a), in −π … π.</summary>
    /// <param name="a">The ordinate, float32.</param>
    /// <param name="b">The abscissa, float32; the shapes stretch to each other.</param>
    public static Tensor Atan2(Tensor a, Tensor b) => Binary<Atan2Op>(a, b);

    /// <summary>a + weight·(b − a), exactly a at weight 0 and exactly b at weight 1.</summary>
    /// <param name="a">Float32.</param>
    /// <param name="b">Float32.</param>
    /// <param name="weight">Float32; the three shapes stretch to each other.</param>
    public static Tensor Lerp(Tensor a, Tensor b, Tensor weight)
    {
        RequireFloat32(a, nameof(a));
        RequireFloat32(b, nameof(b));
        RequireFloat32(weight, nameof(weight));

        // From the nearer end, as PyTorch does: rounding grows with the way.
        Tensor one = Full([1], 1f), half = Full([1], 0.5f), size = Abs(weight), near = Less(size, half);
        Tensor way = Subtract(b, a), forth = Multiply(weight, way), rest = Subtract(one, weight), back = Multiply(way, rest);
        Tensor fromA = Add(a, forth), fromB = Subtract(b, back);
        return Owning(Where(near, fromA, fromB), one, half, size, near, way, forth, rest, back, fromA, fromB);
    }

    /// <summary>Sums a tensor over the axes along which a smaller shape was stretched to it. Not recorded.</summary>
    internal static unsafe Tensor SumTo(Tensor input, in Shape shape)
    {
        if (input.Shape == shape)
        {
            return input;
        }

        // Axes to sum over: those in front, and those of one element in the smaller shape. Runs of them go together, last run first.
        Tensor current = input;
        int extra = input.Rank - shape.Rank;
        Shape sizes = input.Shape;
        for (int axis = input.Rank - 1; axis >= 0; axis--)
        {
            if (!Summed(axis, shape, extra) || sizes[axis] == 1)
            {
                continue;
            }

            int first = axis;
            while (first > 0 && Summed(first - 1, shape, extra))
            {
                first--;
            }

            long outer = sizes.CountBefore(first);
            long length = sizes.CountBefore(axis + 1) / Math.Max(outer, 1);
            long inner = sizes.CountFrom(axis + 1);
            for (int i = first; i <= axis; i++)
            {
                sizes = sizes.With(i, 1);
            }

            Tensor next = Result(sizes);
            ReductionKernels.SumAxis(current.Floats, next.Floats, outer, length, inner);
            EndRows(current, input);
            current = next;
            axis = first;
        }

        Tensor view = ResultView(current, 0, shape);
        EndRows(current, input);
        return view;

        static bool Summed(int axis, in Shape shape, int extra) => axis < extra || shape[axis - extra] == 1;
    }

    private static unsafe Tensor Binary<TOp>(Tensor a, Tensor b)
        where TOp : struct, IBinaryOp
    {
        RequireFloat32(a, nameof(a));
        RequireFloat32(b, nameof(b));
        Shape shape = Shape.Broadcast(a.Shape, b.Shape, nameof(b));
        Tensor result = Result(shape);
        var plan = new BroadcastPlan(shape, a.Shape, b.Shape, shape);
        BinaryKernels.Run<TOp>(BinaryKernels.Part.Forward, plan, a.Floats, b.Floats, null, result.Floats);
        if (Tape.Wants([a, b]))
        {
            TapeEntry entry = Tape.Record(&BinaryGradient<TOp>, result, [a, b]);
            if (typeof(TOp) == typeof(AddOp) || typeof(TOp) == typeof(SubtractOp))
            {
                entry.LeavesAll();
            }
            else
            {
                entry.LeavesOutputs();
            }
        }

        return result;
    }

    private static unsafe void BinaryGradient<TOp>(TapeEntry entry)
        where TOp : struct, IBinaryOp
    {
        Tensor a = entry.Input(0), b = entry.Input(1), upstream = entry.OutputGrad();
        var plan = new BroadcastPlan(upstream.Shape, a.Shape, b.Shape, upstream.Shape);
        if (entry.Wants(0))
        {
            // A sum hands its gradient through.
            Tensor gradient = upstream;
            if (typeof(TOp) != typeof(AddOp) && typeof(TOp) != typeof(SubtractOp))
            {
                gradient = Result(upstream.Shape);
                BinaryKernels.Run<TOp>(BinaryKernels.Part.GradientA, plan, a.Floats, b.Floats, upstream.Floats, gradient.Floats);
            }

            entry.Add(0, SumTo(gradient, a.Shape));
        }

        if (entry.Wants(1))
        {
            Tensor gradient = upstream;
            if (typeof(TOp) != typeof(AddOp))
            {
                gradient = Result(upstream.Shape);
                BinaryKernels.Run<TOp>(BinaryKernels.Part.GradientB, plan, a.Floats, b.Floats, upstream.Floats, gradient.Floats);
            }

            entry.Add(1, SumTo(gradient, b.Shape));
        }
    }

    /// <summary>Fills a float32 tensor with another one stretched to its shape.</summary>
    private static unsafe void Stretch(Tensor source, Tensor target)
    {
        var plan = new BroadcastPlan(target.Shape, source.Shape, source.Shape, target.Shape);
        BinaryKernels.Run<FirstOp>(BinaryKernels.Part.Forward, plan, source.Floats, source.Floats, null, target.Floats);
    }

    /// <summary>Whether an op's first argument, 'a', has integers.</summary>
    private static bool IsInteger(Tensor a)
    {
        a.ThrowIfGone(nameof(a));
        return a.DType is DType.I32 or DType.I64;
    }
}
