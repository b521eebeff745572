// Row loop over the blocks of one format. Whole blocks are decoded straight into dst; a block that the range only touches
// in part (256- and 64-element formats) is decoded into a buffer on the stack and the wanted part copied.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>Decodes ranges of a row of <typeparamref name="TFormat"/> blocks.</summary>
internal static unsafe class BlockRows<TFormat>
    where TFormat : struct, IBlockDecoder
{
    /// <summary>Decodes <paramref name="count"/> elements from element <paramref name="first"/> on.</summary>
    /// <param name="blocks">The row's blocks.</param>
    /// <param name="first">First element; a multiple of 32.</param>
    /// <param name="count">How many elements; a multiple of 32.</param>
    /// <param name="dst">Where the elements go; must not overlap the blocks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Decode(byte* blocks, long first, int count, float* dst)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            DecodeScalar(blocks, first, count, dst);
            return;
        }

        byte* block = blocks + (first / TFormat.Elements * TFormat.Bytes);
        int skip = (int)(first % TFormat.Elements);
        if (skip != 0)
        {
            int part = Math.Min(count, TFormat.Elements - skip);
            DecodePart(block, skip, part, dst);
            block += TFormat.Bytes;
            dst += part;
            count -= part;
        }

        while (count >= TFormat.Elements)
        {
            TFormat.Decode(block, dst);
            block += TFormat.Bytes;
            dst += TFormat.Elements;
            count -= TFormat.Elements;
        }

        if (count > 0)
        {
            DecodePart(block, 0, count, dst);
        }
    }

    /// <summary>The scalar twin of <see cref="Decode"/>.</summary>
    /// <param name="blocks">The row's blocks.</param>
    /// <param name="first">First element; a multiple of 32.</param>
    /// <param name="count">How many elements; a multiple of 32.</param>
    /// <param name="dst">Where the elements go; must not overlap the blocks.</param>
    internal static void DecodeScalar(byte* blocks, long first, int count, float* dst)
    {
        float* whole = stackalloc float[TFormat.Elements];
        while (count > 0)
        {
            byte* block = blocks + (first / TFormat.Elements * TFormat.Bytes);
            int skip = (int)(first % TFormat.Elements);
            int part = Math.Min(count, TFormat.Elements - skip);
            TFormat.DecodeScalar(block, whole);
            new ReadOnlySpan<float>(whole + skip, part).CopyTo(new Span<float>(dst, part));
            first += part;
            dst += part;
            count -= part;
        }
    }

    private static void DecodePart(byte* block, int skip, int part, float* dst)
    {
        float* whole = stackalloc float[TFormat.Elements];
        TFormat.Decode(block, whole);
        new ReadOnlySpan<float>(whole + skip, part).CopyTo(new Span<float>(dst, part));
    }
}
