using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>Smooths the edges of blocks.</summary>
/// <remarks>
/// Source: RFC 6386, section 15. Pixels p3 … p0 | q0 … q3 lie across an edge. An edge has 16 places in two runs of 8:
/// for luma one behind the other, for chroma one in each plane. All are done at once in 16-bit lanes; edges that run
/// down a picture are transposed before and after.
/// </remarks>
internal static unsafe class Vp8LoopFilter
{
    private const int Run = 8;

    /// <summary>Which pixels change.</summary>
    internal enum Kind
    {
        /// <summary>Two, by the simple filter.</summary>
        Simple,

        /// <summary>Four: edges inside a block of 16.</summary>
        Inner,

        /// <summary>Six: edges between blocks of 16.</summary>
        Outer,
    }

    /// <summary>Filters an edge.</summary>
    /// <param name="first">The first pixel behind the edge of the first run.</param>
    /// <param name="second">That of the second run.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="down">Whether the edge runs down the picture: pixels across it lie side by side.</param>
    /// <param name="limit">The greatest step at the edge that is smoothed.</param>
    /// <param name="strength">The other limits.</param>
    /// <param name="kind">Which pixels change.</param>
    internal static void Filter(
        byte* first, byte* second, nint stride, bool down, int limit, Vp8FilterStrength strength, Kind kind)
    {
        if (!Avx2.IsSupported)
        {
            Scalar(first, second, stride, down, limit, strength, kind);
            return;
        }

        var edge = default(Lanes);
        if (down)
        {
            LoadDown(ref edge, first, second, stride);
            if (Change(ref edge, limit, strength, kind))
            {
                StoreDown(ref edge, first, second, stride);
            }
        }
        else
        {
            edge.P3 = Load(first - (4 * stride), second - (4 * stride));
            edge.P2 = Load(first - (3 * stride), second - (3 * stride));
            edge.P1 = Load(first - (2 * stride), second - (2 * stride));
            edge.P0 = Load(first - stride, second - stride);
            edge.Q0 = Load(first, second);
            edge.Q1 = Load(first + stride, second + stride);
            edge.Q2 = Load(first + (2 * stride), second + (2 * stride));
            edge.Q3 = Load(first + (3 * stride), second + (3 * stride));
            if (Change(ref edge, limit, strength, kind))
            {
                Store(edge.P2, first - (3 * stride), second - (3 * stride));
                Store(edge.P1, first - (2 * stride), second - (2 * stride));
                Store(edge.P0, first - stride, second - stride);
                Store(edge.Q0, first, second);
                Store(edge.Q1, first + stride, second + stride);
                Store(edge.Q2, first + (2 * stride), second + (2 * stride));
            }
        }
    }

    /// <summary>The pixels across an edge at 16 places.</summary>
    private struct Lanes
    {
        internal Vector256<short> P3, P2, P1, P0, Q0, Q1, Q2, Q3;
    }

