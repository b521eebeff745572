using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>How a matrix–vector kernel reads its weights.</summary>
internal unsafe interface IWeightElement
{
    /// <summary>Bytes of a weight.</summary>
    static abstract int Size { get; }

    /// <summary>Reads a vector of weights as floats.</summary>
    static abstract TV Load<TV>(byte* source)
        where TV : struct, ISimdFloat<TV>;

    /// <summary>Reads one weight as a float.</summary>
    static abstract float LoadOne(byte* source);
}

/// <summary>Float weights.</summary>
internal readonly unsafe struct F32Weight : IWeightElement
{
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(float);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Load<TV>(byte* source)
        where TV : struct, ISimdFloat<TV> => TV.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* source) => *(float*)source;
}

/// <summary>Bfloat16 weights.</summary>
internal readonly unsafe struct BF16Weight : IWeightElement
{
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(ushort);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Load<TV>(byte* source)
        where TV : struct, ISimdFloat<TV> => TV.LoadBF16((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* source) => HalfFloats.BF16(*(ushort*)source);
}

/// <summary>IEEE half-precision weights.</summary>
internal readonly unsafe struct F16Weight : IWeightElement
{
    public static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(ushort);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Load<TV>(byte* source)
        where TV : struct, ISimdFloat<TV> => TV.LoadF16((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* source) => HalfFloats.F16(*(ushort*)source);
}
