using Percept.Tensors.Memory;

namespace Percept.Tensors.Autograd;

/// <summary>
/// One recorded op: its inputs, its outputs, what its gradient needs, and the gradient itself. Entries and their lists are
/// reused from step to step.
/// </summary>
/// <remarks>
/// Saved tensors are held by handle; a tensor that the tape or a scope owns lives until its own entry's gradient is done,
/// because ops that use it come after the op that made it.
/// </remarks>
internal sealed unsafe class TapeEntry
{
    private readonly List<Tensor> _inputs = new(4);
    private readonly List<Tensor> _outputs = new(1);
    private readonly List<Tensor> _saved = new(4);
    private readonly List<int> _inputWrites = new(4);
    private readonly List<int> _savedWrites = new(4);
    private readonly List<double> _numbers = new(4);
    private readonly List<Box> _boxes = new(1);
    private Box? _state;

    /// <summary>Computes the gradients of the inputs from those of the outputs.</summary>
    internal delegate*<TapeEntry, void> Gradient { get; private set; }

    internal List<Tensor> Outputs => _outputs;

    /// <summary>An input as it was given; the default value where an optional one was left out.</summary>
    internal Tensor Input(int index) => _inputs[index];

    /// <summary>An output.</summary>
    internal Tensor Output(int index = 0) => _outputs[index];

    /// <summary>A tensor kept by <see cref="Save(Tensor)"/>, in the order kept.</summary>
    internal Tensor Saved(int index) => _saved[index];

    /// <summary>A number kept by <see cref="SaveNumber"/>, in the order kept.</summary>
    internal double Number(int index) => _numbers[index];

    /// <summary>The options kept by <see cref="SaveState{T}"/>.</summary>
    internal ref readonly T State<T>()
        where T : struct => ref ((Box<T>)_state!).Value;

    /// <summary>Keeps a tensor for the gradient. Without a scope it is the tape's from here on.</summary>
    internal TapeEntry Save(Tensor tensor)
    {
        NoteReader(tensor, 1);
        _saved.Add(tensor);
        _savedWrites.Add(Writes(tensor));
        return this;
    }

    /// <summary>Keeps a number for the gradient: exact for integers up to 2^53.</summary>
    internal TapeEntry SaveNumber(double number)
    {
        _numbers.Add(number);
        return this;
    }

    /// <summary>Keeps an options struct for the gradient.</summary>
    internal TapeEntry SaveState<T>(in T state)
        where T : struct
    {
        // An entry may serve other ops in other passes: it keeps a box for each type that it has held.
        Box<T>? box = null;
        foreach (Box kept in _boxes)
        {
            box ??= kept as Box<T>;
        }

        if (box is null)
        {
            box = new Box<T>();
            _boxes.Add(box);
        }

        box.Value = state;
        _state = box;
        return this;
    }

    /// <summary>The gradient does not read the values of an input, at most its shape.</summary>
    internal TapeEntry LeavesInput(int input)
    {
        NoteReader(_inputs[input], -1);
        return this;
    }

    /// <summary>The gradient does not read the values of any output, at most their shapes.</summary>
    internal TapeEntry LeavesOutputs()
    {
        foreach (Tensor output in _outputs)
        {
            NoteReader(output, -1);
        }

        return this;
    }

    /// <summary>The gradient reads shapes, and what was saved, alone.</summary>
    internal TapeEntry LeavesAll()
    {
        for (int i = 0; i < _inputs.Count; i++)
        {
            LeavesInput(i);
        }

        return LeavesOutputs();
    }

    /// <summary>Adds an output, whose values the gradient reads until it says that it does not.</summary>
    internal void AddOutput(Tensor output)
    {
        NoteReader(output, 1);
        _outputs.Add(output);
    }

    /// <summary>Throws when an input or a saved tensor was written in place since it was recorded.</summary>
    internal void ThrowIfWritten()
    {
        for (int i = 0; i < _inputs.Count; i++)
        {
            ThrowIfWritten(_inputs[i], _inputWrites[i]);
        }

        for (int i = 0; i < _saved.Count; i++)
        {
            ThrowIfWritten(_saved[i], _savedWrites[i]);
        }
    }

    /// <summary>Whether an input needs a gradient; false for one left out.</summary>
    internal bool Wants(int input) => !_inputs[input].IsNone && _inputs[input].RequiresGrad;

    /// <summary>Whether a gradient arrived at an output.</summary>
    internal bool HasOutputGrad(int output = 0) => _outputs[output].Node.Gradient is not null;

    /// <summary>The gradient of an output; zeros when none arrived (ops of several outputs only).</summary>
    internal Tensor OutputGrad(int output = 0) =>
        _outputs[output].Node.Gradient is { } gradient ? new Tensor(gradient) : Ops.Zeros(_outputs[output].Shape);

