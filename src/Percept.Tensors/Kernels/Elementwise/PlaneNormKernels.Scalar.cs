namespace Percept.Tensors.Kernels;

// The plain twins of the plane norm kernels, in double.
internal static unsafe partial class PlaneNormKernels
{
    /// <summary>The plain twin of <see cref="Forward"/>, without the statistics.</summary>
    internal static void ForwardScalar(in PlaneSets sets, float* x, float* weight, float* bias, float eps, float* y)
    {
        for (int set = 0; set < sets.Count; set++)
        {
            (double mean, double inverse) = MomentsScalar(sets, set, x, eps);
            for (long k = 0; k < sets.PlanesInSet; k++)
            {
                long at = sets.Plane(set, k, out long channel);
                for (long i = at; i < at + sets.PlaneSize; i++)
                {
                    double normal = (x[i] - mean) * inverse;
                    y[i] = (float)((normal * (weight == null ? 1 : weight[channel])) + (bias == null ? 0 : bias[channel]));
                }
            }
        }
    }

    /// <summary>The plain twin of <see cref="Gradient"/>.</summary>
    internal static void GradientScalar(
        in PlaneSets sets, float* x, float* weight, float eps, float* dy, float* dx, float* dweight, float* dbias)
    {
        var sums = new double[sets.Channels * 2];
        for (int set = 0; set < sets.Count; set++)
        {
            (double mean, double inverse) = MomentsScalar(sets, set, x, eps);
            double s1 = 0;
            double s2 = 0;
            for (long k = 0; k < sets.PlanesInSet; k++)
            {
                long at = sets.Plane(set, k, out long channel);
                double w = weight == null ? 1 : weight[channel];
                for (long i = at; i < at + sets.PlaneSize; i++)
                {
                    double normal = (x[i] - mean) * inverse;
                    sums[2 * channel] += dy[i] * normal;
                    sums[(2 * channel) + 1] += dy[i];
                    s1 += w * dy[i];
                    s2 += w * dy[i] * normal;
                }
            }

            double count = (double)sets.PlanesInSet * sets.PlaneSize;
            for (long k = 0; k < sets.PlanesInSet; k++)
            {
                long at = sets.Plane(set, k, out long channel);
                double w = weight == null ? 1 : weight[channel];
                for (long i = at; i < at + sets.PlaneSize; i++)
                {
                    double normal = (x[i] - mean) * inverse;
                    dx[i] = (float)(inverse * ((w * dy[i]) - (s1 / count) - (normal * s2 / count)));
                }
            }
        }

        for (long c = 0; c < sets.Channels; c++)
        {
            dweight[c] = (float)sums[2 * c];
            dbias[c] = (float)sums[(2 * c) + 1];
        }
    }

    private static (double Mean, double InverseDeviation) MomentsScalar(in PlaneSets sets, int set, float* x, float eps)
    {
        double sum = 0;
        double squares = 0;
        double count = (double)sets.PlanesInSet * sets.PlaneSize;
        for (int pass = 0; pass < 2; pass++)
        {
            for (long k = 0; k < sets.PlanesInSet; k++)
            {
                long at = sets.Plane(set, k, out _);
                for (long i = at; i < at + sets.PlaneSize; i++)
                {
                    double centered = x[i] - (sum / count);
                    sum += pass == 0 ? x[i] : 0;
                    squares += pass == 0 ? 0 : centered * centered;
                }
            }
        }

        return (sum / count, 1 / Math.Sqrt((squares / count) + eps));
    }
}
