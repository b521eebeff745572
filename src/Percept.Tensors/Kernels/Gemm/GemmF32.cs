using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Matrix products of floats: C = alpha·op(A)·op(B) + beta·C (+ bias per column).</summary>
/// <remarks>
/// Row-major with leading dimensions; op is the matrix or its transpose. K is cut into slabs of about
/// <see cref="SlabK"/>. A is packed once into a buffer shared by all threads (<see cref="GemmPlan.SharedA"/>), or tile by
/// tile where B is one column group only. An item is a group of B's columns × a range of rows: it packs its columns of
/// one slab into a buffer that stays in the second-level cache, multiplies them with its rows, and goes on with the next
/// slab, so that its part of C stays near. Each element of C is summed slab by slab in the order of k whatever the
/// number of threads. C must not overlap A, B or the bias. With beta = 0, C is not read; with alpha = 0 or k = 0 neither
/// A nor B is.
/// </remarks>
internal static unsafe class GemmF32
{
    /// <summary>The greatest number of k summed in registers before C is touched.</summary>
    internal const int SlabK = 1024;

    /// <summary>Slabs begin at multiples of this, so that no item that packs transposed rows straddles two.</summary>
    internal const int SlabGranule = 64;

    /// <summary>The most rows of A packed at a time.</summary>
    internal const int BlockM = 2048;

    /// <summary>The most columns of A packed at a time.</summary>
    internal const int BlockK = 1024;

    /// <summary>C = alpha·op(A)·op(B) + beta·C + bias, with float B.</summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Products to a sum.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="a">[m, k], or [k, m] when <paramref name="transA"/>.</param>
    /// <param name="lda">Floats from one stored row of A to the next.</param>
    /// <param name="transA">Whether A is stored transposed.</param>
    /// <param name="b">[k, n], or [n, k] when <paramref name="transB"/>.</param>
    /// <param name="ldb">Floats from one stored row of B to the next.</param>
    /// <param name="transB">Whether B is stored transposed, as the weight of a linear layer is.</param>
    /// <param name="beta">Factor of the old C; 0 overwrites it, even where it is NaN.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="ldc">Floats from one row of C to the next.</param>
    /// <param name="bias">[n], added to every row; null for none.</param>
    internal static void Run(
        int m, int n, int k, float alpha, float* a, long lda, bool transA, float* b, long ldb, bool transB, float beta,
        float* c, long ldc, float* bias = null) =>
        Run(m, n, k, alpha, a, lda, transA, GemmSource.F32(b, ldb, transB), beta, c, ldc, bias);

    /// <summary>C = alpha·op(A)·op(B) + beta·C + bias, with B of any format.</summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Products to a sum.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="a">[m, k], or [k, m] when <paramref name="transA"/>.</param>
    /// <param name="lda">Floats from one stored row of A to the next.</param>
    /// <param name="transA">Whether A is stored transposed.</param>
    /// <param name="b">B.</param>
    /// <param name="beta">Factor of the old C; 0 overwrites it, even where it is NaN.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="ldc">Floats from one row of C to the next.</param>
    /// <param name="bias">[n], added to every row; null for none.</param>
    internal static void Run(
        int m, int n, int k, float alpha, float* a, long lda, bool transA, in GemmSource b, float beta,
        float* c, long ldc, float* bias = null)
    {
        if (m <= 0 || n <= 0)
        {
            return;
        }

        if (k <= 0 || alpha == 0)
        {
            Scale(m, n, beta, c, ldc, bias);
            return;
        }

        if (RunFew(m, n, k, alpha, a, lda, transA, b, beta, c, ldc, bias))
        {
            return;
        }

        GemmPlan plan = GemmPlan.Create(m, n, k, b);
        if (!plan.SharedA)
        {
            ComputeJob job = new(plan, alpha, a, lda, transA, null, b, c, ldc, m, 0, k, beta, bias);
            WorkerPool.Shared.Run(ref job, plan.Items);
            return;
        }

        using ThreadScratch.Lease packed = ThreadScratch.Rent(sizeof(float) * GemmMicro.PanelA(plan.GroupK) * plan.Panels);
        float* buffer = (float*)packed.Pointer;
        for (int m0 = 0; m0 < m; m0 += plan.BlockRows)
        {
            int rows = Math.Min(plan.BlockRows, m - m0);
            for (int k0 = 0; k0 < k; k0 += plan.GroupK)
            {
                int depth = Math.Min(plan.GroupK, k - k0);
                float* part = transA ? a + (k0 * lda) + m0 : a + (m0 * lda) + k0;
                PackJob pack = new(plan, alpha, part, lda, transA, buffer, rows, depth);
                WorkerPool.Shared.Run(ref pack, pack.Items);
                ComputeJob job = new(
                    plan, alpha, null, 0, false, buffer, b, c + (m0 * ldc), ldc, rows, k0, depth,
                    k0 == 0 ? beta : 1, k0 == 0 ? bias : null);
                WorkerPool.Shared.Run(ref job, plan.Items);
            }
        }
    }

