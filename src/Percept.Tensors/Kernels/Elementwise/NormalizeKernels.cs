using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Rows divided by their Euclidean norm, and the gradient.</summary>
/// <remarks>
/// Formula: y = x/max(‖x‖, eps); dx = (dy − y·(y·dy))/‖x‖ where ‖x‖ ≥ eps, dy/eps below, where the divisor is a constant.
/// Layout: contiguous rows, independent of each other; remainder as in the reductions and maps used. y may be x; dx may be dy.
/// </remarks>
internal static unsafe class NormalizeKernels
{
    internal static void Forward(float* x, float eps, float* y, long rows, long columns)
    {
        var job = new Job { X = x, Eps = eps, Result = y, Rows = rows, Columns = columns, ItemRows = RowBlocks.ItemRows(rows, columns) };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(rows, job.ItemRows));
    }

    internal static void Gradient(float* x, float eps, float* dy, float* dx, long rows, long columns)
    {
        var job = new Job
        {
            X = x, Eps = eps, Dy = dy, Result = dx, Rows = rows, Columns = columns, ItemRows = RowBlocks.ItemRows(rows, columns),
        };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(rows, job.ItemRows));
    }

    /// <summary>The plain twin of <see cref="Forward"/>.</summary>
    internal static void ForwardScalar(float* x, float eps, float* y, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            double norm = Norm(x + (r * columns), columns);
            for (long c = 0; c < columns; c++)
            {
                y[(r * columns) + c] = (float)(x[(r * columns) + c] / Math.Max(norm, eps));
            }
        }
    }

    /// <summary>The plain twin of <see cref="Gradient"/>.</summary>
    internal static void GradientScalar(float* x, float eps, float* dy, float* dx, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            float* row = x + (r * columns);
            float* d = dy + (r * columns);
            double norm = Norm(row, columns);
            double dot = 0;
            for (long c = 0; c < columns; c++)
            {
                dot += (double)row[c] * d[c];
            }

            for (long c = 0; c < columns; c++)
            {
                dx[(r * columns) + c] = (float)(norm < eps ? d[c] / eps : (d[c] - (row[c] * dot / (norm * norm))) / norm);
            }
        }
    }

    private static double Norm(float* x, long count)
    {
        double sum = 0;
        for (long c = 0; c < count; c++)
        {
            sum += (double)x[c] * x[c];
        }

        return Math.Sqrt(sum);
    }

    private struct Job : IParallelJob
    {
        internal float* X;
        internal float Eps;
        internal float* Dy;
        internal float* Result;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                float* x = X + (r * Columns);
                float* result = Result + (r * Columns);
                double norm = Math.Sqrt(ReductionKernels.SquaresRange(x, Columns));
                float inverse = (float)(1 / Math.Max(norm, Eps));
                if (Dy == null)
                {
                    UnaryKernels.MapRange(new AffineOp(inverse, 0f), x, result, (nint)Columns);
                    continue;
                }

                float* dy = Dy + (r * Columns);
                float along = norm < Eps ? 0f : (float)(-ReductionKernels.DotRange(x, dy, Columns) / (norm * norm * norm));
                PlaneNormKernels.Combine(dy, x, 0f, inverse, along, 0f, result, (nint)Columns);
            }
        }
    }
}
