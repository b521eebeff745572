using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>
/// Products of weights [n, k] in f32, bf16 or f16 with one or a few vectors, bound by reading the weights once:
/// y = alpha·x·Wᵀ + beta·y + bias (<c>Run</c>) and y = alpha·x·W + beta·y + bias (<see cref="RunTransposed{TW}"/>).
/// </summary>
/// <remarks>
/// <c>Run</c>: each thread reads rows of its own from front to back (<see cref="StreamLanes"/>). One vector: a row at a time, or
/// eight where the vector would not stay in the first-level cache (<see cref="EmittedGemv.ByEights"/>).
/// More: four rows at a time, gone over, cached, with
/// up to four vectors. Both by emitted code where <see cref="EmittedGemv"/> has a kernel. <see cref="RunTransposed{TW}"/>: items are
/// strips of columns over all rows, so that no sum is split between threads. Outputs must not overlap inputs. Rows missing
/// to four are done singly, and so are, in intrinsics, the columns missing to a vector.
/// </remarks>
internal static unsafe partial class Gemv
{
    /// <summary>The most vectors for which these kernels are meant.</summary>
    internal const int MaxVectors = 16;

    /// <summary>The most vectors for which <see cref="RunTransposed{TW}"/> is meant.</summary>
    internal const int MaxVectorsTransposed = 4;

    private const long BytesOfItem = 128 * 1024;
    private const int StripColumns = 1024;

    /// <summary>y[j, r] = alpha·Σₖ x[j, k]·w[r, k] + beta·y[j, r] + bias[r].</summary>
    /// <typeparam name="TW">Type of the weights.</typeparam>
    /// <param name="m">How many vectors.</param>
    /// <param name="n">Weight rows.</param>
    /// <param name="k">Weight columns.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="w">The first weight row.</param>
    /// <param name="rowBytes">Bytes from one weight row to the next.</param>
    /// <param name="x">[m, k].</param>
    /// <param name="ldx">Floats from one vector to the next.</param>
    /// <param name="beta">Factor of the old y; 0 overwrites it.</param>
    /// <param name="y">[m, n].</param>
    /// <param name="ldy">Floats from one result vector to the next.</param>
    /// <param name="bias">[n]; null for none.</param>
    internal static void Run<TW>(
        int m, int n, int k, float alpha, void* w, long rowBytes, float* x, long ldx, float beta, float* y, long ldy,
        float* bias = null)
        where TW : struct, IWeightElement =>
        Run<TW>(m, n, k, alpha, w, rowBytes, x, ldx, beta, y, ldy, 1, bias, 1);

    /// <summary>y[j, r] as above, with any stride between the results of two weight rows and between their biases.</summary>
    [SkipLocalsInit]
    internal static void Run<TW>(
        int m, int n, int k, float alpha, void* w, long rowBytes, float* x, long ldx, float beta, float* y, long ldy,
        long rowStride, float* bias, int biasStride)
        where TW : struct, IWeightElement
    {
        if (m <= 0 || n <= 0)
        {
            return;
        }

        if (m == 1 && EmittedGemv.ByEights && n >= EmittedGemv.EightRows && (long)k * TW.Size <= EmittedGemv.MostEightBytes
            && EmittedGemv.Shared is not null)
        {
            RunEights<TW>(n, k, alpha, w, rowBytes, x, beta, y, rowStride, bias, biasStride);
            return;
        }

        // More vectors make the same bytes more work.
        long* state = stackalloc long[StreamLanes.StateWords];
        var lanes = new StreamLanes(state, n, (long)k * TW.Size * ((m + 3) / 4), EmittedGemv.Rows);
        RowsJob<TW> job = new()
        {
            M = m, N = n, K = k, Alpha = alpha, Beta = beta, W = (byte*)w, RowBytes = (nint)rowBytes, X = x, Ldx = (nint)ldx,
            Y = y, Ldy = ldy, RowStride = rowStride, Bias = bias, BiasStride = biasStride, Lanes = lanes,
        };
        WorkerPool.Shared.Run(ref job, lanes.Count);
    }

