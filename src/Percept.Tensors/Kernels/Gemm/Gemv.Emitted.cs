using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>Weight rows on emitted kernels: one at a time, or in groups of four.</content>
internal static unsafe partial class Gemv
{
    /// <summary>Whether there is an emitted kernel for these weights and this many vectors.</summary>
    private static bool HasEmitted<TW>(int m)
        where TW : struct, IWeightElement =>
        (typeof(TW) == typeof(F16Weight) || (typeof(TW) == typeof(BF16Weight) && m == 1)) && EmittedGemv.Shared is not null;

    private partial struct RowsJob<TW>
    {
        private const int RowsOfCall = 64;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void EmittedRows(int first, int end)
        {
            float* sums = stackalloc float[RowsOfCall * EmittedGemv.MaxVectors];
            EmittedGemv.Arguments arguments = default;
            arguments.SetLength(K);
            arguments.RowBytes = RowBytes;
            arguments.XBytes = Ldx * sizeof(float);
            arguments.Sums = sums;
            if (M == 1)
            {
                EmittedSingles(first, end, 0, &arguments);
                return;
            }

            int r = EmittedGroups(first, end, &arguments);
            for (int j = 0; j < M; j++)
            {
                EmittedSingles(r, end, j, &arguments);
            }
        }

        /// <summary>Sums rows one after another with one vector.</summary>
        private void EmittedSingles(int first, int end, int j, EmittedGemv.Arguments* arguments)
        {
            for (int r = first; r < end; r += RowsOfCall)
            {
                int count = Math.Min(RowsOfCall, end - r);
                arguments->W = W + (r * RowBytes);
                arguments->X = X + (j * Ldx);
                arguments->Groups = count;
                EmittedGemv.Shared!.Run(typeof(TW) == typeof(F16Weight), 1, arguments);
                for (int i = 0; i < count; i++)
                {
                    Put(r + i, j, arguments->Sums[i]);
                }
            }
        }

        /// <summary>Sums all whole groups of four rows; returns the first row that is left.</summary>
        private int EmittedGroups(int first, int end, EmittedGemv.Arguments* arguments)
        {
            // Vectors that take several calls go over the same group while it is cached.
            int most = M is 2 or 4 ? RowsOfCall / EmittedGemv.Rows : 1;
            int r = first;
            while (r + EmittedGemv.Rows <= end)
            {
                int groups = Math.Min(most, (end - r) / EmittedGemv.Rows);
                int after = r + (groups * EmittedGemv.Rows);
                nint next = after < N ? EmittedGemv.Rows * RowBytes : 0;
                int vectors;
                for (int j = 0; j < M; j += vectors, next = 0)
                {
                    vectors = M - j >= 4 ? 4 : M - j >= 2 ? 2 : 1;
                    arguments->W = W + (r * RowBytes);
                    arguments->X = X + (j * Ldx);
                    if (vectors == 1)
                    {
                        EmittedSingles(r, after, j, arguments);
                        continue;
                    }

                    arguments->Groups = groups;
                    arguments->LastNext = next;
                    EmittedGemv.Shared!.Run(typeof(TW) == typeof(F16Weight), vectors, arguments);
                    PutGroups(r, groups, j, vectors, arguments->Sums);
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
