namespace Percept.Tensors.Kernels;

// The plain twins of the softmax kernels, in double.
internal static unsafe partial class SoftmaxKernels
{
    /// <summary>The plain twin of <see cref="Forward"/>.</summary>
    internal static void ForwardScalar(
        float* x, float* mask, long maskRows, float scale, bool logarithm, float* y, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            double highest = double.NegativeInfinity;
            for (long c = 0; c < columns; c++)
            {
                highest = Math.Max(highest, Value(r, c));
            }

            double sum = 0;
            for (long c = 0; c < columns; c++)
            {
                sum += Math.Exp(Value(r, c) - highest);
            }

            for (long c = 0; c < columns; c++)
            {
                double v = Value(r, c) - highest;
                y[(r * columns) + c] = (float)(logarithm ? v - Math.Log(sum) : Math.Exp(v) / sum);
            }
        }

        double Value(long r, long c) =>
            ((double)scale * x[(r * columns) + c]) + (mask == null ? 0 : mask[(r % maskRows * columns) + c]);
    }

    /// <summary>The plain twin of <see cref="Gradient"/>.</summary>
    internal static void GradientScalar(
        float* y, float* dy, float scale, bool logarithm, float* dx, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            double sum = 0;
            for (long c = 0; c < columns; c++)
            {
                long at = (r * columns) + c;
                sum += logarithm ? dy[at] : (double)y[at] * dy[at];
            }

            for (long c = 0; c < columns; c++)
            {
                long at = (r * columns) + c;
                dx[at] = (float)(scale * (logarithm ? dy[at] - (Math.Exp(y[at]) * sum) : y[at] * (dy[at] - sum)));
            }
        }
    }
}
