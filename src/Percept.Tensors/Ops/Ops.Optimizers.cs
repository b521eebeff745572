using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Optimizer steps, each in one pass over the parameter, its gradient and its state; in place, never recorded.</content>
public static partial class Ops
{
    /// <summary>
    /// AdamW: the parameter shrinks by rate·decay, then moves by rate·m̂/(√v̂ + eps). Adam: the decay goes into the gradient.
    /// </summary>
    /// <param name="parameter">Float32, a leaf; updated.</param>
    /// <param name="gradient">Float32 of the same shape.</param>
    /// <param name="first">Float32 of the same shape, zeros at first: the mean of gradients; updated.</param>
    /// <param name="second">Float32 of the same shape, zeros at first: the mean of squared gradients; updated.</param>
    /// <param name="step">Rate, decays, and the number of the step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step's number is below 1.</exception>
    /// <exception cref="InvalidOperationException">The parameter is a recorded result.</exception>
    public static unsafe void AdamUpdate(Tensor parameter, Tensor gradient, Tensor first, Tensor second, in AdamStep step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        RequireState(parameter, gradient, nameof(gradient));
        RequireState(parameter, first, nameof(first));
        RequireState(parameter, second, nameof(second));
        OptimizerKernels.Adam(step, parameter.Floats, gradient.Floats, first.Floats, second.Floats, parameter.Count);
    }

    /// <summary>SGD with momentum, dampening, Nesterov's look-ahead and decay, as in PyTorch.</summary>
    /// <param name="parameter">Float32, a leaf; updated.</param>
    /// <param name="gradient">Float32 of the same shape.</param>
    /// <param name="buffer">Float32 of the same shape: the momentum; updated. Needed when the momentum is not 0.</param>
    /// <param name="step">Rate, momentum and decay.</param>
    /// <exception cref="ArgumentException">Momentum is asked for without a buffer.</exception>
    /// <exception cref="InvalidOperationException">The parameter is a recorded result.</exception>
    public static unsafe void SgdUpdate(Tensor parameter, Tensor gradient, Tensor? buffer, in SgdStep step)
    {
        RequireState(parameter, gradient, nameof(gradient));
        if (buffer is { } given)
        {
            RequireState(parameter, given, nameof(buffer));
        }
        else if (step.Momentum != 0)
        {
            throw new ArgumentException("SGD with momentum needs a buffer of the parameter's shape.", nameof(buffer));
        }

        OptimizerKernels.Sgd(step, parameter.Floats, gradient.Floats, buffer is { } b ? b.Floats : null, parameter.Count);
    }

    /// <summary>Lion: a step of the rate in the direction of the sign of a mixture of momentum and gradient.</summary>
    /// <param name="parameter">Float32, a leaf; updated.</param>
    /// <param name="gradient">Float32 of the same shape.</param>
    /// <param name="momentum">Float32 of the same shape, zeros at first; updated.</param>
    /// <param name="step">Rate, decays.</param>
    /// <exception cref="InvalidOperationException">The parameter is a recorded result.</exception>
    public static unsafe void LionUpdate(Tensor parameter, Tensor gradient, Tensor momentum, in LionStep step)
    {
        RequireState(parameter, gradient, nameof(gradient));
        RequireState(parameter, momentum, nameof(momentum));
        OptimizerKernels.Lion(step, parameter.Floats, gradient.Floats, momentum.Floats, parameter.Count);
    }

    /// <summary>
    /// The sum of the squares of all elements, of blocks in float32 and of the blocks in double; not recorded. For norms.
    /// </summary>
    /// <param name="input">Float32.</param>
    public static unsafe double SumOfSquares(Tensor input)
    {
        RequireFloat32(input, nameof(input));
        return ReductionKernels.SumOfSquares(input.Floats, input.Count);
    }

    private static void RequireState(Tensor parameter, Tensor state, string argument)
    {
        RequireFloat32(parameter, nameof(parameter));
        RequireWritable(parameter, nameof(parameter));
        RequireFloat32(state, argument);
        RequireShape(state, parameter.Shape, argument);
        state.ThrowIfReadOnly(argument);
    }
}