    /// <summary>Many products of one shape: C[i] = alpha·op(A[i])·op(B[i]) + beta·C[i].</summary>
    /// <param name="batch">How many products.</param>
    /// <param name="m">Rows of each C.</param>
    /// <param name="n">Columns of each C.</param>
    /// <param name="k">Products to a sum.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="a">The first A.</param>
    /// <param name="lda">Floats from one stored row of A to the next.</param>
    /// <param name="strideA">Floats from one A to the next; 0 to use the same.</param>
    /// <param name="transA">Whether A is stored transposed.</param>
    /// <param name="b">The first B.</param>
    /// <param name="ldb">Floats from one stored row of B to the next.</param>
    /// <param name="strideB">Floats from one B to the next; 0 to use the same.</param>
    /// <param name="transB">Whether B is stored transposed.</param>
    /// <param name="beta">Factor of the old C.</param>
    /// <param name="c">The first C; the results must not overlap.</param>
    /// <param name="ldc">Floats from one row of C to the next.</param>
    /// <param name="strideC">Floats from one C to the next.</param>
    internal static void RunBatched(
        int batch, int m, int n, int k, float alpha, float* a, long lda, long strideA, bool transA, float* b, long ldb,
        long strideB, bool transB, float beta, float* c, long ldc, long strideC)
    {
        if (batch <= 0 || m <= 0 || n <= 0)
        {
            return;
        }

        double work = (double)m * n * Math.Max(k, 1);
        int threads = WorkerPool.Available;
        if (work > GemmPlan.WorkOfItem * 4 && batch < 4 * threads)
        {
            for (int i = 0; i < batch; i++)
            {
                Run(m, n, k, alpha, a + (i * strideA), lda, transA, b + (i * strideB), ldb, transB, beta,
                    c + (i * strideC), ldc);
            }

            return;
        }

        int together = (int)Math.Clamp(GemmPlan.WorkOfItem / work, 1, Math.Max(1, batch / (4.0 * threads)));
        BatchJob job = new()
        {
            Batch = batch, Together = together, M = m, N = n, K = k, Alpha = alpha, Beta = beta,
            A = a, Lda = lda, StrideA = strideA, TransA = transA, B = b, Ldb = ldb, StrideB = strideB, TransB = transB,
            C = c, Ldc = ldc, StrideC = strideC,
        };
        WorkerPool.Shared.Run(ref job, (batch + together - 1) / together);
    }

