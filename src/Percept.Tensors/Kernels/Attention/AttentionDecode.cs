using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Attention of few queries over many keys, as in decoding: keys and values are read once, where they lie.</summary>
/// <remarks>
/// An item is <see cref="ChunkKeys"/> keys of one sequence for a few key heads that lie side by side, with all query heads of
/// their groups and all queries: products along the rows of keys, exponentials, products along the rows of values, and a maximum, a sum and a
/// row of partial results for each. Keys and values are gone over in blocks of <see cref="BlockKeys"/>, each with all heads of the item before the
/// next, so that memory is read in long pieces. The chunks of a query are then merged in their order, so results depend neither on
/// threads nor on how heads are dealt out. Keys and values may be 16-bit floats: they are widened in registers.
/// </remarks>
internal static unsafe class AttentionDecode
{
    /// <summary>Up to this many query rows to a key head, keys are streamed rather than packed.</summary>
    internal const int MaximumRows = 16;

    private const int ChunkKeys = 256;

    /// <summary>Keys whose products with all heads of an item are taken before those of the keys that follow.</summary>
    private const int BlockKeys = 16;

    private const int MostPiece = 2048;
    private const int ItemsOfThread = 2;
    private const int Line = 64;

    /// <summary>Whether this way is meant for the problem.</summary>
    internal static bool Fits(in AttentionProblem problem) =>
        (long)problem.Queries * problem.Group <= MaximumRows && problem.Keys > 0;

    /// <summary>Runs the whole problem.</summary>
    internal static void Run(in AttentionProblem problem)
    {
        fixed (AttentionProblem* only = &problem)
        {
            Run(only, 1);
        }
    }

    /// <summary>Runs several problems at once: sequences of their own lengths, whose items share the threads.</summary>
    internal static void Run(AttentionProblem* problems, int count)
    {
        using ThreadScratch.Lease lease = ThreadScratch.Rent((count + 1) * 4L * sizeof(long));
        long* firstItem = (long*)lease.Pointer;
        long* firstHead = firstItem + count + 1;
        long* firstFloat = firstHead + count + 1;
        long* headsOfItem = firstFloat + count + 1;
        long items = 0, heads = 0, floats = 0;
        bool merges = false;
        for (int i = 0; i < count; i++)
        {
            firstItem[i] = items;
            firstHead[i] = heads;
            firstFloat[i] = floats;
            ref AttentionProblem problem = ref problems[i];
            if (problem.Batch > 0 && problem.Heads > 0 && problem.Queries > 0)
            {
                long own = (long)problem.Batch * problem.KeyHeads;
                int chunks = Chunks(problem);
                headsOfItem[i] = HeadsOfItem(problem, count);
                items += problem.Batch * Items(problem, (int)headsOfItem[i]) * chunks;
                heads += own;
                floats += own * chunks * problem.Queries * problem.Group * (problem.ValueWidth + 2);
                merges |= chunks > 1;
            }
        }

        firstItem[count] = items;
        firstHead[count] = heads;
        if (items == 0)
        {
            return;
        }

        NativeBuffer partial = TensorMemory.Rent(Math.Max(1, floats) * sizeof(float));
        try
        {
            var job = new ChunkJob
            {
                Problems = problems, Count = count, FirstItem = firstItem, FirstFloat = firstFloat, HeadsOfItem = headsOfItem,
                Partial = (float*)partial.Pointer,
            };
            WorkerPool.Shared.Run(ref job, checked((int)items));
            if (merges)
            {
                var merge = new MergeJob
                {
                    Problems = problems, Count = count, FirstHead = firstHead, FirstFloat = firstFloat, Partial = (float*)partial.Pointer,
                };
                WorkerPool.Shared.Run(ref merge, checked((int)heads));
            }
        }
        finally
        {
            partial.Release();
        }
    }

