using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels;

/// <summary>The sizes of a batched matrix product with broadcast leading axes.</summary>
internal readonly unsafe struct MatMulPlan
{
    private readonly Shape _a;
    private readonly Shape _b;
    private readonly bool _transposeA;
    private readonly bool _transposeB;
    private readonly int _m;
    private readonly int _n;
    private readonly int _k;

    private MatMulPlan(in Shape a, in Shape b, bool transposeA, bool transposeB, int m, int n, int k, in Shape output)
    {
        _a = a;
        _b = b;
        _transposeA = transposeA;
        _transposeB = transposeB;
        _m = m;
        _n = n;
        _k = k;
        Output = output;
    }

    /// <summary>The result's shape [..., m, n].</summary>
    internal Shape Output { get; }

    /// <summary>Checks two shapes of at least two axes each.</summary>
    internal static MatMulPlan Create(in Shape a, in Shape b, bool transposeA, bool transposeB)
    {
        int m = a[transposeA ? -1 : -2], k = a[transposeA ? -2 : -1];
        int n = b[transposeB ? -2 : -1], inner = b[transposeB ? -1 : -2];
        if (k != inner)
        {
            throw ShapeException.ForAxis("b", b, transposeB ? b.Rank - 1 : b.Rank - 2, k);
        }

        Shape batch = Shape.Broadcast(Shape.Create(a.Sizes[..^2]), Shape.Create(b.Sizes[..^2]), nameof(b));
        Shape output = batch.Insert(batch.Rank, m);
        return new MatMulPlan(a, b, transposeA, transposeB, m, n, k, output.Insert(output.Rank, n));
    }

    /// <summary>result = alpha·op(a)·op(b).</summary>
    internal void Multiply(float* a, float* b, float alpha, float* result)
    {
        int lda = _a[-1], ldb = _b[-1];
        long sizeA = (long)_m * _k, sizeB = (long)_k * _n, sizeC = (long)_m * _n;
        int batches = checked((int)Output.CountBefore(Output.Rank - 2));
        bool wholeA = _a.CountBefore(_a.Rank - 2) == batches, wholeB = _b.CountBefore(_b.Rank - 2) == batches;
        bool oneA = _a.CountBefore(_a.Rank - 2) == 1, oneB = _b.CountBefore(_b.Rank - 2) == 1;
        if (oneB && wholeA && !_transposeA)
        {
            // One right-hand matrix for all: the rows of the whole batch make a single product.
            GemmF32.Run(
                checked(batches * _m), _n, _k, alpha, a, lda, false, b, ldb, _transposeB, 0f, result, _n);
            return;
        }

        if ((wholeA || oneA) && (wholeB || oneB))
        {
            GemmF32.RunBatched(
                batches, _m, _n, _k, alpha, a, lda, oneA ? 0 : sizeA, _transposeA, b, ldb, oneB ? 0 : sizeB, _transposeB, 0f,
                result, _n, sizeC);
            return;
        }

        for (int i = 0; i < batches; i++)
        {
            GemmF32.Run(
                _m, _n, _k, alpha, a + (Place(Output, _a, i) * sizeA), lda, _transposeA, b + (Place(Output, _b, i) * sizeB), ldb,
                _transposeB, 0f, result + (i * sizeC), _n);
        }
    }

    /// <summary>Calls <paramref name="action"/> with each matrix of a batch and the matrix that it was broadcast from.</summary>
    internal static void ForEachBatch(
        in Shape whole, in Shape part, long matrix, float* source, float* target, delegate*<float*, float*, long, void> action)
    {
        long batches = whole.CountBefore(whole.Rank - 2);
        for (long i = 0; i < batches; i++)
        {
            action(source + (i * matrix), target + (Place(whole, part, i) * matrix), matrix);
        }
    }

    /// <summary>Which matrix of <paramref name="part"/> stands at batch place <paramref name="index"/> of <paramref name="whole"/>.</summary>
    private static long Place(in Shape whole, in Shape part, long index)
    {
        long place = 0, stride = 1;
        for (int axis = 3; axis <= whole.Rank; axis++)
        {
            int size = whole[-axis];
            long at = index % size;
            index /= size;
            if (axis <= part.Rank)
            {
                place += part[-axis] == 1 ? 0 : at * stride;
                stride *= part[-axis];
            }
        }

        return place;
    }
}
