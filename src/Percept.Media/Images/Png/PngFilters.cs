using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Undoes PNG's row filters.</summary>
/// <remarks>
/// x is the filtered byte, a the byte one pixel to the left, b the one above, c the one above a. Bytes outside the picture
/// are 0. The row above and the target have the row's length; source and target do not overlap.
/// </remarks>
internal static class PngFilters
{
    /// <summary>Undoes the filter of one row.</summary>
    /// <param name="filter">The row's filter byte.</param>
    /// <param name="source">The filtered bytes.</param>
    /// <param name="above">The row above, undone; empty for the first row.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="distance">Bytes from a pixel to the next: 1, 2, 3, 4, 6 or 8.</param>
    internal static void Undo(int filter, ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> target, int distance)
    {
        switch (filter)
        {
            case 0:
                source.CopyTo(target);
                break;
            case 1:
                UndoSub(source, target, distance);
                break;
            case 2 when above.IsEmpty:
                source.CopyTo(target);
                break;
            case 2:
                UndoUp(source, above, target);
                break;
            case 3 when above.IsEmpty:
                UndoHalfLeft(source, target, distance);
                break;
            case 3:
                UndoAverage(source, above, target, distance);
                break;
            case 4 when above.IsEmpty:
                // Paeth without a row above always takes the left byte.
                UndoSub(source, target, distance);
                break;
            case 4:
                UndoPaeth(source, above, target, distance);
                break;
            default:
                throw new InvalidDataException($"A row of the PNG file has filter {filter}; known are 0 to 4.");
        }
    }

    /// <summary>x + a.</summary>
    private static void UndoSub(ReadOnlySpan<byte> source, Span<byte> target, int distance)
    {
        int done = 0;
        if (Vector128.IsHardwareAccelerated && distance is 3 or 4)
        {
            done = distance == 3 ? UndoSub3(source, target) : UndoSub4(source, target);
        }

        for (int i = done; i < source.Length; i++)
        {
            target[i] = (byte)(source[i] + (i < distance ? 0 : target[i - distance]));
        }
    }

    // Four pixels at a time: sums over 1, then 2 neighbours, then the last pixel of the four before.
    private static int UndoSub4(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(target);
        Vector128<byte> last = Vector128<byte>.Zero;
        int i = 0;
        for (; i + 16 <= source.Length; i += 16)
        {
            Vector128<byte> x = Vector128.LoadUnsafe(ref from, (nuint)i);
            x += Vector128.Shuffle(x, Vector128.Create((byte)255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
            x += Vector128.Shuffle(x, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7));
            x += last;
            x.StoreUnsafe(ref to, (nuint)i);
            last = Vector128.Shuffle(x, Vector128.Create((byte)12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15));
        }

        return i;
    }

    // As above with 12 of the 16 bytes; the four bytes too many are written again by the next step or by the caller.
    private static int UndoSub3(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(target);
        Vector128<byte> last = Vector128<byte>.Zero;
        int i = 0;
        for (; i + 16 <= source.Length; i += 12)
        {
            Vector128<byte> x = Vector128.LoadUnsafe(ref from, (nuint)i);
            x += Vector128.Shuffle(x, Vector128.Create((byte)255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
            x += Vector128.Shuffle(x, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
            x += last;
            x.StoreUnsafe(ref to, (nuint)i);
            last = Vector128.Shuffle(x, Vector128.Create((byte)9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9));
        }

        return i;
    }

    /// <summary>x + b.</summary>
    private static void UndoUp(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> target)
    {
        ref byte x = ref MemoryMarshal.GetReference(source);
        ref byte b = ref MemoryMarshal.GetReference(above);
        ref byte to = ref MemoryMarshal.GetReference(target);
        int i = 0;
        for (; i + Vector<byte>.Count <= source.Length; i += Vector<byte>.Count)
        {
            (Vector.LoadUnsafe(ref x, (nuint)i) + Vector.LoadUnsafe(ref b, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < source.Length; i++)
        {
            target[i] = (byte)(source[i] + above[i]);
        }
    }

    /// <summary>x + a/2: the average in the first row.</summary>
    private static void UndoHalfLeft(ReadOnlySpan<byte> source, Span<byte> target, int distance)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (byte)(source[i] + (i < distance ? 0 : target[i - distance] / 2));
        }
    }

    /// <summary>x + (a + b)/2, rounded down.</summary>
    private static void UndoAverage(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> target, int distance)
    {
        int i = 0;
        if (distance is 3 or 4)
        {
            // All bytes of a pixel in one word: the average without carries between bytes is (a & b) + ((a ^ b) >> 1).
            const uint Low = 0x7F7F7F7F;
            uint a = 0;
            for (; i + 4 <= source.Length; i += distance)
            {
                uint b = MemoryMarshal.Read<uint>(above[i..]);
                uint x = MemoryMarshal.Read<uint>(source[i..]);
                uint average = (a & b) + (((a ^ b) >> 1) & Low);
                a = ((x & Low) + (average & Low)) ^ ((x ^ average) & ~Low);
                MemoryMarshal.Write(target[i..], a);
            }
        }

        for (; i < source.Length; i++)
        {
            int a = i < distance ? 0 : target[i - distance];
            target[i] = (byte)(source[i] + ((a + above[i]) / 2));
        }
    }

    /// <summary>x + whichever of a, b, c is nearest to a + b − c, in this order.</summary>
    private static void UndoPaeth(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> target, int distance)
    {
        int i = Vector128.IsHardwareAccelerated && distance >= 3 ? UndoPaethWide(source, above, target, distance) : 0;
        for (; i < source.Length; i++)
        {
            int a = i < distance ? 0 : target[i - distance];
            int b = above[i];
            int c = i < distance ? 0 : above[i - distance];
            int toA = Math.Abs(b - c);
            int toB = Math.Abs(a - c);
            int toC = Math.Abs(a + b - (2 * c));
            target[i] = (byte)(source[i] + (toA <= toB && toA <= toC ? a : toB <= toC ? b : c));
        }
    }

    // The bytes of one pixel (and what follows them, written again by the next step or by the caller) in 16-bit lanes.
    private static int UndoPaethWide(ReadOnlySpan<byte> source, ReadOnlySpan<byte> above, Span<byte> target, int distance)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte up = ref MemoryMarshal.GetReference(above);
        ref byte to = ref MemoryMarshal.GetReference(target);
        Vector128<short> a = Vector128<short>.Zero;
        Vector128<short> c = Vector128<short>.Zero;
        Vector128<short> low = Vector128.Create((short)255);
        int i = 0;
        for (; i + 8 <= source.Length; i += distance)
        {
            Vector128<short> x = Widen(ref Unsafe.Add(ref from, i));
            Vector128<short> b = Widen(ref Unsafe.Add(ref up, i));
            Vector128<short> toA = b - c;
            Vector128<short> toB = a - c;
            Vector128<short> toC = Vector128.Abs(toA + toB);
            toA = Vector128.Abs(toA);
            toB = Vector128.Abs(toB);
            Vector128<short> least = Vector128.Min(toC, Vector128.Min(toA, toB));
            Vector128<short> other = Vector128.ConditionalSelect(Vector128.Equals(toB, least), b, c);
            Vector128<short> nearest = Vector128.ConditionalSelect(Vector128.Equals(toA, least), a, other);
            a = (x + nearest) & low;
            c = b;
            Vector128<byte> bytes = Vector128.Narrow(a.AsUInt16(), a.AsUInt16());
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, i), bytes.AsUInt64().ToScalar());
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Widen(ref byte at) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref at)).AsByte()).AsInt16();
}
