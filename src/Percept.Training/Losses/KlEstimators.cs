using Percept.Tensors;

namespace Percept.Training;

/// <summary>Estimates of KL(policy‖reference) from the log-probabilities of sampled tokens (Schulman, 2020).</summary>
public static class KlEstimators
{
    /// <summary>k1 = policy − reference: right on average, and noisy.</summary>
    /// <param name="policy">Float32.</param>
    /// <param name="reference">Float32 of the same shape.</param>
    public static Tensor First(Tensor policy, Tensor reference) => Ops.Subtract(policy, reference);

    /// <summary>k2 = ½·(policy − reference)²: never negative, slightly wrong.</summary>
    /// <param name="policy">Float32.</param>
    /// <param name="reference">Float32 of the same shape.</param>
    public static Tensor Second(Tensor policy, Tensor reference) =>
        Ops.Scale(Ops.Square(Ops.Subtract(policy, reference)), 0.5f);

    /// <summary>k3 = e^d − d − 1 with d = reference − policy: right on average and never negative.</summary>
    /// <param name="policy">Float32.</param>
    /// <param name="reference">Float32 of the same shape.</param>
    public static Tensor Third(Tensor policy, Tensor reference)
    {
        Tensor difference = Ops.Subtract(reference, policy);
        return Ops.Subtract(Ops.Expm1(difference), difference);
    }
}
