// The last step of every vector decoder: 16 integer codes become 16 floats, code * scale (+ offset), by separate
// multiplication and addition so that each SIMD level gives the bits of the scalar decoder.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>Shared vector steps of the block decoders.</summary>
internal static unsafe class BlockVectors
{
    /// <summary>The low nibble of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Low(Vector128<byte> packed) => packed & Vector128.Create((byte)15);

    /// <summary>The high nibble of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> High(Vector128<byte> packed) =>
        (packed.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15);

    /// <summary>Each byte of <paramref name="table"/> that a code (0..15) names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<sbyte> Look(ReadOnlySpan<sbyte> table, Vector128<byte> codes) =>
        Vector128.ShuffleNative(Vector128.Create(table), codes.AsSByte());

    /// <summary>0x10 in byte j where bit j of <paramref name="bits"/> is set, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> FifthBits(ushort bits)
    {
        Vector128<byte> spread = Vector128.ShuffleNative(
            Vector128.Create(bits).AsByte(),
            Vector128.Create(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1).AsByte());
        Vector128<byte> mask = Vector128.Create(0x8040201008040201UL).AsByte();
        return Vector128.Equals(spread & mask, mask) & Vector128.Create((byte)16);
    }

    /// <summary>Negates each byte of the two entries where its mask byte is 0xFF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<sbyte> Signed(ulong entry0, ulong entry1, ulong mask0, ulong mask1)
    {
        Vector128<sbyte> mask = Vector128.Create(mask0, mask1).AsSByte();
        return (Vector128.Create(entry0, entry1).AsSByte() ^ mask) - mask;
    }

    /// <summary>dst[j] = codes[j] * scale, j in 0..15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector128<sbyte> codes, float scale, float* dst)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<float> values = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(codes));
            (values * Vector512.Create(scale)).Store(dst);
        }
        else if (Avx2.IsSupported)
        {
            Vector256<float> factor = Vector256.Create(scale);
            (Low8(codes) * factor).Store(dst);
            (High8(codes) * factor).Store(dst + 8);
        }
        else
        {
            Vector128<float> factor = Vector128.Create(scale);
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(codes);
            Widen4(low, out Vector128<float> a, out Vector128<float> b);
            (a * factor).Store(dst);
            (b * factor).Store(dst + 4);
            Widen4(high, out a, out b);
            (a * factor).Store(dst + 8);
            (b * factor).Store(dst + 12);
        }
    }

    /// <summary>dst[j] = codes[j] * scale + offset, j in 0..15, rounded twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector128<sbyte> codes, float scale, float offset, float* dst)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<float> values = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(codes));
            ((values * Vector512.Create(scale)) + Vector512.Create(offset)).Store(dst);
        }
        else if (Avx2.IsSupported)
        {
            Vector256<float> factor = Vector256.Create(scale);
            Vector256<float> addend = Vector256.Create(offset);
            ((Low8(codes) * factor) + addend).Store(dst);
            ((High8(codes) * factor) + addend).Store(dst + 8);
        }
        else
        {
            Vector128<float> factor = Vector128.Create(scale);
            Vector128<float> addend = Vector128.Create(offset);
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(codes);
            Widen4(low, out Vector128<float> a, out Vector128<float> b);
            ((a * factor) + addend).Store(dst);
            ((b * factor) + addend).Store(dst + 4);
            Widen4(high, out a, out b);
            ((a * factor) + addend).Store(dst + 8);
            ((b * factor) + addend).Store(dst + 12);
        }
    }

    /// <summary>AVX-512: the 32 nibbles of 16 bytes, low ones first, replaced by what <paramref name="table"/> holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreTable(Vector128<byte> packed, Vector512<float> table, float* dst)
    {
        // The permutation reads only the low four bits of an index.
        Vector512<int> index = Avx512F.ConvertToVector512Int32(packed);
        Avx512F.PermuteVar16x32(table, index).Store(dst);
        Avx512F.PermuteVar16x32(table, index >>> 4).Store(dst + 16);
    }

    /// <summary>AVX-512: the 16 values of a byte table as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> TableValues(ReadOnlySpan<sbyte> table) =>
        Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Create(table)));

    /// <summary>AVX-512: 0, 1, ... 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Steps() =>
        Vector512.Create(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f, 11f, 12f, 13f, 14f, 15f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Low8(Vector128<sbyte> codes) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(codes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> High8(Vector128<sbyte> codes) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(codes, 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen4(Vector128<short> codes, out Vector128<float> low, out Vector128<float> high)
    {
        (Vector128<int> a, Vector128<int> b) = Vector128.Widen(codes);
        low = Vector128.ConvertToSingle(a);
        high = Vector128.ConvertToSingle(b);
    }
}
