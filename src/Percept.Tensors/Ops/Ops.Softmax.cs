using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Softmax and its relatives. The gradient needs the result alone.</content>
public static partial class Ops
{
    /// <summary>e^x/Σe^x along an axis. A row of −∞ throughout gives NaN, as in PyTorch.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    public static Tensor Softmax(Tensor input, int axis = -1) => SoftmaxAlong(input, default, axis, 1f, logarithm: false);

    /// <summary>ln softmax(x) along an axis.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="axis">The axis.</param>
    public static Tensor LogSoftmax(Tensor input, int axis = -1) => SoftmaxAlong(input, default, axis, 1f, logarithm: true);

    /// <summary>softmax(scale·x + mask) along the last axis.</summary>
    /// <param name="input">Float32, [..., N].</param>
    /// <param name="mask">Float32 whose shape is that of the input's last axes, or stretches to it; 0 or −∞ or a bias.</param>
    /// <param name="scale">The factor.</param>
    public static Tensor SoftmaxMasked(Tensor input, Tensor mask, float scale = 1f)
    {
        RequireFloat32(mask, nameof(mask));
        RequireRank(input, 1, Shape.MaxRank, nameof(input));
        bool tail = mask.Rank >= 1 && mask.Rank <= input.Rank
            && input.Shape.Sizes[(input.Rank - mask.Rank)..].SequenceEqual(mask.Shape.Sizes);
        if (tail)
        {
            return SoftmaxAlong(input, mask, -1, scale, logarithm: false, mask);
        }

        if (Shape.Broadcast(input.Shape, mask.Shape, nameof(mask)) != input.Shape)
        {
            throw ShapeException.ForShape(nameof(mask), mask.Shape, $"a shape that stretches to {input.Shape}");
        }

        Tensor whole = Result(input.Shape);
        Stretch(mask, whole);
        Tensor result = SoftmaxAlong(input, whole, -1, scale, logarithm: false, mask);
        whole.Dispose();
        return result;
    }

    /// <summary>softmax((logits + gumbels)/tau) along an axis (Jang et al., 2017), with noise given.</summary>
    /// <param name="logits">Float32.</param>
    /// <param name="gumbels">Float32 of the same shape: −ln(−ln u) of uniform u.</param>
    /// <param name="tau">The temperature, above 0.</param>
    /// <param name="hard">Whether the result is the one-hot choice, with the gradient of the soft one.</param>
    /// <param name="axis">The axis.</param>
    public static Tensor GumbelSoftmax(Tensor logits, Tensor gumbels, float tau = 1f, bool hard = false, int axis = -1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tau);
        RequireFloat32(logits, nameof(logits));
        RequireShape(gumbels, logits.Shape, nameof(gumbels));
        Tensor sum = Add(logits, gumbels), scaled = Scale(sum, 1f / tau), soft = Owning(Softmax(scaled, axis), sum, scaled);
        if (!hard)
        {
            return soft;
        }

        Tensor greatest = OneHotOfGreatest(soft, axis);
        return Owning(StraightThrough(greatest, soft), greatest, soft);
    }

    /// <summary>The softmax of rows along an axis.</summary>
    /// <param name="input">What to take it of.</param>
    /// <param name="mask">What is added, of the rows of the last axes; or none.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="scale">The factor before the mask.</param>
    /// <param name="logarithm">Whether its logarithm is wanted.</param>
    /// <param name="given">The mask as the caller has it, to which its gradient goes.</param>
    private static unsafe Tensor SoftmaxAlong(
        Tensor input, Tensor mask, int axis, float scale, bool logarithm, Tensor given = default)
    {
        RequireFloat32(input, nameof(input));
        axis = RequireAxis(input, axis, nameof(input));
        var along = new Along(input, axis);
        Tensor result = Result(input.Shape);
        Tensor rows = ToRows(input, along), target = RowsFor(result, along);
        float* bias = mask.IsNone ? null : mask.Floats;
        long maskRows = mask.IsNone ? 1 : mask.Count / Math.Max(1, along.Size);
        SoftmaxKernels.Forward(rows.Floats, bias, maskRows, scale, logarithm, target.Floats, along.Rows, along.Size);
        EndRows(rows, input);
        FromRows(target, result, along, along.Size);
        if (Tape.Wants([input, given]))
        {
            Tape.Record(&SoftmaxGradient, result, [input, given]).SaveNumber(axis).SaveNumber(scale).SaveNumber(logarithm ? 1 : 0);
        }

        return result;
    }

    private static unsafe void SoftmaxGradient(TapeEntry entry)
    {
        // The mask's is that of what the softmax is taken of, without the factor.
        float scale = (float)entry.Number(1);
        bool mask = entry.Wants(1);
        Tensor output = entry.Output();
        var along = new Along(output, (int)entry.Number(0));
        Tensor gradient = Result(output.Shape), target = RowsFor(gradient, along);
        SoftmaxKernels.Gradient(
            ToRows(output, along).Floats, ToRows(entry.OutputGrad(), along).Floats, mask ? 1f : scale, entry.Number(2) != 0,
            target.Floats, along.Rows, along.Size);
        FromRows(target, gradient, along, along.Size);
        if (mask)
        {
            entry.Add(1, SumTo(gradient, entry.Input(1).Shape));
        }

        if (entry.Wants(0))
        {
            entry.Add(0, mask && scale != 1f ? Scale(gradient, scale) : gradient);
        }
    }

    private static unsafe Tensor OneHotOfGreatest(Tensor input, int axis)
    {
        Tensor places = ArgMax(input, axis);
        var along = new Along(input, RequireAxis(input, axis, nameof(input)));
        Tensor result = Zeros(input.Shape);
        for (long row = 0; row < along.Rows; row++)
        {
            long place = ((long*)places.Pointer)[row];
            result.Floats[(((row / along.Inner * along.Size) + place) * along.Inner) + (row % along.Inner)] = 1f;
        }

        places.Dispose();
        places.Dispose();
        return result;
    }
}