    /// <summary>The scalar twin of <see cref="Run(int, int, int, float, float*, long, bool, float*, long, bool, float, float*, long, float*)"/>.</summary>
    internal static void RunScalar(
        int m, int n, int k, float alpha, float* a, long lda, bool transA, float* b, long ldb, bool transB, float beta,
        float* c, long ldc, float* bias = null)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int p = 0; p < k && alpha != 0; p++)
                {
                    sum += alpha * a[transA ? (p * lda) + i : (i * lda) + p] * b[transB ? (j * ldb) + p : (p * ldb) + j];
                }

                float old = beta == 0 ? 0 : beta * c[(i * ldc) + j];
                c[(i * ldc) + j] = sum + old + (bias is null ? 0 : bias[j]);
            }
        }
    }

    /// <summary>C = beta·C + bias.</summary>
    internal static void Scale(int m, int n, float beta, float* c, long ldc, float* bias)
    {
        for (int i = 0; i < m; i++)
        {
            Span<float> row = new(c + (i * ldc), n);
            if (beta == 0)
            {
                row.Clear();
            }
            else if (beta != 1)
            {
                System.Numerics.Tensors.TensorPrimitives.Multiply(row, beta, row);
            }

            if (bias is not null)
            {
                System.Numerics.Tensors.TensorPrimitives.Add(row, new ReadOnlySpan<float>(bias, n), row);
            }
        }
    }

    /// <summary>Does a product with few rows, or with one column, without packing; false when it is not one.</summary>
    private static bool RunFew(
        int m, int n, int k, float alpha, float* a, long lda, bool transA, in GemmSource b, float beta, float* c, long ldc,
        float* bias)
    {
        if (n == 1 && b.Type == DType.F32 && !transA && m > 1 && (b.Transposed || b.RowBytes == sizeof(float)))
        {
            // A matrix times one column: A takes the weights' part.
            Gemv.Run<F32Weight>(
                1, m, k, alpha, a, lda * sizeof(float), (float*)b.Data, 0, beta, c, 0, ldc, bias, 0);
            return true;
        }

        if (transA ? m != 1 || lda != 1 : m > (b.Transposed ? Gemv.MaxVectors : Gemv.MaxVectorsTransposed))
        {
            return false;
        }

        switch (b.Type)
        {
            case DType.F32:
                Few<F32Weight>(m, n, k, alpha, a, lda, b, beta, c, ldc, bias);
                return true;
            case DType.BF16:
                Few<BF16Weight>(m, n, k, alpha, a, lda, b, beta, c, ldc, bias);
                return true;
            case DType.F16:
                Few<F16Weight>(m, n, k, alpha, a, lda, b, beta, c, ldc, bias);
                return true;
            default:
                return false;
        }
    }

    private static void Few<TW>(
        int m, int n, int k, float alpha, float* a, long lda, in GemmSource b, float beta, float* c, long ldc, float* bias)
        where TW : struct, IWeightElement
    {
        if (b.Transposed)
        {
            Gemv.Run<TW>(m, n, k, alpha, b.Data, b.RowBytes, a, lda, beta, c, ldc, bias);
        }
        else
        {
            Gemv.RunTransposed<TW>(m, k, n, alpha, b.Data, b.RowBytes, a, lda, beta, c, ldc, bias);
        }
    }

    /// <summary>Packs a block of A. Stored by rows: an item is one panel; stored transposed: 64 k of all panels.</summary>
    private readonly struct PackJob(
        GemmPlan plan, float alpha, float* a, long lda, bool transposed, float* buffer, int rows, int depth) : IParallelJob
    {
        internal int Items =>
            transposed ? (depth + SlabGranule - 1) / SlabGranule : (rows + GemmMicro.Mr - 1) / GemmMicro.Mr;

        public void Run(int index)
        {
            if (transposed)
            {
                int from = index * SlabGranule;
                int slab = from / plan.Slab * plan.Slab;
                for (int r = 0; r < rows; r += GemmMicro.Mr)
                {
                    Pack(r, slab, from, Math.Min(SlabGranule, depth - from));
                }
            }
            else
            {
                for (int slab = 0; slab < depth; slab += plan.Slab)
                {
                    Pack(index * GemmMicro.Mr, slab, slab, Math.Min(plan.Slab, depth - slab));
                }
            }
        }

        private void Pack(int row, int slab, int from, int count)
        {
            int mr = GemmMicro.Mr;
            float* panel = plan.PanelOf(buffer, row / mr, slab, Math.Min(plan.Slab, depth - slab)) + ((long)(from - slab) * mr);
            float* source = transposed ? a + (from * lda) + row : a + (row * lda) + from;
            GemmPack.A(source, lda, transposed, Math.Min(mr, rows - row), count, alpha, panel);
        }
    }

    /// <summary>Multiplies; an item is one group of columns × one range of rows.</summary>
    private readonly struct ComputeJob(
        GemmPlan plan, float alpha, float* a, long lda, bool transA, float* buffer, GemmSource b, float* c, long ldc,
        int rows, int firstK, int depth, float beta, float* bias) : IParallelJob
    {
        [SkipLocalsInit]
        public void Run(int index)
        {
            int mr = GemmMicro.Mr, nr = GemmMicro.Nr;
            int n0 = index / plan.Chunks * plan.GroupN;
            int n = Math.Min(plan.GroupN, plan.N - n0);
            int r0 = index % plan.Chunks * plan.ChunkRows;
            int r1 = Math.Min(rows, r0 + plan.ChunkRows);
            if (r0 >= r1)
            {
                return;
            }

            int whole = plan.DirectB ? n / nr * nr : 0;
            long panelsB = (n - whole + nr - 1) / nr * GemmMicro.PanelB(plan.Slab);
            using ThreadScratch.Lease scratch =
                ThreadScratch.Rent(sizeof(float) * (panelsB + (buffer is null ? GemmMicro.PanelA(plan.Slab) : 0)));
            float* packedB = (float*)scratch.Pointer;
            float* ownA = packedB + panelsB;
            float* add = bias is null ? null : bias + n0;
            long ldadd = 0;
            if (beta != 0)
            {
                if (beta != 1 || bias is not null)
                {
                    Scale(r1 - r0, n, beta, c + (r0 * ldc) + n0, ldc, add);
                }

                add = c + n0;
                ldadd = ldc;
            }

            SourcePrefetch ahead = default;
            for (int slab = 0; slab < depth; slab += plan.Slab)
            {
                int k = Math.Min(plan.Slab, depth - slab);
                if (whole < n)
                {
                    GemmPack.B(b, firstK + slab, n0 + whole, k, n - whole, packedB);
                }

                AskForNext(ref ahead, index, slab + plan.Slab, n0, n, (r1 - r0 + mr - 1) / mr);
                for (int r = r0; r < r1; r += mr)
                {
                    ahead.Step();
                    int count = Math.Min(mr, r1 - r);
                    float* panel = ownA;
                    if (buffer is null)
                    {
                        GemmPack.A(
                            transA ? a + (slab * lda) + r : a + (r * lda) + slab, lda, transA, count, k, alpha, ownA);
                    }
                    else
                    {
                        panel = plan.PanelOf(buffer, r / mr, slab, k);
                    }

                    float* rowC = c + (r * ldc) + n0;
                    float* rowAdd = add is null ? null : add + (r * ldadd);
                    for (int j = 0; j < n; j += nr)
                    {
                        float* panelB = j < whole ? b.At(firstK + slab, n0 + j) : packedB + ((long)(j - whole) * k);
                        GemmMicro.Run(
                            k, panel, panelB, j < whole ? b.RowBytes / sizeof(float) : nr, rowC + j, ldc, count,
                            Math.Min(nr, n - j), rowAdd is null ? null : rowAdd + j, ldadd);
                    }
                }

                add = c + n0;
                ldadd = ldc;
            }
        }

        private void AskForNext(ref SourcePrefetch ahead, int index, int slab, int n0, int n, int steps)
        {
            if (slab < depth)
            {
                ahead.Begin(b, firstK + slab, n0, Math.Min(plan.Slab, depth - slab), n, steps);
                return;
            }

            // Threads take turns more often than not, so this one's next item is as many on as there are threads.
            int next = (index + plan.Threads) / plan.Chunks * plan.GroupN;
            int k = next == n0 ? 0 : Math.Min(plan.Slab, depth);
            ahead.Begin(b, firstK, next, k, Math.Min(plan.GroupN, plan.N - next), steps);
        }
    }

    private struct BatchJob : IParallelJob
    {
        internal int Batch, Together, M, N, K;
        internal float Alpha, Beta;
        internal float* A, B, C;
        internal long Lda, Ldb, Ldc, StrideA, StrideB, StrideC;
        internal bool TransA, TransB;

        public readonly void Run(int index)
        {
            int end = Math.Min(Batch, (index + 1) * Together);
            for (int i = index * Together; i < end; i++)
            {
                GemmF32.Run(
                    M, N, K, Alpha, A + (i * StrideA), Lda, TransA, B + (i * StrideB), Ldb, TransB, Beta,
                    C + (i * StrideC), Ldc);
            }
        }
    }
}
