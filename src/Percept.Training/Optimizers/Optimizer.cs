using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Threading;

namespace Percept.Training;

/// <summary>Moves weights along their gradients. Its state can be saved and restored exactly.</summary>
/// <remarks>
/// <para>
/// Weights are always float32 leaves: they are the master weights, whatever type the checkpoint stored, so training of
/// a bfloat16 checkpoint keeps every small update and rounds only when files are written.
/// </para>
/// <para>
/// A weight without a gradient is left alone, without decay and without counting a step, as in PyTorch; a gradient of
/// zeros is a gradient. After the first steps nothing is allocated on the heap of the garbage collector. For one thread.
/// </para>
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private const string StepName = "step";

    private readonly ParameterState[] _states;

    /// <summary>Weights that are moved side by side, and all others; of the first step on.</summary>
    private ParameterState[]? _small;
    private ParameterState[]? _large;

    private protected Optimizer(
        IReadOnlyList<ParameterGroup> groups, double weightDecay, Func<Tensor, ParameterGroup, StateSlot[]> slots)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        Groups = [.. groups];
        Check(Groups);
        using ScopeSuspension suspended = TensorScope.Suspend();
        _states =
        [
            .. Groups.SelectMany(group => group.Parameters.Select(parameter => new ParameterState(
                parameter, group, group.WeightDecay ?? weightDecay, slots(parameter.Value, group)))),
        ];
    }

    /// <summary>The groups of weights.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>How many times <see cref="Step"/> ran.</summary>
    public long StepCount { get; private set; }

    /// <summary>How many bytes the state takes.</summary>
    public long StateBytes => _states.Sum(state => state.Tensors.Sum(tensor => tensor.ByteCount));

    /// <summary>Moves every weight that has a gradient. Gradients stay as they are.</summary>
    /// <param name="learningRate">The rate of this step, before the groups' factors.</param>
    /// <param name="gradientScale">
    /// A factor on every gradient, such as <see cref="GradientClipping.Factor"/>: it is applied while the weights move,
    /// without a pass of its own.
    /// </param>
    public void Step(double learningRate, double gradientScale = 1)
    {
        // The dearest first, so that the threads end together.
        _small ??= [.. _states.Where(IsSmall).OrderByDescending(Cost)];
        _large ??= [.. _states.Where(state => !IsSmall(state))];
        var job = new SmallJob { Optimizer = this, Rate = learningRate, Scale = gradientScale };
        if (_small.Length >= 2 * WorkerPool.Available)
        {
            WorkerPool.Shared.Run(ref job, _small.Length);
        }
        else
        {
            for (int i = 0; i < _small.Length; i++)
            {
                job.Run(i);
            }
        }

        foreach (ParameterState state in _large)
        {
            Move(state, learningRate, gradientScale);
        }

        StepCount++;
    }

    private void Move(ParameterState state, double learningRate, double gradientScale)
    {
        if (state.Parameter.Value.Grad is not { } gradient)
        {
            return;
        }

        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        state.Steps++;
        Update(state, gradient, learningRate * state.Group.LearningRateFactor, (float)gradientScale);
    }

    private struct SmallJob : IParallelJob
    {
        public Optimizer Optimizer;
        public double Rate;
        public double Scale;

        public readonly void Run(int index) => Optimizer.Move(Optimizer._small![index], Rate, Scale);
    }

    /// <summary>Drops the gradients of all weights; their memory serves the next ones.</summary>
    public void ZeroGradients()
    {
        foreach (ParameterState state in _states)
        {
            state.Parameter.Value.ZeroGrad();
        }
    }

    /// <summary>
    /// The state by name: <c>&lt;weight&gt;.&lt;part&gt;</c>, parts named as in PyTorch, and
    /// <c>&lt;weight&gt;.step</c>, I64 [], the steps that the weight took.
    /// </summary>
    /// <returns>The parts are the live tensors, which the next step changes; the step numbers are copies.</returns>
    public IReadOnlyDictionary<string, Tensor> StateTensors()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (ParameterState state in _states)
        {
            for (int i = 0; i < state.Tensors.Length; i++)
            {
                tensors.Add($"{state.Parameter.Name}.{state.Names[i]}", state.Tensors[i]);
            }

            tensors.Add($"{state.Parameter.Name}.{StepName}", Tensor.From<long>([state.Steps], []));
        }

        return tensors;
    }

    /// <summary>
    /// Takes over a state that <see cref="StateTensors"/> gave: the next step is the one that would have followed.
    /// </summary>
    /// <param name="stepCount">The number of steps taken, <see cref="StepCount"/>.</param>
    /// <param name="tensors">The state by name; the elements are copied.</param>
    /// <exception cref="InvalidDataException">
    /// A tensor is missing, left over, or of another shape or type. Nothing has changed then.
    /// </exception>
    public void Load(long stepCount, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfNegative(stepCount);
        int expected = 0;
        foreach (ParameterState state in _states)
        {
            for (int i = 0; i < state.Tensors.Length; i++)
            {
                Require(tensors, state, state.Names[i], DType.F32, state.Tensors[i].Shape);
            }

            Require(tensors, state, StepName, DType.I64, Shape.Create([]));
            expected += state.Tensors.Length + 1;
        }

        if (tensors.Count != expected)
        {
            string left = tensors.Keys.Except(StateTensors().Keys, StringComparer.Ordinal).First();
            throw new InvalidDataException(
                $"The optimizer's state holds '{left}', which no weight in training has. Train the same weights as the run " +
                "that wrote it.");
        }

        foreach (ParameterState state in _states)
        {
            for (int i = 0; i < state.Tensors.Length; i++)
            {
                Ops.CopyTo(tensors[$"{state.Parameter.Name}.{state.Names[i]}"], state.Tensors[i]);
            }

            state.Steps = tensors[$"{state.Parameter.Name}.{StepName}"].Span<long>()[0];
        }

        StepCount = stepCount;
    }

    /// <summary>Frees the state. The weights stay.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _states.SelectMany(state => state.Tensors))
        {
            tensor.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Whether a weight is so small that a step of it gains little by being divided among threads. Where there are many such weights, they are
    /// moved side by side, each by one thread.
    /// </summary>
    private protected virtual bool IsSmall(ParameterState state) => false;

    private static double Cost(ParameterState state)
    {
        Shape shape = state.Parameter.Value.Shape;
        return shape.Rank == 2 ? (double)shape.Count * Math.Min(shape[0], shape[1]) : shape.Count;
    }

    /// <summary>Moves one weight. Runs in a scope of its own, with recording off.</summary>
    /// <param name="state">The weight; <see cref="ParameterState.Steps"/> counts this step already.</param>
    /// <param name="gradient">Its gradient, not to be changed.</param>
    /// <param name="rate">The rate for this weight.</param>
    /// <param name="scale">The factor on the gradient.</param>
    private protected abstract void Update(ParameterState state, Tensor gradient, double rate, float scale);

    private static void Check(IReadOnlyList<ParameterGroup> groups)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (ParameterGroup group in groups)
        {
            if (group.WeightDecay < 0 || group.LearningRateFactor < 0)
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"A group has factor {group.LearningRateFactor}, decay {group.WeightDecay}; neither may be below 0."),
                    nameof(groups));
            }

            foreach (Parameter parameter in group.Parameters)
            {
                if (!names.Add(parameter.Name))
                {
                    throw new ArgumentException(
                        $"The weight '{parameter.Name}' is there twice. Give it to one group.", nameof(groups));
                }

                if (parameter.Value.DType != DType.F32)
                {
                    throw new DTypeException(parameter.Name, "F32 for a weight that is trained", parameter.Value.DType);
                }
            }
        }
    }

    private static void Require(
        IReadOnlyDictionary<string, Tensor> tensors, ParameterState state, string part, DType type, in Shape shape)
    {
        string name = $"{state.Parameter.Name}.{part}";
        if (!tensors.TryGetValue(name, out Tensor tensor))
        {
            throw new InvalidDataException(
                $"The optimizer's state has no tensor '{name}'. Restore it with the optimizer and the weights that wrote it.");
        }

        if (tensor.DType != type || tensor.Shape != shape)
        {
            throw new InvalidDataException(
                $"The optimizer's tensor '{name}' is {tensor}, expected {type}{shape}. Restore it with the optimizer and the " +
                "weights that wrote it.");
        }
    }
}
