using Percept.Tensors;

namespace Percept.Training;

/// <summary>Penalties that keep weights near where they were, against forgetting.</summary>
public static class WeightPenalties
{
    /// <summary>Elastic weight consolidation (Kirkpatrick et al., 2017): strength/2·Σ F·(w − w₀)².</summary>
    /// <param name="weights">The weights, float32.</param>
    /// <param name="starts">w₀, what they were, of the same shapes.</param>
    /// <param name="importance">
    /// F, the diagonal of the Fisher matrix (<see cref="FisherDiagonal"/>), of the same shapes.
    /// </param>
    /// <param name="strength">The factor.</param>
    /// <returns>Float32 [].</returns>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static Tensor Ewc(
        IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> starts, IReadOnlyList<Tensor> importance, float strength)
    {
        ArgumentNullException.ThrowIfNull(importance);
        Require(weights, starts);
        Require(weights, importance);
        Tensor total = Ops.Zeros([]);
        for (int i = 0; i < weights.Count; i++)
        {
            Tensor squares = Ops.Square(Ops.Subtract(weights[i], starts[i]));
            total = Ops.Add(total, Ops.Sum(Ops.Multiply(importance[i], squares)));
        }

        return Ops.Scale(total, strength / 2);
    }

    /// <summary>L2-SP (Li et al., 2018): strength·Σ (w − w₀)², without the half.</summary>
    /// <param name="weights">The weights, float32.</param>
    /// <param name="starts">w₀, what they were, of the same shapes.</param>
    /// <param name="strength">The factor.</param>
    /// <returns>Float32 [].</returns>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static Tensor FromStart(IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> starts, float strength)
    {
        Require(weights, starts);
        Tensor total = Ops.Zeros([]);
        for (int i = 0; i < weights.Count; i++)
        {
            total = Ops.Add(total, Ops.MeanSquaredError(weights[i], starts[i], Reduction.Sum));
        }

        return Ops.Scale(total, strength);
    }

    private static void Require(IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> others)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(others);
        if (weights.Count != others.Count)
        {
            throw new ArgumentException($"There are {others.Count} tensors for {weights.Count} weights.", nameof(others));
        }
    }
}