    /// <summary>Adds a gradient to an input that wants one. The tensor may be shared: it is copied before it is written.</summary>
    /// <param name="input">Which input.</param>
    /// <param name="gradient">F32 with as many elements, in the order of the input's.</param>
    internal void Add(int input, Tensor gradient)
    {
        TensorNode node = _inputs[input].Node;
        TensorNode given = gradient.Node;
        if (given.Shape.Count != node.Shape.Count || given.Type != DType.F32)
        {
            throw new InvalidOperationException(
                $"A gradient of {given.Type}{given.Shape} was made for an input of shape {node.Shape}: the op's gradient is wrong.");
        }

        ThreadTensors thread = ThreadTensors.Current;
        if (node.Gradient is not { } sum)
        {
            // The gradient takes a share in the memory; whoever made the tensor ends its own handle.
            node.OwnGradient(thread.Bare(given.Buffer!.AddReference(), (nint)given.Data, node.Shape, DType.F32));
            thread.Tape.NoteLeaf(node);
            return;
        }

        if (!sum.Buffer!.IsExclusive)
        {
            Tape.Unshare(sum);
        }

        Kernels.VectorKernels.AddInPlace((float*)sum.Data, (float*)given.Data, node.Shape.Count);
    }

    /// <summary>
    /// The memory in which an input's gradient is summed up, for ops that can add to it directly, such as a product.
    /// </summary>
    /// <param name="input">Which input.</param>
    /// <param name="fresh">True when the contents are undefined and must be overwritten, false when they must be added to.</param>
    internal Tensor Accumulator(int input, out bool fresh)
    {
        TensorNode node = _inputs[input].Node;
        ThreadTensors thread = ThreadTensors.Current;
        fresh = node.Gradient is null;
        if (fresh)
        {
            NativeBuffer buffer = TensorMemory.Rent(DType.F32.ByteCount(node.Shape.Count));
            node.OwnGradient(thread.Bare(buffer, (nint)buffer.Pointer, node.Shape, DType.F32));
            thread.Tape.NoteLeaf(node);
        }
        else if (!node.Gradient!.Buffer!.IsExclusive)
        {
            Tape.Unshare(node.Gradient);
        }

        return new Tensor(node.Gradient!);
    }

    /// <summary>
    /// Whether a gradient may be computed in an input's own memory: it is an intermediate result that this gradient alone reads, that
    /// nobody keeps or views, and no further backward pass follows.
    /// </summary>
    internal bool MayOverwrite(int input)
    {
        TensorNode node = _inputs[input].Node;
        return node is { Tape: { IsRetaining: false }, Readers: 1, IsKept: false, Gradient: null } && node.LiveBuffer.IsExclusive;
    }

    /// <summary>Whether the gradient runs a part again, which may read leaves that are no inputs here.</summary>
    internal bool RunsAgain { get; set; }

    /// <summary>How many inputs there are.</summary>
    internal int InputCount => _inputs.Count;

    /// <summary>Adds inputs after those given to Record.</summary>
    internal void AddInputs(ReadOnlySpan<Tensor> inputs)
    {
        foreach (Tensor input in inputs)
        {
            NoteReader(input, 1);
            _inputs.Add(input);
            _inputWrites.Add(Writes(input));
        }
    }

    internal void Begin(delegate*<TapeEntry, void> gradient, ReadOnlySpan<Tensor> inputs)
    {
        Gradient = gradient;
        AddInputs(inputs);
    }

    internal void Clear()
    {
        RunsAgain = false;
        _inputs.Clear();
        _inputWrites.Clear();
        _savedWrites.Clear();
        _outputs.Clear();
        _saved.Clear();
        _numbers.Clear();

        // Options may hold tensors, which must not live on in a record that is done.
        _state?.Clear();
        _state = null;
        Gradient = null;
    }

    private abstract class Box
    {
        internal abstract void Clear();
    }

    private static int Writes(Tensor tensor) => tensor.IsNone ? 0 : tensor.Node.LiveBuffer.Writes;

    private static void NoteReader(Tensor tensor, int change)
    {
        if (!tensor.IsNone)
        {
            tensor.Node.Readers += change;
        }
    }

    private static void ThrowIfWritten(Tensor tensor, int writes)
    {
        if (!tensor.IsNone && !tensor.IsDisposed && tensor.Node.Buffer is { } buffer && buffer.Writes != writes)
        {
            throw new InvalidOperationException(
                $"A tensor {tensor} that a recorded op needs for its gradient was written in place before the backward pass; " +
                "write after Backward, or give the op a copy.");
        }
    }

    private sealed class Box<T> : Box
        where T : struct
    {
        public T Value;

        internal override void Clear() => Value = default;
    }
}