    /// <summary>y[j, c] = alpha·Σᵣ x[j, r]·w[r, c] + beta·y[j, c] + bias[c].</summary>
    /// <typeparam name="TW">Type of the weights.</typeparam>
    /// <param name="m">How many vectors.</param>
    /// <param name="n">Weight rows.</param>
    /// <param name="k">Weight columns.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="w">The first weight row.</param>
    /// <param name="rowBytes">Bytes from one weight row to the next.</param>
    /// <param name="x">[m, n].</param>
    /// <param name="ldx">Floats from one vector to the next.</param>
    /// <param name="beta">Factor of the old y; 0 overwrites it.</param>
    /// <param name="y">[m, k].</param>
    /// <param name="ldy">Floats from one result vector to the next.</param>
    /// <param name="bias">[k]; null for none.</param>
    internal static void RunTransposed<TW>(
        int m, int n, int k, float alpha, void* w, long rowBytes, float* x, long ldx, float beta, float* y, long ldy,
        float* bias = null)
        where TW : struct, IWeightElement
    {
        if (m <= 0 || k <= 0)
        {
            return;
        }

        int threads = WorkerPool.Available;
        bool small = (long)n * k * TW.Size <= BytesOfItem;
        int strip = small || threads == 1 ? k : (Math.Clamp(k / (2 * threads), 64, StripColumns) + 63) & ~63;
        ColumnsJob<TW> job = new()
        {
            M = m, N = n, K = k, Strip = Math.Min(strip, StripColumns), Alpha = alpha, Beta = beta, W = (byte*)w,
            RowBytes = (nint)rowBytes, X = x, Ldx = ldx, Y = y, Ldy = ldy, Bias = bias,
        };
        WorkerPool.Shared.Run(ref job, (k + job.Strip - 1) / job.Strip);
    }

    /// <summary>The scalar twin of <see cref="Run{TW}(int, int, int, float, void*, long, float*, long, float, float*, long, float*)"/>.</summary>
    internal static void RunScalar<TW>(
        int m, int n, int k, float alpha, void* w, long rowBytes, float* x, long ldx, float beta, float* y, long ldy,
        float* bias = null)
        where TW : struct, IWeightElement
    {
        for (int j = 0; j < m; j++)
        {
            for (int r = 0; r < n; r++)
            {
                float sum = GemvKernels.DotScalar<TW>((byte*)w + (r * rowBytes), x + (j * ldx), k);
                Put(y + (j * ldy) + r, sum, alpha, beta, bias is null ? 0 : bias[r]);
            }
        }
    }

