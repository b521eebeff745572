using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Losses;

/// <summary>Sums in double, piece by piece and in a fixed order, so that they do not depend on the number of threads.</summary>
internal static unsafe class LossSums
{
    /// <summary>Σ values[i].</summary>
    internal static double Sum(float* values, long count)
    {
        double total = 0;
        for (long i = 0; i < count; i++)
        {
            total += values[i];
        }

        return total;
    }
}
