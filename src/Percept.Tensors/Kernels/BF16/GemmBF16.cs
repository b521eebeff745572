using Percept.Tensors.Diagnostics;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.BF16;

/// <summary>
/// Products of float activations and bfloat16 weights: C = A·op(W) + beta·C (+ bias per column), in floats; and of two float factors
/// that are both rounded, for the gradient of a weight (<see cref="RunTurned"/>).
/// </summary>
/// <remarks>
/// <para>W is read where it lies (row-major, [n, k] for a linear layer or [k, n] for its gradient towards the input) and stays
/// the only copy: an item packs the columns of one slab of k into a panel that fits the second-level cache, multiplies all rows of
/// its range with it, and goes on. A is rounded to bfloat16 once a slab, into a buffer that all threads share.</para>
/// <para>k is cut into slabs of at most <see cref="SlabK"/>, summed in registers each; slabs are added in order, so a result
/// does not depend on the number of threads. Rows are spread evenly over tiles of at most 12, columns beyond the last whole
/// panel are zeros under a mask. Arithmetic is that of vdpbf16ps, see <see cref="BF16Micro"/>. Where no code can be emitted,
/// the float product with widened weights takes over: it does not round A, so it is the more accurate one.</para>
/// <para>C must not overlap A, W or the bias. With beta = 0, C is not read; with k = 0 neither A nor W is.</para>
/// </remarks>
internal static unsafe class GemmBF16
{
    /// <summary>The greatest k summed in registers: a panel of 32 columns takes 256 KiB.</summary>
    internal const int SlabK = 4096;

    /// <summary>The most rows of A packed at a time.</summary>
    internal const int BlockM = 1536;

    private const int PanelColumns = BF16Micro.Columns;

    /// <summary>The implementation that this process uses.</summary>
    internal static string Path => BF16Micro.Shared is null ? CodePaths.Intrinsics() : "emitted vdpbf16ps 512";

    /// <summary>C = A·op(W) + beta·C + bias.</summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Products to a sum.</param>
    /// <param name="a">[m, k].</param>
    /// <param name="lda">Floats from one row of A to the next.</param>
    /// <param name="w">bfloat16 [n, k] when <paramref name="transW"/>, else [k, n].</param>
    /// <param name="ldw">Elements from one row of W to the next.</param>
    /// <param name="transW">Whether W holds one row a column of C, as the weight of a linear layer does.</param>
    /// <param name="beta">Factor of the old C; 0 overwrites it, even where it is NaN.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="ldc">Floats from one row of C to the next.</param>
    /// <param name="bias">[n], added to every row; null for none.</param>
    internal static void Run(
        int m, int n, int k, float* a, long lda, ushort* w, long ldw, bool transW, float beta, float* c, long ldc,
        float* bias = null) =>
        Run(BF16Micro.Shared, m, n, k, a, lda, w, ldw, transW, beta, c, ldc, bias);

