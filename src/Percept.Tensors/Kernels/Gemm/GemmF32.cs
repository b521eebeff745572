using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Matrix products of floats: C = alpha·op(A)·op(B) + beta·C (+ bias per column).</summary>
/// <remarks>
/// Row-major with leading dimensions; op is the matrix or its transpose. K is cut into slabs of at most
/// <see cref="SlabK"/>. Of each slab A is packed once into a buffer that all threads share
/// (<see cref="GemmPlan.SharedA"/>), or tile by tile where B is one column group only. An item is a group of B's
/// columns × a range of rows: it packs its columns into a buffer that stays in the second-level cache and multiplies
/// them with its rows. Each element of C is summed slab by slab in the order of k whatever the
/// number of threads, the k of an addend with the last slab where the plan joins them. C must not overlap A, B or the
/// bias. With beta = 0, C is not read; with alpha = 0 or k = 0 neither A nor B is.
/// </remarks>
internal static unsafe class GemmF32
{
    /// <summary>The greatest number of k summed in registers before C is touched.</summary>
    internal const int SlabK = 1408;

    /// <summary>The most rows of A packed at a time.</summary>
    internal const int BlockM = 2048;

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
    /// <param name="more">A further product, A₂·op(B₂), that is added; the default value for none.</param>
    internal static void Run(
        int m, int n, int k, float alpha, float* a, long lda, bool transA, in GemmSource b, float beta,
        float* c, long ldc, float* bias = null, in GemmAddend more = default)
    {
        if (!RunJoined(m, n, k, alpha, a, lda, transA, b, beta, c, ldc, bias, more))
        {
            RunMore(m, n, more, c, ldc);
        }
    }

