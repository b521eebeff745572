using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Bounds the norm of all gradients together, as torch.nn.utils.clip_grad_norm_ does.</summary>
public static class GradientClipping
{
    private const double Eps = 1e-6;

    /// <summary>
    /// The 2-norm of the gradients of all weights as one vector; weights without a gradient count as zeros.
    /// </summary>
    /// <param name="parameters">The weights.</param>
    /// <returns>The norm (see <see cref="Ops.SumOfSquares"/>); not finite when a gradient is not.</returns>
    public static double GlobalNorm(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double sum = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Value.Grad is { } gradient)
            {
                sum += Ops.SumOfSquares(gradient);
            }
        }

        return Math.Sqrt(sum);
    }

    /// <summary>
    /// What to multiply the gradients by, for <see cref="Optimizer.Step"/>: greatest/(norm + 10⁻⁶) where the norm is
    /// greater, else 1.
    /// </summary>
    /// <param name="norm">
    /// The norm of the gradients. One that is not finite gives NaN or 0: leave such a step out.
    /// </param>
    /// <param name="greatest">The greatest norm allowed, above 0; 0 and less for no bound.</param>
    public static double Factor(double norm, double greatest) =>
        greatest <= 0 ? 1
        : double.IsNaN(norm) ? double.NaN
        : Math.Min(1, greatest / (norm + Eps));
}