    /// <summary>The same with given tiles; null for the path without emitted code.</summary>
    internal static void Run(
        BF16Micro? micro, int m, int n, int k, float* a, long lda, ushort* w, long ldw, bool transW, float beta, float* c,
        long ldc, float* bias)
    {
        if (m <= 0 || n <= 0)
        {
            return;
        }

        if (micro is null || k <= 0)
        {
            GemmF32.Run(m, n, k, 1, a, lda, false, GemmSource.BF16(w, ldw, transW), beta, c, ldc, bias);
            return;
        }

        int slabs = (k + SlabK - 1) / SlabK;
        int slab = BF16Pack.Depth((k + slabs - 1) / slabs);
        int blocks = (m + BlockM - 1) / BlockM;
        int blockRows = (m + blocks - 1) / blocks;
        using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(ushort) * (long)slab * blockRows);
        for (int m0 = 0; m0 < m; m0 += blockRows)
        {
            for (int k0 = 0; k0 < k; k0 += slab)
            {
                bool first = k0 == 0;
                var job = new Job
                {
                    Micro = micro,
                    Rows = Math.Min(blockRows, m - m0),
                    Columns = n,
                    K = Math.Min(slab, k - k0),
                    A = a + (m0 * lda) + k0,
                    Lda = lda,
                    Packed = (ushort*)scratch.Pointer,
                    W = transW ? w + k0 : w + (k0 * ldw),
                    Ldw = ldw,
                    TransW = transW,
                    Beta = first ? beta : 1,
                    C = c + (m0 * ldc),
                    Ldc = ldc,
                    Bias = first ? bias : null,
                };
                RunBlock(job);
            }
        }
    }

    /// <summary>
    /// C = Aᵀ·W + beta·C with both factors rounded to bfloat16: the gradient of a weight. Only where code can be emitted; k is at most
    /// <see cref="SlabK"/>.
    /// </summary>
    /// <param name="micro">The tiles.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Products to a sum.</param>
    /// <param name="a">[k, m].</param>
    /// <param name="lda">Floats from one row of A to the next.</param>
    /// <param name="w">[k, n].</param>
    /// <param name="ldw">Floats from one row of W to the next.</param>
    /// <param name="beta">Factor of the old C; 0 overwrites it, even where it is NaN.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="ldc">Floats from one row of C to the next.</param>
    internal static void RunTurned(
        BF16Micro micro, int m, int n, int k, float* a, long lda, float* w, long ldw, float beta, float* c, long ldc)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, SlabK);
        if (m <= 0 || n <= 0)
        {
            return;
        }

        int blocks = (m + BlockM - 1) / BlockM;
        int blockRows = (m + blocks - 1) / blocks;
        using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(ushort) * (long)BF16Pack.Depth(k) * blockRows);
        for (int m0 = 0; m0 < m; m0 += blockRows)
        {
            RunBlock(new Job
            {
                Micro = micro,
                Rows = Math.Min(blockRows, m - m0),
                RowsFrom = m - m0,
                Columns = n,
                K = k,
                A = a + m0,
                Lda = lda,
                Packed = (ushort*)scratch.Pointer,
                Floats = w,
                Ldw = ldw,
                Beta = beta,
                C = c + (m0 * ldc),
                Ldc = ldc,
            });
        }
    }

    /// <summary>
    /// The scalar twin: A rounded to bfloat16, the two products of a pair added one after the other, denormals as zero.
    /// </summary>
    /// <remarks>It differs from the emitted code by slabs of k alone, and by the processor's freedom in the order within a pair.</remarks>
    internal static void RunScalar(
        int m, int n, int k, float* a, long lda, ushort* w, long ldw, bool transW, float beta, float* c, long ldc,
        float* bias = null)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int p = 0; p < k; p += 2)
                {
                    if (p + 1 < k)
                    {
                        sum = Step(sum, a[(i * lda) + p + 1], w[transW ? (j * ldw) + p + 1 : ((p + 1) * ldw) + j]);
                    }

                    sum = Step(sum, a[(i * lda) + p], w[transW ? (j * ldw) + p : (p * ldw) + j]);
                }

                float old = beta == 0 ? 0 : beta * c[(i * ldc) + j];
                c[(i * ldc) + j] = sum + (bias is null ? 0 : bias[j]) + old;
            }
        }
    }

    private static float Step(float sum, float a, ushort w) =>
        Flush(sum + (Flush(Widen(BF16Pack.Round(a))) * Flush(Widen(w))));

    private static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    private static float Flush(float value) => float.IsSubnormal(value) ? 0 : value;

    private static void RunBlock(Job job)
    {
        job.Tiles = (job.Rows + BF16Micro.MaxRows - 1) / BF16Micro.MaxRows;
        job.Depth = BF16Pack.Depth(job.K);
        if (job.Floats is null)
        {
            var pack = new PackJob { Job = job };
            WorkerPool.Shared.Run(ref pack, job.Tiles);
        }
        else
        {
            var pack = new TurnedPackJob { Job = job };
            WorkerPool.Shared.Run(ref pack, (job.Tiles + TurnedPackJob.Tiles - 1) / TurnedPackJob.Tiles);
        }

        // An item is one panel of columns; few panels and many rows make it a range of rows of a panel as well.
        // Rows of W that run over columns are read two lines at a time: half the page walks of single ones.
        int threads = WorkerPool.Available;
        bool wide = !job.TransW && job.Columns >= 8 * threads * PanelColumns;
        job.GroupColumns = wide ? 2 * PanelColumns : PanelColumns;
        int groups = (job.Columns + job.GroupColumns - 1) / job.GroupColumns;
        job.Chunks = threads == 1 ? 1 : Math.Clamp(4 * threads / groups, 1, Math.Max(1, job.Tiles / 8));
        WorkerPool.Shared.Run(ref job, groups * job.Chunks);
    }

    /// <summary>Rounds and lays out the rows of one tile.</summary>
    private struct PackJob : IParallelJob
    {
        internal Job Job;

        public readonly void Run(int index)
        {
            int row = Job.FirstRow(index);
            BF16Pack.A(
                Job.A + (row * Job.Lda), Job.Lda, Job.FirstRow(index + 1) - row, Job.K, Job.Packed + ((long)row * Job.Depth));
        }
    }

    /// <summary>The same for some tiles of a turned A: block by block, for every row of it lies on a page of its own.</summary>
    private struct TurnedPackJob : IParallelJob
    {
        internal const int Tiles = 5;

        internal Job Job;

        public readonly void Run(int index)
        {
            int last = Math.Min(Job.Tiles, (index + 1) * Tiles);
            for (int i = 0; i < Job.K; i += BF16Micro.BlockK)
            {
                for (int tile = index * Tiles; tile < last; tile++)
                {
                    int row = Job.FirstRow(tile), rows = Job.FirstRow(tile + 1) - row;
                    BF16Pack.TurnedA(
                        Job.A + (i * Job.Lda) + row, Job.Lda, rows, Job.RowsFrom - row, Job.K - i,
                        Job.Packed + ((long)row * Job.Depth) + ((long)i * rows));
                }
            }
        }
    }

    /// <summary>One block of rows times one slab of k.</summary>
    private struct Job : IParallelJob
    {
        internal BF16Micro Micro;
        internal int Rows, Columns, K, Depth, Tiles, Chunks, GroupColumns;
        internal float* A;
        internal long Lda, Ldw, Ldc;
        internal ushort* Packed;
        internal ushort* W;
        internal bool TransW;

        /// <summary>W as floats, which are rounded; A is turned then. Null where W is of bfloat16.</summary>
        internal float* Floats;

        /// <summary>Columns that a turned A has from the first one on: rows of this block and behind it.</summary>
        internal int RowsFrom;
        internal float Beta;
        internal float* C;
        internal float* Bias;

        /// <summary>Where a tile's rows begin: rows are spread evenly, so that no tile is left with few.</summary>
        internal readonly int FirstRow(int tile) => (int)((long)Rows * tile / Tiles);

        public readonly void Run(int index)
        {
            int first = index / Chunks * GroupColumns;
            int count = Math.Min(GroupColumns, Columns - first);
            long panelSize = (long)PanelColumns * Depth;
            using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(ushort) * panelSize * (GroupColumns / PanelColumns));
            ushort* panels = (ushort*)scratch.Pointer;
            Pack(first, count, panels);

            BF16Micro.Arguments arguments = default;
            arguments.RowBytes = Ldc * sizeof(float);
            arguments.Blocks = Depth / BF16Micro.BlockK;
            arguments.Beta = Beta;
            int chunk = index % Chunks;
            int last = (int)((long)Tiles * (chunk + 1) / Chunks);
            for (int tile = (int)((long)Tiles * chunk / Chunks); tile < last; tile++)
            {
                int row = FirstRow(tile);
                int rows = FirstRow(tile + 1) - row;
                for (int j = 0; j < count; j += PanelColumns)
                {
                    ulong mask = (1UL << Math.Min(PanelColumns, count - j)) - 1;
                    arguments.Mask0 = (uint)mask & 0xFFFF;
                    arguments.Mask1 = (uint)(mask >> 16);
                    arguments.A = (byte*)(Packed + ((long)row * Depth));
                    arguments.B = (byte*)(panels + (j / PanelColumns * panelSize));
                    arguments.C = C + (row * Ldc) + first + j;
                    arguments.Bias = Bias is null ? null : Bias + first + j;
                    Micro.Run(rows, &arguments);
                }
            }
        }

        private readonly void Pack(int first, int count, ushort* panels)
        {
            if (Floats is not null)
            {
                BF16Pack.Straight(Floats + first, Ldw, count, K, panels);
            }
            else if (TransW)
            {
                for (int j = 0; j < count; j += PanelColumns, panels += (long)PanelColumns * Depth)
                {
                    BF16Pack.Transposed(W + ((first + j) * Ldw), Ldw, Math.Min(PanelColumns, count - j), K, panels);
                }
            }
            else
            {
                BF16Pack.Straight(W + first, Ldw, count, K, panels);
            }
        }
    }
}
