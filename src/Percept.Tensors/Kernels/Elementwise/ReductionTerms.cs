using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>What a sum adds for each element.</summary>
internal interface ITerm
{
    /// <summary>Whether a second array is read; else y is a constant.</summary>
    static abstract bool Two { get; }

    /// <summary>sum + term(x, y).</summary>
    static abstract V Add<S, V>(V sum, V x, V y)
        where S : ISimd<V>
        where V : struct;

    /// <summary>term(x, y) in double.</summary>
    static abstract double Scalar(double x, double y);
}

/// <summary>x.</summary>
internal readonly struct PlainTerm : ITerm
{
    public static bool Two => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y)
        where S : ISimd<V>
        where V : struct => S.Add(sum, x);

    public static double Scalar(double x, double y) => x;
}

/// <summary>x².</summary>
internal readonly struct SquareTerm : ITerm
{
    public static bool Two => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y)
        where S : ISimd<V>
        where V : struct => S.Fma(x, x, sum);

    public static double Scalar(double x, double y) => x * x;
}

/// <summary>x·y.</summary>
internal readonly struct ProductTerm : ITerm
{
    public static bool Two => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y)
        where S : ISimd<V>
        where V : struct => S.Fma(x, y, sum);

    public static double Scalar(double x, double y) => x * y;
}

/// <summary>(x − y)², y the center.</summary>
internal readonly struct CenteredTerm : ITerm
{
    public static bool Two => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y)
        where S : ISimd<V>
        where V : struct
    {
        V centered = S.Sub(x, y);
        return S.Fma(centered, centered, sum);
    }

    public static double Scalar(double x, double y) => (x - y) * (x - y);
}