    /// <summary>C += A₂·op(B₂).</summary>
    internal static void RunMore(int m, int n, in GemmAddend more, float* c, long ldc)
    {
        if (more.K > 0)
        {
            Run(m, n, more.K, 1f, more.A, more.Lda, false, more.B, 1f, c, ldc);
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

    /// <summary>The product without <paramref name="more"/>, unless that joins the last slab; then true is returned.</summary>
    private static bool RunJoined(
        int m, int n, int k, float alpha, float* a, long lda, bool transA, in GemmSource b, float beta,
        float* c, long ldc, float* bias, in GemmAddend more)
    {
        if (m <= 0 || n <= 0)
        {
            return false;
        }

        if (k <= 0 || alpha == 0)
        {
            Scale(m, n, beta, c, ldc, bias);
            return false;
        }

        if (RunFew(m, n, k, alpha, a, lda, transA, b, beta, c, ldc, bias))
        {
            return false;
        }

        GemmPlan plan = GemmPlan.Create(m, n, k, b, more.K);
        if (!plan.SharedA)
        {
            ComputeJob job = new(plan, alpha, a, lda, transA, null, b, c, ldc, m, 0, k, beta, bias, default);
            WorkerPool.Shared.Run(ref job, plan.Items);
            return false;
        }

        GemmAddend joined = plan.Joins ? more : default;
        using ThreadScratch.Lease packed = ThreadScratch.Rent(sizeof(float) * GemmMicro.PanelA(plan.Slab + joined.K) * plan.Panels);
        float* buffer = (float*)packed.Pointer;
        for (int m0 = 0; m0 < m; m0 += plan.BlockRows)
        {
            int rows = Math.Min(plan.BlockRows, m - m0);
            for (int k0 = 0; k0 < k; k0 += plan.Slab)
            {
                int depth = Math.Min(plan.Slab, k - k0);
                float* part = transA ? a + (k0 * lda) + m0 : a + (m0 * lda) + k0;
                GemmAddend last = k0 + depth == k ? joined.FromRow(m0) : default;
                PackJob pack = new(alpha, part, lda, transA, buffer, rows, depth, last);
                WorkerPool.Shared.Run(ref pack, pack.Items);
                ComputeJob job = new(
                    plan, alpha, null, 0, false, buffer, b, c + (m0 * ldc), ldc, rows, k0, depth,
                    k0 == 0 ? beta : 1, k0 == 0 ? bias : null, last);
                WorkerPool.Shared.Run(ref job, plan.Items);
            }
        }

        return plan.Joins;
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

        // A small B is in cache, where tiles beat sums across vectors.
        if (m > Gemv.MaxVectorsTransposed && (long)n * k < 64 * 1024)
        {
            return false;
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
        float alpha, float* a, long lda, bool transposed, float* buffer, int rows, int depth, GemmAddend more) : IParallelJob
    {
        private const int DepthOfItem = 64;

        internal int Items => Own + (transposed && more.K > 0 ? Panels : 0);

        private int Panels => (rows + GemmMicro.Mr - 1) / GemmMicro.Mr;

        private int Own => transposed ? (depth + DepthOfItem - 1) / DepthOfItem : Panels;

        public void Run(int index)
        {
            int mr = GemmMicro.Mr;
            long panel = GemmMicro.PanelA(depth + more.K);
            if (index >= Own)
            {
                PackMore(index - Own, panel);
            }
            else if (transposed)
            {
                int from = index * DepthOfItem;
                GemmPack.TransposedA(
                    a + (from * lda), lda, rows, Math.Min(DepthOfItem, depth - from), alpha, buffer + ((long)from * mr), panel);
            }
            else
            {
                int row = index * mr;
                GemmPack.A(
                    a + (row * lda), lda, false, Math.Min(mr, rows - row), depth, alpha, buffer + (index * panel));
                if (more.K > 0)
                {
                    PackMore(index, panel);
                }
            }
        }

        /// <summary>The addend's k follow the product's own, which are whole chunks.</summary>
        private void PackMore(int index, long panel)
        {
            int mr = GemmMicro.Mr, row = index * mr;
            GemmPack.A(
                more.A + (row * more.Lda), more.Lda, false, Math.Min(mr, rows - row), more.K, 1f,
                buffer + (index * panel) + ((long)depth * mr));
        }
    }

    /// <summary>Multiplies; an item is one group of columns × one range of rows.</summary>
    private readonly struct ComputeJob(
        GemmPlan plan, float alpha, float* a, long lda, bool transA, float* buffer, GemmSource b, float* c, long ldc,
        int rows, int firstK, int depth, float beta, float* bias, GemmAddend more) : IParallelJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
            long panelsB = (n - whole + nr - 1) / nr * GemmMicro.PanelB(plan.Slab + more.K);
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

            for (int slab = 0; slab < depth; slab += plan.Slab)
            {
                int own = Math.Min(plan.Slab, depth - slab), k = own + more.K;
                if (whole < n)
                {
                    GemmPack.B(b, firstK + slab, n0 + whole, own, n - whole, packedB, k);
                    if (more.K > 0)
                    {
                        GemmPack.B(more.B, 0, n0 + whole, more.K, n - whole, packedB + ((long)own * nr), k);
                    }
                }

                for (int r = r0; r < r1; r += mr)
                {
                    int count = Math.Min(mr, r1 - r);
                    float* panel = ownA;
                    if (buffer is null)
                    {
                        AskForRows(slab, r + mr, Math.Min(mr, r1 - r - mr), k);
                        GemmPack.A(
                            transA ? a + (slab * lda) + r : a + (r * lda) + slab, lda, transA, count, k, alpha, ownA);
                    }
                    else
                    {
                        panel = buffer + (r / mr * GemmMicro.PanelA(k));
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

        /// <summary>Asks for the rows of A that the next tile is going to pack.</summary>
        private void AskForRows(int slab, int row, int count, int k)
        {
            if (Sse.IsSupported && !transA)
            {
                for (int r = 0; r < count; r++)
                {
                    float* from = a + ((row + r) * lda) + slab;
                    for (int i = 0; i < k; i += 16)
                    {
                        Sse.Prefetch1(from + i);
                    }
                }
            }
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
