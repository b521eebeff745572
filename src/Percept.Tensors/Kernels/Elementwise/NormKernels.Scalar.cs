namespace Percept.Tensors.Kernels;

// The plain twins of the norm kernels, in double.
internal static unsafe partial class NormKernels
{
    /// <summary>The plain twin of <see cref="Forward"/>.</summary>
    internal static void ForwardScalar(
        float* x, float* weight, float* bias, NormSpec spec, float* y, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            (double mean, double inverse) = StatisticsScalar(x + (r * columns), spec, columns);
            for (long c = 0; c < columns; c++)
            {
                double normal = (x[(r * columns) + c] - mean) * inverse;
                double factor = weight == null ? 1 : (double)weight[c] + spec.Offset;
                y[(r * columns) + c] = (float)((normal * factor) + (bias == null ? 0 : bias[c]));
            }
        }
    }

    /// <summary>The plain twin of <see cref="Gradient"/>.</summary>
    internal static void GradientScalar(
        float* x, float* weight, NormSpec spec, float* dy, float* dx, float* dweight, float* dbias, long rows, long columns)
    {
        var sums = new double[columns * 2];
        for (long r = 0; r < rows; r++)
        {
            (double mean, double inverse) = StatisticsScalar(x + (r * columns), spec, columns);
            double sum = 0;
            double product = 0;
            for (long c = 0; c < columns; c++)
            {
                long at = (r * columns) + c;
                double normal = (x[at] - mean) * inverse;
                double g = dy[at] * (weight == null ? 1 : (double)weight[c] + spec.Offset);
                sum += g;
                product += g * normal;
                sums[c] += dy[at] * normal;
                sums[columns + c] += dy[at];
            }

            for (long c = 0; c < columns; c++)
            {
                long at = (r * columns) + c;
                double normal = (x[at] - mean) * inverse;
                double g = dy[at] * (weight == null ? 1 : (double)weight[c] + spec.Offset);
                dx[at] = (float)(inverse * (g - (spec.Centered ? sum / columns : 0) - (normal * product / columns)));
            }
        }

        for (long c = 0; c < columns; c++)
        {
            dweight[c] = (float)sums[c];
            dbias[c] = (float)sums[columns + c];
        }
    }

    private static (double Mean, double InverseDeviation) StatisticsScalar(float* x, NormSpec spec, long count)
    {
        double mean = 0;
        for (long c = 0; c < count; c++)
        {
            mean += spec.Centered ? x[c] : 0;
        }

        mean /= count;
        double squares = 0;
        for (long c = 0; c < count; c++)
        {
            squares += (x[c] - mean) * (x[c] - mean);
        }

        return (mean, 1 / Math.Sqrt((squares / count) + spec.Eps));
    }
}
