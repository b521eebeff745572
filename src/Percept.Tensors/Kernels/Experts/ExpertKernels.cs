using System.Numerics.Tensors;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Experts;

/// <summary>Moves rows between token order and expert order.</summary>
/// <remarks>
/// A place is token·k + slot. A token's results are summed in the order of its slots, whatever the order of the experts,
/// so results do not depend on how rows were sorted. <see cref="TensorPrimitives"/> does the vectors.
/// </remarks>
internal static unsafe class ExpertKernels
{
    private const int RowsOfPiece = 16;

    /// <summary>A stable counting sort of the places by expert; the experts are in [0, count).</summary>
    internal static void Sort(int* experts, int places, int count, int* order, int* offsets)
    {
        new Span<int>(offsets, count + 1).Clear();
        for (int i = 0; i < places; i++)
        {
            offsets[experts[i] + 1]++;
        }

        for (int e = 0; e < count; e++)
        {
            offsets[e + 1] += offsets[e];
        }

        for (int i = 0; i < places; i++)
        {
            order[offsets[experts[i]]++] = i;
        }

        // Each offset has moved on to the next expert's: put them back.
        for (int e = count; e > 0; e--)
        {
            offsets[e] = offsets[e - 1];
        }

        offsets[0] = 0;
    }

    /// <summary>target[r] = source[places[r] / k].</summary>
    internal static void Gather(float* source, int* places, int rows, int topK, int width, float* target)
    {
        var job = new GatherJob { Source = source, Places = places, Rows = rows, TopK = topK, Width = width, Target = target };
        WorkerPool.Shared.Run(ref job, (rows + RowsOfPiece - 1) / RowsOfPiece);
    }

    /// <summary>target[t] = Σ over slots s of weights[t, s] · source[the row of place (t, s)]; weights of 1 when null.</summary>
    internal static void Combine(float* source, float* weights, int* places, int tokens, int topK, int width, float* target)
    {
        using ThreadScratch.Lease lease = ThreadScratch.Rent((long)tokens * topK * sizeof(int));
        int* rowOfPlace = (int*)lease.Pointer;
        new Span<int>(rowOfPlace, tokens * topK).Clear();
        for (int r = 0; r < tokens * topK; r++)
        {
            rowOfPlace[places[r]] = r;
        }

        var job = new CombineJob
        {
            Source = source,
            Weights = weights,
            RowOfPlace = rowOfPlace,
            Tokens = tokens,
            TopK = topK,
            Width = width,
            Target = target,
        };
        WorkerPool.Shared.Run(ref job, (tokens + RowsOfPiece - 1) / RowsOfPiece);
    }

    /// <summary>The derivatives of <see cref="Combine"/> by its rows and by its weights; either may be null.</summary>
    internal static void CombineGradient(
        float* upstream, float* source, float* weights, int* places, int rows, int topK, int width, float* sourceGradient,
        float* weightGradient)
    {
        var job = new CombineGradientJob
        {
            Upstream = upstream,
            Source = source,
            Weights = weights,
            Places = places,
            Rows = rows,
            TopK = topK,
            Width = width,
            SourceGradient = sourceGradient,
            WeightGradient = weightGradient,
        };
        WorkerPool.Shared.Run(ref job, (rows + RowsOfPiece - 1) / RowsOfPiece);
    }

    private struct GatherJob : IParallelJob
    {
        public float* Source;
        public int* Places;
        public int Rows;
        public int TopK;
        public int Width;
        public float* Target;

        public readonly void Run(int index)
        {
            int end = Math.Min(Rows, (index + 1) * RowsOfPiece);
            for (int r = index * RowsOfPiece; r < end; r++)
            {
                long bytes = Width * (long)sizeof(float);
                Buffer.MemoryCopy(Source + ((long)(Places[r] / TopK) * Width), Target + ((long)r * Width), bytes, bytes);
            }
        }
    }

    private struct CombineJob : IParallelJob
    {
        public float* Source;
        public float* Weights;
        public int* RowOfPlace;
        public int Tokens;
        public int TopK;
        public int Width;
        public float* Target;

        public readonly void Run(int index)
        {
            int end = Math.Min(Tokens, (index + 1) * RowsOfPiece);
            for (int t = index * RowsOfPiece; t < end; t++)
            {
                var sum = new Span<float>(Target + ((long)t * Width), Width);
                sum.Clear();
                for (int place = t * TopK; place < (t + 1) * TopK; place++)
                {
                    var row = new ReadOnlySpan<float>(Source + ((long)RowOfPlace[place] * Width), Width);
                    if (Weights is null)
                    {
                        TensorPrimitives.Add(sum, row, sum);
                    }
                    else
                    {
                        TensorPrimitives.MultiplyAdd(row, Weights[place], sum, sum);
                    }
                }
            }
        }
    }

    private struct CombineGradientJob : IParallelJob
    {
        public float* Upstream;
        public float* Source;
        public float* Weights;
        public int* Places;
        public int Rows;
        public int TopK;
        public int Width;
        public float* SourceGradient;
        public float* WeightGradient;

        public readonly void Run(int index)
        {
            int end = Math.Min(Rows, (index + 1) * RowsOfPiece);
            for (int r = index * RowsOfPiece; r < end; r++)
            {
                int place = Places[r];
                var upstream = new ReadOnlySpan<float>(Upstream + ((long)(place / TopK) * Width), Width);
                if (SourceGradient != null)
                {
                    TensorPrimitives.Multiply(upstream, Weights[place], new Span<float>(SourceGradient + ((long)r * Width), Width));
                }

                if (WeightGradient != null)
                {
                    WeightGradient[place] = TensorPrimitives.Dot(upstream, new ReadOnlySpan<float>(Source + ((long)r * Width), Width));
                }
            }
        }
    }
}
