using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>What a row is reduced to.</summary>
internal enum RowReduction
{
    Product,
    SumOfSquares,
    CenteredSquares,
    LogSumExp,
    Greatest,
    Least,
    AbsoluteSum,
    AbsoluteGreatest,
    PowerSum,
}

/// <summary>Reductions and scans of contiguous rows, with the gradients that are more than a product.</summary>
/// <remarks>Layout: contiguous rows, which are independent of each other. Products and scans accumulate in double, in order.</remarks>
internal static unsafe class RowReductions
{
    /// <summary>y[r] = reduction of row r; <paramref name="parameter"/> is the exponent of a power sum.</summary>
    internal static void Run(RowReduction reduction, float* x, float* y, long* places, long rows, long columns, double parameter = 0)
    {
        var job = new Job
        {
            Reduction = reduction, X = x, Y = y, Places = places, Rows = rows, Columns = columns, Parameter = parameter,
            ItemRows = RowBlocks.ItemRows(rows, columns),
        };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(rows, job.ItemRows));
    }

    /// <summary>The gradient of a product: dy times the product of the other elements of the row.</summary>
    internal static void ProductGradient(float* x, float* dy, float* dx, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            double product = 1;
            long zeros = 0;
            for (long c = 0; c < columns; c++)
            {
                float v = x[(r * columns) + c];
                zeros += v == 0 ? 1 : 0;
                product *= v == 0 ? 1 : v;
            }

            for (long c = 0; c < columns; c++)
            {
                float v = x[(r * columns) + c];
                double others = zeros == 0 ? product / v : zeros == 1 && v == 0 ? product : 0;
                dx[(r * columns) + c] = (float)(dy[r] * others);
            }
        }
    }

    /// <summary>
    /// dx = dy·(x equals y ? 1/ties : 0): an extreme shared among its ties. <paramref name="absolute"/> compares |x|, and the share
    /// has the sign of x, 0 at 0.
    /// </summary>
    internal static void ShareAmongTies(float* x, float* y, float* dy, float* dx, long rows, long columns, bool absolute)
    {
        for (long r = 0; r < rows; r++)
        {
            float* row = x + (r * columns);
            long ties = 0;
            for (long c = 0; c < columns; c++)
            {
                ties += Ties(row[c], y[r], absolute) ? 1 : 0;
            }

            for (long c = 0; c < columns; c++)
            {
                float share = Ties(row[c], y[r], absolute) ? dy[r] / ties : 0f;
                dx[(r * columns) + c] = !absolute || row[c] > 0 ? share : row[c] == 0 ? 0f : -share;
            }
        }
    }

    /// <summary>y[c] = x[0] + … + x[c], or the product; backwards from the end with <paramref name="reverse"/>.</summary>
    internal static void Scan(float* x, float* y, long rows, long columns, bool product, bool reverse)
    {
        var job = new ScanJob
        {
            X = x, Y = y, Rows = rows, Columns = columns, Product = product, Reverse = reverse,
            ItemRows = RowBlocks.ItemRows(rows, columns),
        };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(rows, job.ItemRows));
    }

    /// <summary>The gradient of a running product, zeros included: dx[c] = Σ_{j ≥ c} dy[j]·Π_{i ≤ j, i ≠ c} x[i].</summary>
    internal static void ProductScanGradient(float* x, float* dy, float* dx, long rows, long columns)
    {
        for (long r = 0; r < rows; r++)
        {
            float* row = x + (r * columns);
            float* d = dy + (r * columns);
            double before = 1;
            for (long c = 0; c < columns; c++)
            {
                double running = before;
                double sum = 0;
                for (long j = c; j < columns && running != 0; j++)
                {
                    running *= j == c ? 1 : row[j];
                    sum += d[j] * running;
                }

                dx[(r * columns) + c] = (float)sum;
                before *= row[c];
            }
        }
    }

    private static bool Ties(float x, float extreme, bool absolute) =>
        (absolute ? MathF.Abs(x) : x) == extreme || (float.IsNaN(x) && float.IsNaN(extreme));

    private struct Job : IParallelJob
    {
        internal RowReduction Reduction;
        internal float* X;
        internal float* Y;
        internal long* Places;
        internal long Rows;
        internal long Columns;
        internal double Parameter;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                float* x = X + (r * Columns);
                if (Places != null)
                {
                    Places[r] = Reduction == RowReduction.Greatest
                        ? ReductionKernels.ArgMax(x, Columns)
                        : ReductionKernels.ArgMin(x, Columns);
                    if (Y != null)
                    {
                        Y[r] = x[Places[r]];
                    }

                    continue;
                }

                Y[r] = Reduction switch
                {
                    RowReduction.SumOfSquares => (float)ReductionKernels.SquaresRange(x, Columns),
                    RowReduction.CenteredSquares => (float)Centered(x),
                    RowReduction.LogSumExp => SoftmaxKernels.LogSumExp(x, (nint)Columns),
                    RowReduction.Greatest => ReductionKernels.Max(x, Columns),
                    RowReduction.Least => ReductionKernels.Min(x, Columns),
                    _ => Fold(x),
                };
            }
        }

        private readonly double Centered(float* x)
        {
            double mean = ReductionKernels.SumRange(x, Columns) / Columns;
            double rest = mean - (float)mean;
            return Math.Max(0, ReductionKernels.SquaresAroundRange(x, (float)mean, Columns) - (Columns * rest * rest));
        }

        private readonly float Fold(float* x)
        {
            double result = Reduction == RowReduction.Product ? 1 : 0;
            for (long c = 0; c < Columns; c++)
            {
                double v = Math.Abs((double)x[c]);
                result = Reduction switch
                {
                    RowReduction.Product => result * x[c],
                    RowReduction.AbsoluteSum => result + v,
                    RowReduction.AbsoluteGreatest => Math.Max(result, v),
                    _ => result + Math.Pow(v, Parameter),
                };
            }

            return (float)result;
        }
    }

    private struct ScanJob : IParallelJob
    {
        internal float* X;
        internal float* Y;
        internal long Rows;
        internal long Columns;
        internal bool Product;
        internal bool Reverse;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                double running = Product ? 1 : 0;
                for (long i = 0; i < Columns; i++)
                {
                    long at = (r * Columns) + (Reverse ? Columns - 1 - i : i);
                    running = Product ? running * X[at] : running + X[at];
                    Y[at] = (float)running;
                }
            }
        }
    }
}
