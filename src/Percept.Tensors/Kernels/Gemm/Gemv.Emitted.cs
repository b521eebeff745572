using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>Weight rows in groups of four on emitted kernels.</content>
internal static unsafe partial class Gemv
{
    /// <summary>Whether there is an emitted kernel for these weights and this many vectors.</summary>
    private static bool HasEmitted<TW>(int m)
        where TW : struct, IWeightElement =>
        (typeof(TW) == typeof(F16Weight) || (typeof(TW) == typeof(BF16Weight) && m == 1)) && EmittedGemv.Shared is not null;

    private partial struct RowsJob<TW>
    {
        private const int GroupsOfCall = 16;

        /// <summary>Sums all whole groups of four rows; returns the first row that is left.</summary>
        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int EmittedRows(int first, int end, int index)
        {
            EmittedGemv kernels = EmittedGemv.Shared!;
            float* sums = stackalloc float[GroupsOfCall * EmittedGemv.Rows * EmittedGemv.MaxVectors];
            EmittedGemv.Arguments arguments = default;
            arguments.SetLength(K);
            arguments.RowBytes = RowBytes;
            arguments.XBytes = Ldx * sizeof(float);
            arguments.Sums = sums;

            // Vectors that take several calls go over the same group while it is cached.
            int most = M is 1 or 2 or 4 ? GroupsOfCall : 1;
            int nextItem = (index + Threads) * RowsOfItem;
            int r = first;
            while (r + EmittedGemv.Rows <= end)
            {
                int groups = Math.Min(most, (end - r) / EmittedGemv.Rows);
                int after = r + (groups * EmittedGemv.Rows), last = after - EmittedGemv.Rows;
                nint next = after < end ? EmittedGemv.Rows * RowBytes : nextItem < N ? (nextItem - last) * RowBytes : 0;
                int vectors;
                for (int j = 0; j < M; j += vectors, next = 0)
                {
                    vectors = M - j >= 4 ? 4 : M - j >= 2 ? 2 : 1;
                    arguments.W = W + (r * RowBytes);
                    arguments.X = X + (j * Ldx);
                    arguments.Groups = groups;
                    arguments.LastNext = next;
                    kernels.Run(typeof(TW) == typeof(F16Weight), vectors, &arguments);
                    PutGroups(r, groups, j, vectors, sums);
                }

                r = after;
            }

            return r;
        }

        private readonly void PutGroups(int r, int groups, int j, int vectors, float* sums)
        {
            for (int g = 0; g < groups; g++)
            {
                for (int v = 0; v < vectors; v++)
                {
                    for (int i = 0; i < EmittedGemv.Rows; i++)
                    {
                        Put(r + (g * EmittedGemv.Rows) + i, j + v, *sums++);
                    }
                }
            }
        }
    }
}
