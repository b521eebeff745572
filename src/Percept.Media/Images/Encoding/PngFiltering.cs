using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Applies PNG's row filters, for writing (see <see cref="PngFilters"/> for what a, b and c are).</summary>
internal static class PngFiltering
{
    /// <summary>Filters a row; the row above is zeros for the first one.</summary>
    internal static void Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> target, int distance)
    {
        // Left of the picture a and c are 0: those bytes one by one, the rest in one piece.
        int start = Math.Min(distance, row.Length);
        for (int i = 0; i < start; i++)
        {
            target[i] = (byte)(row[i] - Predict(filter, 0, above[i], 0));
        }

        for (int i = start + Wide(filter, row, above, target, distance); i < row.Length; i++)
        {
            target[i] = (byte)(row[i] - Predict(filter, row[i - distance], above[i], above[i - distance]));
        }
    }

    /// <summary>The sum of the sizes of bytes taken as signed: a measure of how well they compress.</summary>
    internal static long Magnitude(ReadOnlySpan<byte> row)
    {
        long sum = 0;
        int i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
        {
            var x = new Vector<byte>(row[i..]);
            Vector.Widen(Vector.Min(x, Vector<byte>.Zero - x), out Vector<ushort> low, out Vector<ushort> high);
            sum += Vector.Sum(low + high);
        }

        for (; i < row.Length; i++)
        {
            sum += Math.Min(row[i], 256 - row[i]);
        }

        return sum;
    }

    private static int Predict(int filter, int a, int b, int c)
    {
        switch (filter)
        {
            case 0:
                return 0;
            case 1:
                return a;
            case 2:
                return b;
            case 3:
                return (a + b) / 2;
            default:
                int toA = Math.Abs(b - c);
                int toB = Math.Abs(a - c);
                int toC = Math.Abs(a + b - (2 * c));
                return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
        }
    }

    private static int Wide(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> target, int distance)
    {
        if (!Vector128.IsHardwareAccelerated || row.Length <= distance)
        {
            return 0;
        }

        ref byte x = ref MemoryMarshal.GetReference(row[distance..]);
        ref byte a = ref MemoryMarshal.GetReference(row);
        ref byte b = ref MemoryMarshal.GetReference(above[distance..]);
        ref byte c = ref MemoryMarshal.GetReference(above);
        ref byte to = ref MemoryMarshal.GetReference(target[distance..]);
        int length = row.Length - distance;
        int i = 0;
        for (; i + 16 <= length; i += 16)
        {
            nuint at = (nuint)i;
            Vector128<byte> left = Vector128.LoadUnsafe(ref a, at);
            Vector128<byte> up = Vector128.LoadUnsafe(ref b, at);
            Vector128<byte> predicted = filter switch
            {
                0 => Vector128<byte>.Zero,
                1 => left,
                2 => up,
                3 => (left & up) + (((left ^ up) >>> 1) & Vector128.Create((byte)0x7F)),
                _ => Paeth(left, up, Vector128.LoadUnsafe(ref c, at)),
            };
            (Vector128.LoadUnsafe(ref x, at) - predicted).StoreUnsafe(ref to, at);
        }

        return i;
    }

    private static Vector128<byte> Paeth(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c)
    {
        Vector128<short> low = Nearest(
            Vector128.WidenLower(a).AsInt16(), Vector128.WidenLower(b).AsInt16(), Vector128.WidenLower(c).AsInt16());
        Vector128<short> high = Nearest(
            Vector128.WidenUpper(a).AsInt16(), Vector128.WidenUpper(b).AsInt16(), Vector128.WidenUpper(c).AsInt16());
        return Vector128.Narrow(low.AsUInt16(), high.AsUInt16());
    }

    private static Vector128<short> Nearest(Vector128<short> a, Vector128<short> b, Vector128<short> c)
    {
        Vector128<short> toA = b - c;
        Vector128<short> toB = a - c;
        Vector128<short> toC = Vector128.Abs(toA + toB);
        toA = Vector128.Abs(toA);
        toB = Vector128.Abs(toB);
        Vector128<short> least = Vector128.Min(toC, Vector128.Min(toA, toB));
        Vector128<short> other = Vector128.ConditionalSelect(Vector128.Equals(toB, least), b, c);
        return Vector128.ConditionalSelect(Vector128.Equals(toA, least), a, other);
    }
}
