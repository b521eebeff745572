using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Pointers, strides and settings of one call; strides are in elements, 0 where an axis is broadcast.</summary>
internal unsafe struct AttentionProblem
{
    /// <summary>Keys that a mask is looked at together; whole panels of the matrix kernel.</summary>
    internal const int Grain = GemmMicro.MaxNr;

    public int Batch;
    public int Heads;
    public int KeyHeads;
    public int Queries;
    public int Keys;
    public int Width;
    public int ValueWidth;

    public float* Q;
    public long QBatch;
    public long QHead;
    public long QTime;

    public byte* K;
    public long KBatch;
    public long KHead;
    public long KTime;

    public byte* V;
    public long VBatch;
    public long VHead;
    public long VTime;

    /// <summary>F32, F16 or BF16: how keys and values are stored.</summary>
    public DType KeyType;

    public float* Out;
    public long OutBatch;
    public long OutHead;
    public long OutTime;

    /// <summary>
    /// [B, H, Tq, 2]: each query's highest score, −∞ where none is visible, and log Σ exp(score − highest). Two numbers, for
    /// beside a highest score of the lowest float their sum would lose the second. May be null.
    /// </summary>
    public float* LogSum;

    public float Scale;

    /// <summary>Whether operands may be rounded to bfloat16.</summary>
    public bool Fast;
    public float SoftCap;
    public bool Causal;
    public bool AlignEnd;
    public int Offset;

    /// <summary>0 for none.</summary>
    public int Window;
    public int Prefix;

    public byte* Mask;
    public long MaskBatch;
    public long MaskHead;
    public long MaskTime;

    public float* Bias;
    public long BiasBatch;
    public long BiasHead;
    public long BiasTime;

    public float* Slopes;
    public float* Sinks;
    public int* KeyLengths;
    public int* QuerySegments;
    public int* KeySegments;
    public long QuerySegmentsBatch;
    public long KeySegmentsBatch;

    /// <summary>Query heads to a key head.</summary>
    internal readonly int Group => Heads / KeyHeads;

    internal readonly int ElementBytes => KeyType == DType.F32 ? 4 : 2;

    /// <summary>Whether a query's keys are all those in its range, with nothing added.</summary>
    internal readonly bool IsPlain => Mask == null && Bias == null && Slopes == null && QuerySegments == null && SoftCap == 0;

    internal readonly int KeyLength(int b) => KeyLengths == null ? Keys : KeyLengths[b];

    internal readonly long OffsetOf(int b) => AlignEnd ? (long)KeyLength(b) - Queries : Offset;

    internal readonly float* QueryRow(int b, int h, int i) => Q + (b * QBatch) + (h * QHead) + (i * QTime);

    internal readonly float* OutRow(int b, int h, int i) => Out + (b * OutBatch) + (h * OutHead) + (i * OutTime);

    internal readonly float* LogSumOf(int b, int h, int i) => LogSum + (2 * (((((long)b * Heads) + h) * Queries) + i));

    /// <summary>Saves what gradients need of a query's softmax.</summary>
    internal readonly void SaveLogSum(int b, int h, int i, float highest, float total)
    {
        float* to = LogSumOf(b, h, i);
        to[0] = total == 0 ? float.NegativeInfinity : highest;
        to[1] = total == 0 ? 0 : MathF.Log(total);
    }

    internal readonly byte* KeyRow(int b, int kvHead, long j) =>
        K + (((b * KBatch) + (kvHead * KHead) + (j * KTime)) * ElementBytes);

    internal readonly byte* ValueRow(int b, int kvHead, long j) =>
        V + (((b * VBatch) + (kvHead * VHead) + (j * VTime)) * ElementBytes);

    /// <summary>The keys [First, End) that a query sees by causality, window and length; the prefix comes on top.</summary>
    internal readonly (int First, int End) Range(int b, int i)
    {
        int length = KeyLength(b);
        long at = i + OffsetOf(b), first = 0, end = length;
        if (Window > 0)
        {
            first = at - Window + 1;
            end = Math.Min(end, at + Window);
        }

        if (Causal)
        {
            end = Math.Min(end, at + 1);
        }

        end = Math.Clamp(end, 0, length);
        return ((int)Math.Clamp(first, 0, end), (int)end);
    }

    /// <summary>The keys [First, End) outside which no query of [i0, i1) sees any.</summary>
    internal readonly (int First, int End) BlockRange(int b, int i0, int i1)
    {
        int prefix = Math.Min(Prefix, KeyLength(b));
        (int first, int end) = (Range(b, i0).First, Range(b, i1 - 1).End);
        if (prefix > 0)
        {
            first = 0;
            end = Math.Max(end, prefix);
        }

        if (QuerySegments != null)
        {
            Shrink(b, i0, i1, ref first, ref end);
        }

        return (first, Math.Max(first, end));
    }

    /// <summary>
    /// The next keys [from, to) before <paramref name="end"/> that queries of [i0, i1) may see: grains (multiples of <see cref="Grain"/> keys)
    /// that the mask hides from all of them are left out. False where none is left.
    /// </summary>
    internal readonly bool NextSeen(int b, int h, int i0, int i1, ref int from, int end, out int to)
    {
        to = end;
        if (Mask == null)
        {
            return from < end;
        }

        while (from < end && !AnySees(b, h, i0, i1, from, GrainEnd(from, end)))
        {
            from = GrainEnd(from, end);
        }

        to = from;
        while (to < end && AnySees(b, h, i0, i1, to, GrainEnd(to, end)))
        {
            to = GrainEnd(to, end);
        }

        return from < end;
    }

    private static int GrainEnd(int key, int end) => Math.Min(end, (key / Grain * Grain) + Grain);

    private readonly bool AnySees(int b, int h, int i0, int i1, int first, int end)
    {
        byte* row = Mask + (b * MaskBatch) + (h * MaskHead) + (i0 * MaskTime) + first;
        for (int i = i0; i < i1; i++, row += MaskTime)
        {
            if (new ReadOnlySpan<byte>(row, end - first).ContainsAnyExcept((byte)0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Leaves out keys at either end whose segment no query of the block has.</summary>
    private readonly void Shrink(int b, int i0, int i1, ref int first, ref int end)
    {
        int* queries = QuerySegments + (b * QuerySegmentsBatch);
        if (end <= first)
        {
            return;
        }

        var keys = new ReadOnlySpan<int>(KeySegments + (b * KeySegmentsBatch) + first, end - first);
        int lowest = keys.Length, highest = -1;
        for (int i = i0; i < i1; i++)
        {
            // Queries of one segment mostly stand side by side.
            if (i > i0 && queries[i] == queries[i - 1])
            {
                continue;
            }

            int at = keys[..lowest].IndexOf(queries[i]);
            lowest = at < 0 ? lowest : at;
            at = keys[(highest + 1)..].LastIndexOf(queries[i]);
            highest = at < 0 ? highest : highest + 1 + at;
        }

        // None found at all leaves an empty range.
        end = first + highest + 1;
        first = highest < 0 ? end : Math.Min(first + lowest, end - 1);
    }
}
