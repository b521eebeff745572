namespace Percept.Tensors.Kernels.Gemm;

/// <summary>A second product A·op(B) of the same size, added to a first one, such as an adapter's of low rank.</summary>
internal readonly unsafe struct GemmAddend
{
    /// <summary>The most k that are summed with the first product's last slab; more are a product of their own.</summary>
    internal const int MostJoined = 256;

    /// <summary>Makes it.</summary>
    /// <param name="a">[m, k].</param>
    /// <param name="lda">Floats from one row of A to the next.</param>
    /// <param name="k">Products to a sum.</param>
    /// <param name="b">B: n columns, k rows.</param>
    internal GemmAddend(float* a, long lda, int k, in GemmSource b)
    {
        A = a;
        Lda = lda;
        K = k;
        B = b;
    }

    /// <summary>The left matrix, by rows.</summary>
    internal float* A { get; }

    /// <summary>Floats from one row of A to the next.</summary>
    internal long Lda { get; }

    /// <summary>Products to a sum; 0 for nothing to add.</summary>
    internal int K { get; }

    /// <summary>The right matrix.</summary>
    internal GemmSource B { get; }

    /// <summary>The same for the rows from one on.</summary>
    internal GemmAddend FromRow(int row) => K == 0 ? default : new(A + (row * Lda), Lda, K, B);
}
