using System.Numerics;
using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Comparisons, logic, choice by a mask, and integer arithmetic. Shapes stretch to each other.</content>
public static partial class Ops
{
    private enum IntegerOperation
    {
        Add,
        Subtract,
        Multiply,
        Maximum,
        Minimum,
        FloorDivide,
        Remainder,
    }

    private enum Comparison
    {
        Equal,
        NotEqual,
        Less,
        LessOrEqual,
    }

    /// <summary>a = b, as Bool; NaN equals nothing.</summary>
    /// <param name="a">F32, I32, I64, U8 or Bool.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Equal(Tensor a, Tensor b) => Compare(Comparison.Equal, a, b);

    /// <summary>a ≠ b, as Bool.</summary>
    /// <param name="a">F32, I32, I64, U8 or Bool.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor NotEqual(Tensor a, Tensor b) => Compare(Comparison.NotEqual, a, b);

    /// <summary>a &lt; b, as Bool.</summary>
    /// <param name="a">F32, I32, I64, U8 or Bool.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Less(Tensor a, Tensor b) => Compare(Comparison.Less, a, b);

    /// <summary>a ≤ b, as Bool.</summary>
    /// <param name="a">F32, I32, I64, U8 or Bool.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor LessOrEqual(Tensor a, Tensor b) => Compare(Comparison.LessOrEqual, a, b);

    /// <summary>a &gt; b, as Bool.</summary>
    /// <param name="a">F32, I32, I64, U8 or Bool.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor Greater(Tensor a, Tensor b)
    {
        a.ThrowIfGone(nameof(a));
        RequireType(b, a.DType, nameof(b));
        return Compare(Comparison.Less, b, a);
    }

    /// <summary>a ≥ b, as Bool.</summary>
    /// <param name="a">F32, I32, I64, U8 or Bool.</param>
    /// <param name="b">Of the same type; the shapes stretch to each other.</param>
    public static Tensor GreaterOrEqual(Tensor a, Tensor b)
    {
        a.ThrowIfGone(nameof(a));
        RequireType(b, a.DType, nameof(b));
        return Compare(Comparison.LessOrEqual, b, a);
    }

    /// <summary>Whether both are true.</summary>
    /// <param name="a">Bool.</param>
    /// <param name="b">Bool; the shapes stretch to each other.</param>
    public static unsafe Tensor LogicalAnd(Tensor a, Tensor b) => Logical(a, b, &And);

    /// <summary>Whether one or both are true.</summary>
    /// <param name="a">Bool.</param>
    /// <param name="b">Bool; the shapes stretch to each other.</param>
    public static unsafe Tensor LogicalOr(Tensor a, Tensor b) => Logical(a, b, &Or);

    /// <summary>Whether just one is true.</summary>
    /// <param name="a">Bool.</param>
    /// <param name="b">Bool; the shapes stretch to each other.</param>
    public static unsafe Tensor LogicalXor(Tensor a, Tensor b) => Logical(a, b, &Xor);

    /// <summary>Whether it is false.</summary>
    /// <param name="input">Bool.</param>
    public static unsafe Tensor LogicalNot(Tensor input)
    {
        RequireType(input, DType.Bool, nameof(input));
        return Logical(input, input, &Nor);
    }