    /// <summary>The scalar twin of <see cref="RunTransposed{TW}"/>.</summary>
    internal static void RunTransposedScalar<TW>(
        int m, int n, int k, float alpha, void* w, long rowBytes, float* x, long ldx, float beta, float* y, long ldy,
        float* bias = null)
        where TW : struct, IWeightElement
    {
        for (int j = 0; j < m; j++)
        {
            for (int c = 0; c < k; c++)
            {
                float sum = 0;
                for (int r = 0; r < n; r++)
                {
                    sum += x[(j * ldx) + r] * TW.LoadOne((byte*)w + (r * rowBytes) + ((long)c * TW.Size));
                }

                Put(y + (j * ldy) + c, sum, alpha, beta, bias is null ? 0 : bias[c]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* y, float sum, float alpha, float beta, float bias) =>
        *y = (alpha * sum) + (beta == 0 ? 0 : beta * *y) + bias;

    private partial struct RowsJob<TW> : IParallelJob
        where TW : struct, IWeightElement
    {
        internal int M, N, K, BiasStride;
        internal StreamLanes Lanes;
        internal float Alpha, Beta;
        internal byte* W;
        internal nint RowBytes, Ldx, SplitBytes;
        internal float* X, Y, Bias;
        internal long Ldy, RowStride;

        /// <summary>The vectors in parts, <see cref="SplitBytes"/> apart; null where they are used as they are.</summary>
        internal byte* Split;

        public void Run(int index)
        {
            while (Lanes.Take(index, out int first, out int end))
            {
                Piece(first, end);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Piece(int first, int end)
        {
            if (Split != null || HasEmitted<TW>(M))
            {
                EmittedRows(first, end);
            }
            else if (Avx512F.IsSupported)
            {
                Rows<Simd512>(first, end);
            }
            else if (GemmMicro.Use256)
            {
                Rows<Simd256>(first, end);
            }
            else if (Vector128.IsHardwareAccelerated)
            {
                Rows<Simd128>(first, end);
            }
            else
            {
                for (int r = first; r < end; r++)
                {
                    for (int j = 0; j < M; j++)
                    {
                        Put(r, j, GemvKernels.DotScalar<TW>(W + (r * RowBytes), X + (j * Ldx), K));
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Rows<TV>(int first, int end)
            where TV : struct, ISimdFloat<TV>
        {
            int r = first;
            if (M == 1 && Avx512F.IsSupported)
            {
                for (; r < end; r++)
                {
                    Put(r, 0, GemvKernels.DotRow<TV, TW>(W + (r * RowBytes), X, K));
                }

                return;
            }

            for (; r + 4 <= end; r += 4)
            {
                nint next = r + 4 < N ? 4 * RowBytes : 0;
                int j = 0;
                for (; j + 4 <= M; j += 4, next = 0)
                {
                    Four<TV>(r, j, next);
                }

                for (; j + 2 <= M; j += 2, next = 0)
                {
                    Two<TV>(r, j, next);
                }

                if (j < M)
                {
                    Single<TV>(r, j, next);
                }
            }

            for (int j = 0; j < M; j++)
            {
                One<TV>(r, end, j);
            }
        }

        private void One<TV>(int first, int end, int j)
            where TV : struct, ISimdFloat<TV>
        {
            for (int r = first; r < end; r++)
            {
                Put(r, j, GemvKernels.Dot1<TV, TW>(W + (r * RowBytes), X + (j * Ldx), K));
            }
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Single<TV>(int r, int j, nint next)
            where TV : struct, ISimdFloat<TV>
        {
            float* sums = stackalloc float[4];
            GemvKernels.Dot4x1<TV, TW>(W + (r * RowBytes), RowBytes, next, X + (j * Ldx), K, sums);
            for (int i = 0; i < 4; i++)
            {
                Put(r + i, j, sums[i]);
            }
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Two<TV>(int r, int j, nint next)
            where TV : struct, ISimdFloat<TV>
        {
            float* sums = stackalloc float[8];
            GemvKernels.Dot4x2<TV, TW>(W + (r * RowBytes), RowBytes, next, X + (j * Ldx), Ldx, K, sums);
            for (int i = 0; i < 8; i++)
            {
                Put(r + (i >> 1), j + (i & 1), sums[i]);
            }
        }

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Four<TV>(int r, int j, nint next)
            where TV : struct, ISimdFloat<TV>
        {
            float* sums = stackalloc float[16];
            byte* w = W + (r * RowBytes);
            float* x = X + (j * Ldx);
            if (GemmMicro.Mr == 12)
            {
                GemvKernels.Dot4x4<TV, TW>(w, RowBytes, next, x, Ldx, K, sums);
            }
            else
            {
                GemvKernels.Dot2x4<TV, TW>(w, RowBytes, next, x, Ldx, K, sums);
                GemvKernels.Dot2x4<TV, TW>(w + (2 * RowBytes), RowBytes, next, x, Ldx, K, sums + 8);
            }

            for (int i = 0; i < 16; i++)
            {
                Put(r + (i >> 2), j + (i & 3), sums[i]);
            }
        }

        private readonly void Put(int r, int j, float sum) =>
            Gemv.Put(Y + (j * Ldy) + (r * RowStride), sum, Alpha, Beta, Bias is null ? 0 : Bias[r * BiasStride]);
    }

    private struct ColumnsJob<TW> : IParallelJob
        where TW : struct, IWeightElement
    {
        internal int M, N, K, Strip;
        internal float Alpha, Beta;
        internal byte* W;
        internal nint RowBytes;
        internal float* X, Y, Bias;
        internal long Ldx, Ldy;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int index)
        {
            int first = index * Strip, columns = Math.Min(Strip, K - first);
            GemmF32.Scale(M, columns, Beta, Y + first, Ldy, Bias is null ? null : Bias + first);
            byte* w = W + ((nint)first * TW.Size);
            if (Avx512F.IsSupported)
            {
                Columns<Simd512>(w, columns, Y + first);
            }
            else if (GemmMicro.Use256)
            {
                Columns<Simd256>(w, columns, Y + first);
            }
            else if (Vector128.IsHardwareAccelerated)
            {
                Columns<Simd128>(w, columns, Y + first);
            }
            else
            {
                for (int j = 0; j < M; j++)
                {
                    float* y = Y + first + (j * Ldy);
                    for (int r = 0; r < N; r++)
                    {
                        float x = Alpha * X[(j * Ldx) + r];
                        for (int c = 0; c < columns; c++)
                        {
                            y[c] += x * TW.LoadOne(w + (r * RowBytes) + ((nint)c * TW.Size));
                        }
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Columns<TV>(byte* w, int columns, float* y)
            where TV : struct, ISimdFloat<TV>
        {
            float* x = stackalloc float[4];
            int r = 0;
            for (; r + 4 <= N; r += 4)
            {
                for (int j = 0; j < M; j++)
                {
                    for (int i = 0; i < 4; i++)
                    {
                        x[i] = Alpha * X[(j * Ldx) + r + i];
                    }

                    GemvKernels.Axpy4<TV, TW>(w + (r * RowBytes), RowBytes, x, columns, y + (j * Ldy), j == 0);
                }
            }

            for (; r < N; r++)
            {
                for (int j = 0; j < M; j++)
                {
                    GemvKernels.Axpy1<TV, TW>(w + (r * RowBytes), Alpha * X[(j * Ldx) + r], columns, y + (j * Ldy));
                }
            }
        }
    }
}
