using System.Numerics;
using System.Numerics.Tensors;

namespace Percept.Tensors.Kernels;

/// <summary>Conversions between element types; 16-bit brain floats and block formats go through float32.</summary>
internal static unsafe class CastKernels
{
    private const int PieceLength = 1 << 20;

    /// <summary>target = source, element by element; the types differ and the shapes are equal.</summary>
    internal static void Convert(Tensor source, Tensor target)
    {
        long count = source.Count;
        byte* from = source.Pointer, to = target.Pointer;
        if (Through(source.DType) || Through(target.DType))
        {
            ThroughFloat32(source, target);
            return;
        }

        for (long i = 0; i < count; i += PieceLength)
        {
            int length = (int)Math.Min(PieceLength, count - i);
            ConvertFrom(source.DType, from + (i * source.DType.BlockBytes()), target.DType, to + (i * target.DType.BlockBytes()), length);
        }
    }

    private static bool Through(DType type) => type.IsQuantized() || type is DType.BF16 or DType.F16;

    private static void ThroughFloat32(Tensor source, Tensor target)
    {
        if (source.DType == DType.F32)
        {
            BlockFormats.Quantize(target.DType, source.Floats, source.Count, target.Pointer);
        }
        else if (target.DType == DType.F32)
        {
            BlockFormats.Dequantize(source.DType, source.Pointer, source.Count, target.Floats);
        }
        else
        {
            using TensorScope scope = TensorScope.Open();
            Tensor middle = Tensor.Allocate(source.Shape, DType.F32);
            Convert(source, middle);
            Convert(middle, target);
        }
    }

    private static void ConvertFrom(DType source, byte* from, DType target, byte* to, int length)
    {
        switch (source)
        {
            case DType.F32:
                ConvertTo<float>(from, target, to, length);
                break;
            case DType.F64:
                ConvertTo<double>(from, target, to, length);
                break;
            case DType.I8:
                ConvertTo<sbyte>(from, target, to, length);
                break;
            case DType.I16:
                ConvertTo<short>(from, target, to, length);
                break;
            case DType.I32:
                ConvertTo<int>(from, target, to, length);
                break;
            case DType.I64:
                ConvertTo<long>(from, target, to, length);
                break;
            default:
                ConvertTo<byte>(from, target, to, length);
                break;
        }
    }

    private static void ConvertTo<TFrom>(byte* from, DType target, byte* to, int length)
        where TFrom : unmanaged, INumber<TFrom>
    {
        var source = new ReadOnlySpan<TFrom>(from, length);
        switch (target)
        {
            case DType.F32:
                TensorPrimitives.ConvertSaturating(source, new Span<float>(to, length));
                break;
            case DType.F64:
                TensorPrimitives.ConvertSaturating(source, new Span<double>(to, length));
                break;
            case DType.I8:
                TensorPrimitives.ConvertSaturating(source, new Span<sbyte>(to, length));
                break;
            case DType.I16:
                TensorPrimitives.ConvertSaturating(source, new Span<short>(to, length));
                break;
            case DType.I32:
                TensorPrimitives.ConvertSaturating(source, new Span<int>(to, length));
                break;
            case DType.I64:
                TensorPrimitives.ConvertSaturating(source, new Span<long>(to, length));
                break;
            case DType.U8:
                TensorPrimitives.ConvertSaturating(source, new Span<byte>(to, length));
                break;
            default:
                for (int i = 0; i < length; i++)
                {
                    to[i] = source[i] == TFrom.Zero ? (byte)0 : (byte)1;
                }

                break;
        }
    }
}
