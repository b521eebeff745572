using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>A function of two numbers and its gradients, over vectors of any width.</summary>
internal interface IBinaryOp
{
    /// <summary>f(a, b).</summary>
    static abstract V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct;

    /// <summary>dy·∂f/∂a.</summary>
    static abstract V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct;

    /// <summary>dy·∂f/∂b.</summary>
    static abstract V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct;
}

/// <summary>a + b.</summary>
internal readonly struct AddOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => S.Add(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => dy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => dy;
}

/// <summary>a − b.</summary>
internal readonly struct SubtractOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => S.Sub(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => dy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Sub(S.Set(-0f), dy);
}

/// <summary>a·b.</summary>
internal readonly struct MultiplyOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => S.Mul(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, a);
}

/// <summary>a/b.</summary>
internal readonly struct DivideOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => S.Div(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Div(dy, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Div(S.Mul(S.Sub(S.Set(0f), dy), S.Div(a, b)), b);
}

/// <summary>The greater; NaN when one is; ties share the gradient in halves.</summary>
internal readonly struct MaximumOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => S.Select(S.Equal(a, a), S.Max(a, b), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Select(S.Equal(a, b), S.Mul(dy, S.Set(0.5f)), S.And(S.Less(b, a), dy));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Select(S.Equal(a, b), S.Mul(dy, S.Set(0.5f)), S.And(S.Less(a, b), dy));
}

/// <summary>The lesser; NaN when one is; ties share the gradient in halves.</summary>
internal readonly struct MinimumOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => S.Select(S.Equal(a, a), S.Min(a, b), a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Select(S.Equal(a, b), S.Mul(dy, S.Set(0.5f)), S.And(S.Less(a, b), dy));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Select(S.Equal(a, b), S.Mul(dy, S.Set(0.5f)), S.And(S.Less(b, a), dy));
}

/// <summary>a^b, number by number.</summary>
internal readonly struct PowerOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => LaneFunctions.Apply<S, V>(LaneFunction.Power, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, LaneFunctions.Apply<S, V>(LaneFunction.PowerSlopeOfBase, a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, LaneFunctions.Apply<S, V>(LaneFunction.PowerSlopeOfExponent, a, b));
}

/// <summary>The angle of (b, a), number by number.</summary>
internal readonly struct Atan2Op : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => LaneFunctions.Apply<S, V>(LaneFunction.Atan2, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(dy, S.Div(b, S.Fma(a, a, S.Mul(b, b))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Mul(S.Sub(S.Set(0f), dy), S.Div(a, S.Fma(a, a, S.Mul(b, b))));
}

/// <summary>a alone: what stretches a to the result's shape.</summary>
internal readonly struct FirstOp : IBinaryOp
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Forward<S, V>(V a, V b)
        where S : ISimd<V>
        where V : struct => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientA<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => dy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V GradientB<S, V>(V a, V b, V dy)
        where S : ISimd<V>
        where V : struct => S.Set(0f);
}

/// <summary>Functions of two numbers that have no vector form here.</summary>
internal enum LaneFunction
{
    Power,
    PowerSlopeOfBase,
    PowerSlopeOfExponent,
    Atan2,
}

/// <summary>Applies a <see cref="LaneFunction"/> to each lane.</summary>
internal static unsafe class LaneFunctions
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static V Apply<S, V>(LaneFunction function, V a, V b)
        where S : ISimd<V>
        where V : struct
    {
        float* first = stackalloc float[S.Width];
        float* second = stackalloc float[S.Width];
        S.Store(first, a);
        S.Store(second, b);
        for (int i = 0; i < S.Width; i++)
        {
            float x = first[i];
            float y = second[i];
            first[i] = function switch
            {
                LaneFunction.Power => MathF.Pow(x, y),
                LaneFunction.PowerSlopeOfBase => y == 0 ? 0 : y * MathF.Pow(x, y - 1),

                // 0^y is constant in y for y ≥ 0.
                LaneFunction.PowerSlopeOfExponent => x == 0 && y >= 0 ? 0 : MathF.Pow(x, y) * MathF.Log(x),
                _ => MathF.Atan2(x, y),
            };
        }

        return S.Load(first);
    }
}