    /// <summary>a where the condition holds, else b. The gradient goes to the one chosen.</summary>
    /// <param name="condition">Bool.</param>
    /// <param name="a">Any plain type; only F32 has a gradient.</param>
    /// <param name="b">Of the same type; the three shapes stretch to each other.</param>
    public static unsafe Tensor Where(Tensor condition, Tensor a, Tensor b)
    {
        RequireType(condition, DType.Bool, nameof(condition));
        a.ThrowIfGone(nameof(a));
        RequireType(b, a.DType, nameof(b));
        if (a.DType.IsQuantized())
        {
            throw new DTypeException(nameof(a), "a plain element type", a.DType);
        }

        Shape shape = Shape.Broadcast(Shape.Broadcast(a.Shape, b.Shape, nameof(b)), condition.Shape, nameof(condition));
        Tensor result = Result(shape, a.DType);
        var plan = new BroadcastPlan(shape, a.Shape, b.Shape, condition.Shape);
        switch (a.DType.ByteCount(1))
        {
            case 1: Choose<byte>(plan, condition, a.Pointer, b.Pointer, result.Pointer); break;
            case 2: Choose<ushort>(plan, condition, a.Pointer, b.Pointer, result.Pointer); break;
            case 4: Choose<uint>(plan, condition, a.Pointer, b.Pointer, result.Pointer); break;
            default: Choose<ulong>(plan, condition, a.Pointer, b.Pointer, result.Pointer); break;
        }

        if (a.DType == DType.F32 && Tape.Wants([a, b]))
        {
            Tape.Record(&WhereGradient, result, [a, b]).Save(condition);
        }

        return result;
    }

    /// <summary>A value where the mask is true, else the input, which alone has a gradient.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="mask">Bool; the shapes stretch to each other.</param>
    /// <param name="value">The value.</param>
    public static Tensor MaskedFill(Tensor input, Tensor mask, float value)
    {
        RequireFloat32(input, nameof(input));
        RequireType(mask, DType.Bool, nameof(mask));
        Tensor fill = Full([], value);
        return Owning(Where(mask, fill, input), fill);
    }

    private static unsafe void WhereGradient(TapeEntry entry)
    {
        Tensor a = entry.Input(0), b = entry.Input(1), condition = entry.Saved(0), upstream = entry.OutputGrad();
        Tensor zero = Full([], 0f);
        if (entry.Wants(0))
        {
            entry.Add(0, SumTo(Where(condition, upstream, zero), a.Shape));
        }

        if (entry.Wants(1))
        {
            entry.Add(1, SumTo(Where(condition, zero, upstream), b.Shape));
        }

        zero.Dispose();
    }

    private static unsafe void Choose<T>(in BroadcastPlan plan, Tensor condition, byte* a, byte* b, byte* result)
        where T : unmanaged
    {
        byte* mask = condition.Pointer;
        T* y = (T*)result;
        for (long row = 0; row < plan.Rows; row++)
        {
            plan.Row(row, out long atA, out long atB, out long atMask);
            T* first = (T*)a + atA;
            T* second = (T*)b + atB;
            byte* chosen = mask + atMask;
            for (long i = 0; i < plan.Inner; i++)
            {
                *y++ = chosen[i * plan.InnerStepC] != 0 ? first[i * plan.InnerStepA] : second[i * plan.InnerStepB];
            }
        }
    }

    private static unsafe Tensor Compare(Comparison comparison, Tensor a, Tensor b)
    {
        a.ThrowIfGone(nameof(a));
        RequireType(b, a.DType, nameof(b));
        Shape shape = Shape.Broadcast(a.Shape, b.Shape, nameof(b));
        Tensor result = Result(shape, DType.Bool);
        var plan = new BroadcastPlan(shape, a.Shape, b.Shape, shape);
        switch (a.DType)
        {
            case DType.F32: Compare(comparison, plan, a.Floats, b.Floats, result.Pointer); break;
            case DType.I32: Compare(comparison, plan, (int*)a.Pointer, (int*)b.Pointer, result.Pointer); break;
            case DType.I64: Compare(comparison, plan, (long*)a.Pointer, (long*)b.Pointer, result.Pointer); break;
            case DType.U8 or DType.Bool: Compare(comparison, plan, a.Pointer, b.Pointer, result.Pointer); break;
            default: throw new DTypeException(nameof(a), "F32, I32, I64, U8 or Bool", a.DType);
        }

        return result;
    }

