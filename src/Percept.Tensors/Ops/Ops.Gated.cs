using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Gated units: act(gate)·up. The gradient recomputes the activation from the saved inputs.</content>
public static partial class Ops
{
    /// <summary>silu(gate)·up.</summary>
    /// <param name="gate">Float32.</param>
    /// <param name="up">Float32 of the same shape.</param>
    public static Tensor SwiGlu(Tensor gate, Tensor up) => Gated(gate, up, GateActivation.Silu);

    /// <summary>gelu(gate)·up.</summary>
    /// <param name="gate">Float32.</param>
    /// <param name="up">Float32 of the same shape.</param>
    /// <param name="tanh">Whether GELU is taken in its tanh form.</param>
    public static Tensor GeGlu(Tensor gate, Tensor up, bool tanh = false) =>
        Gated(gate, up, tanh ? GateActivation.GeluTanh : GateActivation.Gelu);

    /// <summary>act(gate)·up.</summary>
    /// <param name="gate">Float32.</param>
    /// <param name="up">Float32 of the same shape.</param>
    /// <param name="activation">What the gate goes through.</param>
    public static unsafe Tensor Gated(Tensor gate, Tensor up, GateActivation activation)
    {
        RequireFloat32(gate, nameof(gate));
        RequireFloat32(up, nameof(up));
        RequireShape(up, gate.Shape, nameof(up));
        Tensor result = Result(gate.Shape);
        long count = gate.Count;
        GatedForward(activation, new Rows(gate.Floats, count), new Rows(up.Floats, count), new Rows(result.Floats, count), 1, count);
        if (Tape.Wants([gate, up]))
        {
            Tape.Record(&GatedGradient, result, [gate, up]).SaveNumber((int)activation).LeavesOutputs();
        }

        return result;
    }

    /// <summary>One half of an axis, through an activation, times the other half.</summary>
    /// <param name="input">Float32, [..., 2n, ...].</param>
    /// <param name="axis">The axis that is halved.</param>
    /// <param name="activation">What the gate goes through.</param>
    /// <param name="gateFirst">Whether the gate is the first half; GLU and the usual GEGLU have it second.</param>
    /// <returns>[..., n, ...].</returns>
    public static unsafe Tensor Glu(
        Tensor input, int axis = -1, GateActivation activation = GateActivation.Sigmoid, bool gateFirst = false)
    {
        RequireFloat32(input, nameof(input));
        int at = RequireAxis(input, axis, nameof(input));
        int size = input.Shape[at];
        if ((size & 1) != 0)
        {
            throw new ShapeException(
                $"Axis {at} of 'input' of shape {input.Shape} can't be halved.", nameof(input), at, "an even size", $"{size}");
        }

        Tensor result = Result(input.Shape.With(at, size / 2));
        long rows = input.Shape.CountBefore(at);
        long columns = input.Shape.CountFrom(at + 1) * (size / 2);
        (Rows gate, Rows up) = Halves(input, columns, gateFirst);
        GatedForward(activation, gate, up, new Rows(result.Floats, columns), rows, columns);
        if (Tape.Wants(input))
        {
            Tape.Record(&GluGradient, result, [input]).SaveNumber((int)activation).SaveNumber(rows).SaveNumber(columns)
                .SaveNumber(gateFirst ? 1 : 0).LeavesOutputs();
        }

        return result;
    }

    private static unsafe (Rows Gate, Rows Up) Halves(Tensor packed, long columns, bool gateFirst)
    {
        var first = new Rows(packed.Floats, 2 * columns);
        var second = new Rows(packed.Floats + columns, 2 * columns);
        return gateFirst ? (first, second) : (second, first);
    }

    private static unsafe void GatedGradient(TapeEntry entry)
    {
        Tensor gate = entry.Input(0), up = entry.Input(1);
        Tensor dgate = Result(gate.Shape), dup = Result(up.Shape);
        long count = gate.Count;
        GatedBackward(
            (GateActivation)(int)entry.Number(0), new Rows(gate.Floats, count), new Rows(up.Floats, count),
            new Rows(entry.OutputGrad().Floats, count), new Rows(dgate.Floats, count), new Rows(dup.Floats, count), 1, count);
        if (entry.Wants(0))
        {
            entry.Add(0, dgate);
        }

        if (entry.Wants(1))
        {
            entry.Add(1, dup);
        }
    }

    private static unsafe void GluGradient(TapeEntry entry)
    {
        Tensor input = entry.Input(0);
        Tensor gradient = Result(input.Shape);
        long rows = (long)entry.Number(1), columns = (long)entry.Number(2);
        bool gateFirst = entry.Number(3) != 0;
        (Rows gate, Rows up) = Halves(input, columns, gateFirst);
        (Rows dgate, Rows dup) = Halves(gradient, columns, gateFirst);
        GatedBackward(
            (GateActivation)(int)entry.Number(0), gate, up, new Rows(entry.OutputGrad().Floats, columns), dgate, dup, rows, columns);
        entry.Add(0, gradient);
    }

    private static void GatedForward(GateActivation activation, Rows gate, Rows up, Rows y, long rows, long columns)
    {
        switch (activation)
        {
            case GateActivation.Sigmoid: GatedKernels.Forward(default(SigmoidOp), gate, up, y, rows, columns); break;
            case GateActivation.Silu: GatedKernels.Forward(default(SiluOp), gate, up, y, rows, columns); break;
            case GateActivation.Gelu: GatedKernels.Forward(default(GeluOp), gate, up, y, rows, columns); break;
            case GateActivation.GeluTanh: GatedKernels.Forward(default(GeluTanhOp), gate, up, y, rows, columns); break;
            case GateActivation.Relu: GatedKernels.Forward(default(ReluOp), gate, up, y, rows, columns); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation), activation, "Not a gate's activation.");
        }
    }

    private static void GatedBackward(
        GateActivation activation, Rows gate, Rows up, Rows dy, Rows dgate, Rows dup, long rows, long columns)
    {
        switch (activation)
        {
            case GateActivation.Sigmoid:
                GatedKernels.Gradient(default(SigmoidOp), gate, up, dy, dgate, dup, rows, columns);
                break;
            case GateActivation.Silu:
                GatedKernels.Gradient(default(SiluOp), gate, up, dy, dgate, dup, rows, columns);
                break;
            case GateActivation.Gelu:
                GatedKernels.Gradient(default(GeluOp), gate, up, dy, dgate, dup, rows, columns);
                break;
            case GateActivation.GeluTanh:
                GatedKernels.Gradient(default(GeluTanhOp), gate, up, dy, dgate, dup, rows, columns);
                break;
            default:
                GatedKernels.Gradient(default(ReluOp), gate, up, dy, dgate, dup, rows, columns);
                break;
        }
    }
}
