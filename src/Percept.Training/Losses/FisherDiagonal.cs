using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// The diagonal of the empirical Fisher matrix: the mean over samples of the square of each sample's own gradient of
/// log p(label). It says how much each weight matters for what was learned.
/// </summary>
public sealed class FisherDiagonal : IDisposable
{
    private readonly IReadOnlyList<Tensor> _weights;
    private readonly Tensor[] _sums;

    /// <summary>Begins with no samples.</summary>
    /// <param name="weights">The weights, float32 leaves that require a gradient.</param>
    public FisherDiagonal(IReadOnlyList<Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _weights = weights;
        using ScopeSuspension suspended = TensorScope.Suspend();
        _sums = [.. weights.Select(weight => Ops.Zeros(weight.Shape))];
    }

    /// <summary>How many samples were taken in.</summary>
    public long Samples { get; private set; }

    /// <summary>Takes in the gradients of one sample, after its backward pass, and drops them.</summary>
    public void Add()
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        for (int i = 0; i < _sums.Length; i++)
        {
            if (_weights[i].Grad is { } gradient)
            {
                Ops.AddInPlace(_sums[i], Ops.Square(gradient));
                _weights[i].ZeroGrad();
            }
        }

        Samples++;
    }

    /// <summary>The mean over the samples, a new tensor of each weight's shape, in the weights' order.</summary>
    /// <exception cref="InvalidOperationException">There was no sample.</exception>
    public Tensor[] Mean() => Samples == 0
        ? throw new InvalidOperationException(
            "There was no sample to take a mean over. Call Add after each sample's backward pass.")
        : [.. _sums.Select(sum => Ops.Scale(sum, (float)(1.0 / Samples)))];

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        foreach (Tensor sum in _sums)
        {
            sum.Dispose();
        }
    }
}
