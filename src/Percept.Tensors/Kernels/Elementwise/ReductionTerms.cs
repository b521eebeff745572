using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>What a sum adds for each element.</summary>
internal interface ITerm
{
    /// <summary>Whether a second array is read.</summary>
    static abstract bool Two { get; }

    /// <summary>sum + term(x, y, center).</summary>
    static abstract V Add<S, V>(V sum, V x, V y, V center)
        where S : ISimd<V>
        where V : struct;

    /// <summary>term(x, y, center) in double.</summary>
    static abstract double Scalar(double x, double y, double center);
}

/// <summary>x.</summary>
internal readonly struct PlainTerm : ITerm
{
    public static bool Two => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y, V center)
        where S : ISimd<V>
        where V : struct => S.Add(sum, x);

    public static double Scalar(double x, double y, double center) => x;
}

/// <summary>x².</summary>
internal readonly struct SquareTerm : ITerm
{
    public static bool Two => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y, V center)
        where S : ISimd<V>
        where V : struct => S.Fma(x, x, sum);

    public static double Scalar(double x, double y, double center) => x * x;
}

/// <summary>x·y.</summary>
internal readonly struct ProductTerm : ITerm
{
    public static bool Two => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y, V center)
        where S : ISimd<V>
        where V : struct => S.Fma(x, y, sum);

    public static double Scalar(double x, double y, double center) => x * y;
}

/// <summary>(x − center)².</summary>
internal readonly struct CenteredTerm : ITerm
{
    public static bool Two => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y, V center)
        where S : ISimd<V>
        where V : struct
    {
        V centered = S.Sub(x, center);
        return S.Fma(centered, centered, sum);
    }

    public static double Scalar(double x, double y, double center) => (x - center) * (x - center);
}

/// <summary>(x − center)·y.</summary>
internal readonly struct CenteredProductTerm : ITerm
{
    public static bool Two => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x, V y, V center)
        where S : ISimd<V>
        where V : struct => S.Fma(S.Sub(x, center), y, sum);

    public static double Scalar(double x, double y, double center) => (x - center) * y;
}