    /// <summary>
    /// How many key heads an item has: those that lie side by side in <see cref="MostPiece"/> bytes, or fewer, where there would be too few
    /// items for the threads. Results do not depend on it.
    /// </summary>
    private static int HeadsOfItem(in AttentionProblem problem, int problems)
    {
        if (problem.KHead != problem.Width || problem.VHead != problem.ValueWidth)
        {
            return 1;
        }

        int piece = Math.Max(1, problem.Width * problem.ElementBytes), rows = problem.Queries * problem.Group;
        int heads = Math.Clamp(MostPiece / piece, 1, Math.Max(1, MaximumRows / rows));
        heads = Math.Min(heads, problem.KeyHeads);
        while (heads > 1 && problem.Batch * Items(problem, heads) * Chunks(problem) * problems < ItemsOfThread * WorkerPool.Available)
        {
            heads = (heads + 1) / 2;
        }

        return heads;
    }

    /// <summary>Items of a chunk of one batch entry.</summary>
    private static long Items(in AttentionProblem problem, int heads) => (problem.KeyHeads + heads - 1) / heads;

    private static int Chunks(in AttentionProblem problem) => (problem.Keys + ChunkKeys - 1) / ChunkKeys;

    /// <summary>The problem that an item or a head belongs to: the last whose first is not beyond it.</summary>
    private static int Owner(long* firsts, int count, long index)
    {
        int low = 0, high = count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = firsts[middle] <= index ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The head and query of row r: heads of the group one after the other, each with all queries.</summary>
    private static (int Head, int Query) Row(in AttentionProblem problem, int kvHead, int r) =>
        ((kvHead * problem.Group) + (r / problem.Queries), r % problem.Queries);

    private struct ChunkJob : IParallelJob
    {
        public AttentionProblem* Problems;
        public int Count;
        public long* FirstItem;
        public long* FirstFloat;
        public long* HeadsOfItem;
        public float* Partial;

        public readonly void Run(int index)
        {
            int owner = Owner(FirstItem, Count, index);
            ref AttentionProblem problem = ref Problems[owner];
            int rows = problem.Queries * problem.Group, stride = problem.ValueWidth + 2, own = (int)(index - FirstItem[owner]);
            var chunk = new Chunk
            {
                Problem = problem, Chunks = Chunks(problem), HeadsOfItem = (int)HeadsOfItem[owner], Rows = rows, Stride = stride,
                Partial = Partial + FirstFloat[owner],
            };
            chunk.Run(own);
        }
    }

    /// <summary>The chunks of one problem.</summary>
    private struct Chunk
    {
        public AttentionProblem Problem;
        public int Chunks;
        public int HeadsOfItem;
        public int Rows;
        public int Stride;
        public float* Partial;

        /// <summary>Floats of the partial results of a key head in a chunk.</summary>
        private readonly long PartialFloats => (long)Rows * Stride;

        internal readonly void Run(int index)
        {
            switch (Problem.KeyType)
            {
                case DType.F16:
                    Run<F16Weight>(index);
                    break;
                case DType.BF16:
                    Run<BF16Weight>(index);
                    break;
                default:
                    Run<F32Weight>(index);
                    break;
            }
        }

        private readonly void Run<TW>(int index)
            where TW : struct, IWeightElement
        {
            int chunk = index % Chunks, item = index / Chunks, items = (int)Items(Problem, HeadsOfItem);
            int b = item / items, kvHead = item % items * HeadsOfItem;
            int heads = Math.Min(HeadsOfItem, Problem.KeyHeads - kvHead);
            float* partial = Partial + (((((long)b * Problem.KeyHeads) + kvHead) * Chunks) + chunk) * PartialFloats;
            (int first, int end) = Problem.BlockRange(b, 0, Problem.Queries);
            first = Math.Max(first, chunk * ChunkKeys);
            int count = Math.Min(end, (chunk + 1) * ChunkKeys) - first;
            if (count <= 0)
            {
                for (int h = 0; h < heads; h++, partial += Chunks * PartialFloats)
                {
                    for (int r = 0; r < Rows; r++)
                    {
                        partial[(r * Stride) + Problem.ValueWidth] = float.NegativeInfinity;
                        partial[(r * Stride) + Problem.ValueWidth + 1] = 0;
                    }
                }
            }
            else
            {
                Sum<TW>(b, kvHead, heads, first, count, partial);
            }

            if (Chunks == 1)
            {
                // Nothing to wait for: this is the whole of its queries.
                for (int h = 0; h < heads; h++)
                {
                    new Merging { Problem = Problem, Chunks = 1, Rows = Rows, Stride = Stride, Partial = Partial }
                        .Run((b * Problem.KeyHeads) + kvHead + h);
                }
            }
        }

        /// <summary>Sums over the keys [first, first + count) for some heads.</summary>
        private readonly void Sum<TW>(int b, int kvHead, int heads, int first, int count, float* partial)
            where TW : struct, IWeightElement
        {
            using ThreadScratch.Lease lease = ThreadScratch.Rent((long)heads * Rows * (Problem.Width + ChunkKeys) * sizeof(float));
            float* queries = (float*)lease.Pointer;
            float* scores = queries + ((long)heads * Rows * Problem.Width);
            byte* keys = Problem.KeyRow(b, kvHead, first), values = Problem.ValueRow(b, kvHead, first);
            long keyBytes = Problem.KTime * Problem.ElementBytes, valueBytes = Problem.VTime * Problem.ElementBytes;
            int keyPiece = heads * Problem.Width * Problem.ElementBytes, valuePiece = heads * Problem.ValueWidth * Problem.ElementBytes;
            Ask(keys, keyBytes, Math.Min(BlockKeys, count), keyPiece, 0, 1);
            Gather(b, kvHead, heads, queries);
            for (int j = 0; j < count; j += BlockKeys)
            {
                int some = Math.Min(BlockKeys, count - j), next = Math.Min(BlockKeys, count - j - some);
                for (int h = 0; h < heads; h++)
                {
                    if (next > 0)
                    {
                        Ask(keys + ((j + some) * keyBytes), keyBytes, next, keyPiece, h, heads);
                    }
                    else
                    {
                        Ask(values, valueBytes, Math.Min(BlockKeys, count), valuePiece, h, heads);
                    }

                    Scores<TW>(
                        some, Problem.KeyRow(b, kvHead + h, first + j), queries + ((long)h * Rows * Problem.Width),
                        scores + ((long)h * Rows * ChunkKeys) + j);
                }
            }

            for (int h = 0; h < heads; h++)
            {
                Exponentials(b, kvHead + h, first, count, scores + ((long)h * Rows * ChunkKeys), partial + (h * Chunks * PartialFloats));
            }

            for (int j = 0; j < count; j += BlockKeys)
            {
                int some = Math.Min(BlockKeys, count - j), next = Math.Min(BlockKeys, count - j - some);
                for (int h = 0; h < heads; h++)
                {
                    Ask(values + ((j + some) * valueBytes), valueBytes, next, valuePiece, h, heads);
                    Values<TW>(
                        some, Problem.ValueRow(b, kvHead + h, first + j), scores + ((long)h * Rows * ChunkKeys) + j,
                        partial + (h * Chunks * PartialFloats));
                }
            }
        }

        /// <summary>
        /// Asks for one of <paramref name="parts"/> equal parts of some rows of an item's heads, line by line as they lie, into the second
        /// level: rows are far apart, and what the hardware runs ahead to is another item's.
        /// </summary>
        private static void Ask(byte* first, long rowBytes, int rows, int bytes, int part, int parts)
        {
            int lines = (bytes + Line - 1) / Line;
            if (!Sse.IsSupported || lines == 0)
            {
                return;
            }

            int from = rows * lines * part / parts, to = rows * lines * (part + 1) / parts;
            byte* row = first + (from / lines * rowBytes);
            for (int line = from % lines; from < to; from++)
            {
                Sse.Prefetch1(row + (line * Line));
                if (++line == lines)
                {
                    line = 0;
                    row += rowBytes;
                }
            }
        }

        /// <summary>The queries of the item's heads, one after the other.</summary>
        private readonly void Gather(int b, int kvHead, int heads, float* queries)
        {
            for (int i = 0; i < heads * Rows; i++, queries += Problem.Width)
            {
                (int h, int query) = Row(Problem, kvHead + (i / Rows), i % Rows);
                new ReadOnlySpan<float>(Problem.QueryRow(b, h, query), Problem.Width).CopyTo(new Span<float>(queries, Problem.Width));
            }
        }

        /// <summary>Scores of one head's queries with some keys.</summary>
        private readonly void Scores<TW>(int count, byte* keys, float* queries, float* scores)
            where TW : struct, IWeightElement
        {
            nint rowBytes = (nint)(Problem.KTime * Problem.ElementBytes);
            if (EmittedGemv.Shared is not null && (typeof(TW) == typeof(F16Weight) || (typeof(TW) == typeof(BF16Weight) && Rows == 1)))
            {
                EmittedScores<TW>(count, keys, rowBytes, queries, scores);
            }
            else if (Rows == 1)
            {
                DecodeKernels.Scores<TW>(count, Problem.Width, Problem.Scale, keys, rowBytes, queries, scores);
            }
            else
            {
                Gemv.Run<TW>(Rows, count, Problem.Width, Problem.Scale, keys, rowBytes, queries, Problem.Width, 0f, scores, ChunkKeys);
            }
        }

        /// <summary>Groups of four keys with four, two or one query at a time; the keys that are left one by one.</summary>
        [SkipLocalsInit]
        private readonly void EmittedScores<TW>(int count, byte* keys, nint rowBytes, float* queries, float* scores)
            where TW : struct, IWeightElement
        {
            const int KeysOfCall = 64;
            float* sums = stackalloc float[KeysOfCall * EmittedGemv.MaxVectors];
            EmittedGemv.Arguments arguments = new()
            {
                RowBytes = rowBytes, XBytes = Problem.Width * sizeof(float), Sums = sums, Ask = keys,
            };
            arguments.SetLength(Problem.Width);
            for (int j = 0; j < count; j += KeysOfCall)
            {
                int some = Math.Min(KeysOfCall, count - j), grouped = typeof(TW) == typeof(F16Weight) ? some / EmittedGemv.Rows * EmittedGemv.Rows : 0;
                byte* first = keys + (j * rowBytes);
                for (int r = 0, vectors; r < Rows; r += vectors)
                {
                    arguments.X = queries + ((long)r * Problem.Width);
                    float* to = scores + ((long)r * ChunkKeys) + j;
                    if (grouped == 0)
                    {
                        vectors = 1;
                        Singles<TW>(some, first, &arguments, to);
                        continue;
                    }

                    vectors = Math.Min(EmittedGemv.MaxVectors, 1 << BitOperations.Log2((uint)(Rows - r)));

                    arguments.W = first;
                    arguments.Groups = grouped / EmittedGemv.Rows;
                    EmittedGemv.Shared!.RunGroups(split: false, vectors, &arguments);
                    Vector128<float>* from = (Vector128<float>*)sums;
                    for (int g = 0; g < grouped; g += EmittedGemv.Rows)
                    {
                        for (int v = 0; v < vectors; v++)
                        {
                            (*from++ * Problem.Scale).Store(to + ((long)v * ChunkKeys) + g);
                        }
                    }

                    for (int v = 0; v < vectors && grouped < some; v++)
                    {
                        arguments.X = queries + ((long)(r + v) * Problem.Width);
                        Singles<TW>(some - grouped, first + (grouped * rowBytes), &arguments, to + ((long)v * ChunkKeys) + grouped);
                    }
                }
            }
        }

        private readonly void Singles<TW>(int count, byte* keys, EmittedGemv.Arguments* arguments, float* scores)
            where TW : struct, IWeightElement
        {
            arguments->W = keys;
            arguments->Groups = count;
            EmittedGemv.Shared!.RunRows(typeof(TW) == typeof(F16Weight), arguments);
            for (int i = 0; i < count; i++)
            {
                scores[i] = Problem.Scale * arguments->Sums[i];
            }
        }

        /// <summary>Adds some values, weighted for one head's queries, to its partial results.</summary>
        private readonly void Values<TW>(int count, byte* values, float* weights, float* sums)
            where TW : struct, IWeightElement
        {
            nint rowBytes = (nint)(Problem.VTime * Problem.ElementBytes);
            if (EmittedValues.Shared is { } emitted)
            {
                EmittedValues.Arguments arguments = new()
                {
                    Values = values, RowBytes = rowBytes, WeightBytes = ChunkKeys * sizeof(float), SumBytes = Stride * sizeof(float),
                    Count = count,
                };
                for (int r = 0, rows; r < Rows; r += rows)
                {
                    rows = Math.Min(EmittedValues.MaxRows, 1 << BitOperations.Log2((uint)(Rows - r)));
                    arguments.Weights = weights + ((long)r * ChunkKeys);
                    arguments.Sums = sums + ((long)r * Stride);
                    arguments.SetColumns(Problem.ValueWidth, rows);
                    emitted.Run(Problem.KeyType, rows, &arguments);
                }
            }
            else if (Rows == 1)
            {
                DecodeKernels.Values<TW>(count, Problem.ValueWidth, values, rowBytes, weights, sums);
            }
            else
            {
                for (int r = 0; r < Rows; r += Gemv.MaxVectorsTransposed)
                {
                    Gemv.RunTransposed<TW>(
                        Math.Min(Gemv.MaxVectorsTransposed, Rows - r), count, Problem.ValueWidth, 1f, values, rowBytes,
                        weights + ((long)r * ChunkKeys), ChunkKeys, 1f, sums + ((long)r * Stride), Stride);
                }
            }
        }

        private readonly void Exponentials(int b, int kvHead, int first, int count, float* scores, float* partial)
        {
            for (int r = 0; r < Rows; r++)
            {
                (int h, int i) = Row(Problem, kvHead, r);
                float* row = scores + ((long)r * ChunkKeys);
                new Span<float>(partial + ((long)r * Stride), Problem.ValueWidth).Clear();
                ScoreRows.Modify(Problem, b, h, i, first, count, row);
                float max = ScoreRows.Max(row, count);
                float shift = float.IsNegativeInfinity(max) ? 0 : max;
                partial[((long)r * Stride) + Problem.ValueWidth] = max;

                // Rows have room for whole chunks of 16, which the exponentials may fill up with zeros.
                partial[((long)r * Stride) + Problem.ValueWidth + 1] =
                    ScoreRows.ExpIntoPanel(row, count, shift, row, GemmMicro.Chunk);
            }
        }
    }

    private struct MergeJob : IParallelJob
    {
        public AttentionProblem* Problems;
        public int Count;
        public long* FirstHead;
        public long* FirstFloat;
        public float* Partial;

        public readonly void Run(int index)
        {
            int owner = Owner(FirstHead, Count, index);
            ref AttentionProblem problem = ref Problems[owner];
            int chunks = Chunks(problem);
            if (chunks > 1)
            {
                new Merging
                {
                    Problem = problem, Chunks = chunks, Rows = problem.Queries * problem.Group, Stride = problem.ValueWidth + 2,
                    Partial = Partial + FirstFloat[owner],
                }.Run((int)(index - FirstHead[owner]));
            }
        }
    }

    /// <summary>Merges the chunks of a key head's queries.</summary>
    private struct Merging
    {
        public AttentionProblem Problem;
        public int Chunks;
        public int Rows;
        public int Stride;
        public float* Partial;

        internal readonly void Run(int head)
        {
            int b = head / Problem.KeyHeads, kvHead = head % Problem.KeyHeads;
            float* partials = Partial + ((long)head * Chunks * Rows * Stride);
            for (int r = 0; r < Rows; r++)
            {
                (int h, int i) = Row(Problem, kvHead, r);
                Merge(partials + ((long)r * Stride), b, h, i);
            }
        }

        private readonly void Merge(float* partial, int b, int h, int i)
        {
            int width = Problem.ValueWidth;
            float highest = Problem.Sinks == null ? float.NegativeInfinity : Problem.Sinks[h];
            for (int c = 0; c < Chunks; c++)
            {
                highest = Math.Max(highest, partial[((long)c * Rows * Stride) + width]);
            }

            float shift = float.IsNegativeInfinity(highest) ? 0 : highest;
            float total = Problem.Sinks == null ? 0 : MathF.Exp(Problem.Sinks[h] - shift);
            var target = new Span<float>(Problem.OutRow(b, h, i), width);
            target.Clear();
            for (int c = 0; c < Chunks; c++)
            {
                float* part = partial + ((long)c * Rows * Stride);
                float keep = MathF.Exp(part[width] - shift);
                if (keep != 0)
                {
                    total += keep * part[width + 1];
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(part, width), keep, target, target);
                }
            }

            if (total != 0)
            {
                TensorPrimitives.Divide(target, total, target);
            }

            if (Problem.LogSum != null)
            {
                Problem.SaveLogSum(b, h, i, highest, total);
            }
        }
    }
}