    private static unsafe void Compare<T>(Comparison comparison, in BroadcastPlan plan, T* a, T* b, byte* result)
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        for (long row = 0; row < plan.Rows; row++)
        {
            plan.Row(row, out long atA, out long atB, out _);
            for (long i = 0; i < plan.Inner; i++)
            {
                T x = a[atA + (i * plan.InnerStepA)];
                T y = b[atB + (i * plan.InnerStepB)];
                bool holds = comparison switch
                {
                    Comparison.Equal => x == y,
                    Comparison.NotEqual => x != y,
                    Comparison.Less => x < y,
                    _ => x <= y,
                };
                *result++ = holds ? (byte)1 : (byte)0;
            }
        }
    }

    private static unsafe Tensor Logical(Tensor a, Tensor b, delegate*<bool, bool, bool> function)
    {
        RequireType(a, DType.Bool, nameof(a));
        RequireType(b, DType.Bool, nameof(b));
        Shape shape = Shape.Broadcast(a.Shape, b.Shape, nameof(b));
        Tensor result = Result(shape, DType.Bool);
        var plan = new BroadcastPlan(shape, a.Shape, b.Shape, shape);
        byte* y = result.Pointer;
        for (long row = 0; row < plan.Rows; row++)
        {
            plan.Row(row, out long atA, out long atB, out _);
            for (long i = 0; i < plan.Inner; i++)
            {
                bool first = a.Pointer[atA + (i * plan.InnerStepA)] != 0;
                bool second = b.Pointer[atB + (i * plan.InnerStepB)] != 0;
                *y++ = function(first, second) ? (byte)1 : (byte)0;
            }
        }

        return result;
    }

    private static bool And(bool a, bool b) => a && b;

    private static bool Or(bool a, bool b) => a || b;

    private static bool Xor(bool a, bool b) => a != b;

    private static bool Nor(bool a, bool b) => !a && !b;

    private static unsafe Tensor IntegerArithmetic(IntegerOperation operation, Tensor a, Tensor b)
    {
        RequireIndices(a, nameof(a));
        RequireType(b, a.DType, nameof(b));
        Shape shape = Shape.Broadcast(a.Shape, b.Shape, nameof(b));
        Tensor result = Result(shape, a.DType);
        var plan = new BroadcastPlan(shape, a.Shape, b.Shape, shape);
        if (a.DType == DType.I32)
        {
            IntegerRows(operation, plan, (int*)a.Pointer, (int*)b.Pointer, (int*)result.Pointer);
        }
        else
        {
            IntegerRows(operation, plan, (long*)a.Pointer, (long*)b.Pointer, (long*)result.Pointer);
        }

        return result;
    }

    private static unsafe void IntegerRows<T>(IntegerOperation operation, in BroadcastPlan plan, T* a, T* b, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (long row = 0; row < plan.Rows; row++)
        {
            plan.Row(row, out long atA, out long atB, out _);
            for (long i = 0; i < plan.Inner; i++)
            {
                T x = a[atA + (i * plan.InnerStepA)];
                T z = b[atB + (i * plan.InnerStepB)];
                *y++ = operation switch
                {
                    IntegerOperation.Add => unchecked(x + z),
                    IntegerOperation.Subtract => unchecked(x - z),
                    IntegerOperation.Multiply => unchecked(x * z),
                    IntegerOperation.Maximum => T.Max(x, z),
                    IntegerOperation.Minimum => T.Min(x, z),
                    IntegerOperation.FloorDivide => FloorOf(x, z),
                    _ => unchecked(x - (z * FloorOf(x, z))),
                };
            }
        }
    }

    private static T FloorOf<T>(T a, T b)
        where T : IBinaryInteger<T>
    {
        // The one quotient that overflows wraps around, as in PyTorch.
        if (b == -T.One)
        {
            return unchecked(-a);
        }

        (T quotient, T rest) = T.DivRem(a, b);
        return rest != T.Zero && (T.IsNegative(rest) != T.IsNegative(b)) ? quotient - T.One : quotient;
    }
}