    /// <summary>Changes the pixels where steps are small enough; false when there are no such places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Change(ref Lanes e, int limit, Vp8FilterStrength strength, Kind kind)
    {
        Vector256<short> p1 = e.P1, p0 = e.P0, q0 = e.Q0, q1 = e.Q1;
        Vector256<short> most = Vector256.Create((short)((2 * limit) + 1));
        Vector256<short> keep = Vector256.GreaterThan((Vector256.Abs(p0 - q0) << 2) + Vector256.Abs(p1 - q1), most);
        if (kind != Kind.Simple)
        {
            Vector256<short> step = Vector256.Max(
                Vector256.Max(Vector256.Abs(e.P3 - e.P2), Vector256.Abs(e.P2 - p1)),
                Vector256.Max(Vector256.Abs(e.Q3 - e.Q2), Vector256.Abs(e.Q2 - q1)));
            step = Vector256.Max(step, Vector256.Max(Vector256.Abs(p1 - p0), Vector256.Abs(q1 - q0)));
            keep |= Vector256.GreaterThan(step, Vector256.Create((short)strength.Inner));
        }

        Vector256<short> apply = ~keep;
        if (apply == Vector256<short>.Zero)
        {
            return false;
        }

        Vector256<short> difference = (q0 - p0) * (short)3;
        Vector256<short> ends = Clamp(p1 - q1, -128, 127);
        Vector256<short> two = difference + ends;
        Vector256<short> up = Clamp((two + Vector256.Create((short)3)) >> 3, -16, 15);
        Vector256<short> downward = Clamp((two + Vector256.Create((short)4)) >> 3, -16, 15);
        if (kind == Kind.Simple)
        {
            e.P0 = p0 + (up & apply);
            e.Q0 = q0 - (downward & apply);
            return true;
        }

        Vector256<short> beside = Vector256.Max(Vector256.Abs(p1 - p0), Vector256.Abs(q1 - q0));
        Vector256<short> variance = Vector256.GreaterThan(beside, Vector256.Create((short)strength.HighVariance));
        Vector256<short> few = apply & variance;
        Vector256<short> many = Vector256.AndNot(apply, variance);
        if (kind == Kind.Inner)
        {
            Vector256<short> a1 = Clamp((difference + Vector256.Create((short)4)) >> 3, -16, 15);
            Vector256<short> a2 = Clamp((difference + Vector256.Create((short)3)) >> 3, -16, 15);
            Vector256<short> a3 = ((a1 + Vector256<short>.One) >> 1) & many;
            e.P1 = p1 + a3;
            e.P0 = p0 + (a2 & many) + (up & few);
            e.Q0 = q0 - (a1 & many) - (downward & few);
            e.Q1 = q1 - a3;
        }
        else
        {
            Vector256<short> a = Clamp(two, -128, 127);
            Vector256<short> half = Vector256.Create((short)63);
            Vector256<short> a1 = (((a * (short)27) + half) >> 7) & many;
            Vector256<short> a2 = (((a * (short)18) + half) >> 7) & many;
            Vector256<short> a3 = (((a * (short)9) + half) >> 7) & many;
            e.P2 += a3;
            e.P1 = p1 + a2;
            e.P0 = p0 + a1 + (up & few);
            e.Q0 = q0 - a1 - (downward & few);
            e.Q1 = q1 - a2;
            e.Q2 -= a3;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Clamp(Vector256<short> value, short least, short most) =>
        Vector256.Min(Vector256.Max(value, Vector256.Create(least)), Vector256.Create(most));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Load(byte* first, byte* second) => Avx2.ConvertToVector256Int16(
        Vector128.Create(Unsafe.ReadUnaligned<ulong>(first), Unsafe.ReadUnaligned<ulong>(second)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> pixels, byte* first, byte* second)
    {
        Vector128<ulong> bytes = Narrow(pixels).AsUInt64();
        Unsafe.WriteUnaligned(first, bytes.GetElement(0));
        Unsafe.WriteUnaligned(second, bytes.GetElement(1));
    }

    /// <summary>Bytes with what is out of range brought to its ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector256<short> pixels) =>
        Sse2.PackUnsignedSaturate(pixels.GetLower(), pixels.GetUpper());

    /// <summary>16 rows of 8 bytes to 8 vectors of 16.</summary>
    private static void LoadDown(ref Lanes e, byte* first, byte* second, nint stride)
    {
        first -= 4;
        second -= 4;
        Vector128<byte> a0 = Rows(first, second, 0), a1 = Rows(first, second, stride);
        Vector128<byte> a2 = Rows(first, second, 2 * stride), a3 = Rows(first, second, 3 * stride);
        Vector128<byte> a4 = Rows(first, second, 4 * stride), a5 = Rows(first, second, 5 * stride);
        Vector128<byte> a6 = Rows(first, second, 6 * stride), a7 = Rows(first, second, 7 * stride);
        Vector128<byte> low = Sse2.UnpackLow(Sse2.UnpackLow(a0, a4), Sse2.UnpackLow(a2, a6));
        Vector128<byte> odd = Sse2.UnpackLow(Sse2.UnpackLow(a1, a5), Sse2.UnpackLow(a3, a7));
        e.P3 = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(low, odd));
        e.P2 = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(low, odd));
        low = Sse2.UnpackHigh(Sse2.UnpackLow(a0, a4), Sse2.UnpackLow(a2, a6));
        odd = Sse2.UnpackHigh(Sse2.UnpackLow(a1, a5), Sse2.UnpackLow(a3, a7));
        e.P1 = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(low, odd));
        e.P0 = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(low, odd));
        low = Sse2.UnpackLow(Sse2.UnpackHigh(a0, a4), Sse2.UnpackHigh(a2, a6));
        odd = Sse2.UnpackLow(Sse2.UnpackHigh(a1, a5), Sse2.UnpackHigh(a3, a7));
        e.Q0 = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(low, odd));
        e.Q1 = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(low, odd));
        low = Sse2.UnpackHigh(Sse2.UnpackHigh(a0, a4), Sse2.UnpackHigh(a2, a6));
        odd = Sse2.UnpackHigh(Sse2.UnpackHigh(a1, a5), Sse2.UnpackHigh(a3, a7));
        e.Q2 = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(low, odd));
        e.Q3 = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(low, odd));
    }

    /// <summary>The same row of both runs, byte by byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Rows(byte* first, byte* second, nint offset) => Sse2.UnpackLow(
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(first + offset)).AsByte(),
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(second + offset)).AsByte());

    /// <summary>8 vectors of 16 bytes to 16 rows of 8.</summary>
    private static void StoreDown(ref Lanes e, byte* first, byte* second, nint stride)
    {
        Vector128<byte> v0 = Narrow(e.P3), v1 = Narrow(e.P2), v2 = Narrow(e.P1), v3 = Narrow(e.P0);
        Vector128<byte> v4 = Narrow(e.Q0), v5 = Narrow(e.Q1), v6 = Narrow(e.Q2), v7 = Narrow(e.Q3);
        StoreRun(
            Sse2.UnpackLow(v0, v1).AsInt16(), Sse2.UnpackLow(v2, v3).AsInt16(),
            Sse2.UnpackLow(v4, v5).AsInt16(), Sse2.UnpackLow(v6, v7).AsInt16(), first - 4, stride);
        StoreRun(
            Sse2.UnpackHigh(v0, v1).AsInt16(), Sse2.UnpackHigh(v2, v3).AsInt16(),
            Sse2.UnpackHigh(v4, v5).AsInt16(), Sse2.UnpackHigh(v6, v7).AsInt16(), second - 4, stride);
    }

    private static void StoreRun(
        Vector128<short> t0, Vector128<short> t1, Vector128<short> t2, Vector128<short> t3, byte* at, nint stride)
    {
        StorePair(Sse2.UnpackLow(t0, t1).AsInt32(), Sse2.UnpackLow(t2, t3).AsInt32(), at, stride);
        StorePair(Sse2.UnpackHigh(t0, t1).AsInt32(), Sse2.UnpackHigh(t2, t3).AsInt32(), at + (4 * stride), stride);
    }

    private static void StorePair(Vector128<int> left, Vector128<int> right, byte* at, nint stride)
    {
        Vector128<ulong> rows = Sse2.UnpackLow(left, right).AsUInt64();
        Unsafe.WriteUnaligned(at, rows.GetElement(0));
        Unsafe.WriteUnaligned(at + stride, rows.GetElement(1));
        rows = Sse2.UnpackHigh(left, right).AsUInt64();
        Unsafe.WriteUnaligned(at + (2 * stride), rows.GetElement(0));
        Unsafe.WriteUnaligned(at + (3 * stride), rows.GetElement(1));
    }

    /// <summary>The scalar twin of <see cref="Filter"/>.</summary>
    internal static void Scalar(
        byte* first, byte* second, nint stride, bool down, int limit, Vp8FilterStrength strength, Kind kind)
    {
        nint across = down ? 1 : stride, along = down ? stride : 1;
        for (int i = 0; i < Run; i++)
        {
            Place(first + (i * along), across, limit, strength, kind);
            Place(second + (i * along), across, limit, strength, kind);
        }
    }

    private static void Place(byte* at, nint across, int limit, Vp8FilterStrength strength, Kind kind)
    {
        int p1 = at[-2 * across], p0 = at[-across], q0 = at[0], q1 = at[across];
        if ((4 * Math.Abs(p0 - q0)) + Math.Abs(p1 - q1) > (2 * limit) + 1)
        {
            return;
        }

        if (kind == Kind.Simple)
        {
            Two(at, across);
            return;
        }

        int p3 = at[-4 * across], p2 = at[-3 * across], q2 = at[2 * across], q3 = at[3 * across];
        int inner = strength.Inner;
        if (Math.Abs(p3 - p2) > inner || Math.Abs(p2 - p1) > inner || Math.Abs(p1 - p0) > inner
            || Math.Abs(q3 - q2) > inner || Math.Abs(q2 - q1) > inner || Math.Abs(q1 - q0) > inner)
        {
            return;
        }

        if (Math.Abs(p1 - p0) > strength.HighVariance || Math.Abs(q1 - q0) > strength.HighVariance)
        {
            Two(at, across);
        }
        else if (kind == Kind.Outer)
        {
            Six(at, across);
        }
        else
        {
            Four(at, across);
        }
    }

    private static void Two(byte* at, nint across)
    {
        int p1 = at[-2 * across], p0 = at[-across], q0 = at[0], q1 = at[across];
        int a = (3 * (q0 - p0)) + Signed(p1 - q1);
        at[-across] = Pixel(p0 + Step((a + 3) >> 3));
        at[0] = Pixel(q0 - Step((a + 4) >> 3));
    }

    private static void Four(byte* at, nint across)
    {
        int p1 = at[-2 * across], p0 = at[-across], q0 = at[0], q1 = at[across];
        int a = 3 * (q0 - p0);
        int a1 = Step((a + 4) >> 3);
        int a3 = (a1 + 1) >> 1;
        at[-2 * across] = Pixel(p1 + a3);
        at[-across] = Pixel(p0 + Step((a + 3) >> 3));
        at[0] = Pixel(q0 - a1);
        at[across] = Pixel(q1 - a3);
    }

    private static void Six(byte* at, nint across)
    {
        int p2 = at[-3 * across], p1 = at[-2 * across], p0 = at[-across];
        int q0 = at[0], q1 = at[across], q2 = at[2 * across];
        int a = Signed((3 * (q0 - p0)) + Signed(p1 - q1));
        int a1 = ((27 * a) + 63) >> 7;
        int a2 = ((18 * a) + 63) >> 7;
        int a3 = ((9 * a) + 63) >> 7;
        at[-3 * across] = Pixel(p2 + a3);
        at[-2 * across] = Pixel(p1 + a2);
        at[-across] = Pixel(p0 + a1);
        at[0] = Pixel(q0 - a1);
        at[across] = Pixel(q1 - a2);
        at[2 * across] = Pixel(q2 - a3);
    }

    private static int Signed(int value) => Math.Clamp(value, -128, 127);

    private static int Step(int value) => Math.Clamp(value, -16, 15);

    private static byte Pixel(int value) => (byte)Math.Clamp(value, 0, 255);
}
