using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>Turns eight rows of eight floats into eight columns. For machines with AVX; others copy number by number.</summary>
internal static class Lanes8
{
    /// <summary>Reads rows that lie <paramref name="step"/> apart and writes their columns.</summary>
    internal static void Load(ref float from, int step, Span<Vector256<float>> columns)
    {
        Vector256<float> a = Row(ref from, 0);
        Vector256<float> b = Row(ref from, step);
        Vector256<float> c = Row(ref from, 2 * step);
        Vector256<float> d = Row(ref from, 3 * step);
        Vector256<float> e = Row(ref from, 4 * step);
        Vector256<float> f = Row(ref from, 5 * step);
        Vector256<float> g = Row(ref from, 6 * step);
        Vector256<float> h = Row(ref from, 7 * step);
        Turn(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        columns[7] = h;
        columns[0] = a;
        columns[1] = b;
        columns[2] = c;
        columns[3] = d;
        columns[4] = e;
        columns[5] = f;
        columns[6] = g;
    }

    /// <summary>Reads eight columns and writes them as rows that lie <paramref name="step"/> apart.</summary>
    internal static void Store(ReadOnlySpan<Vector256<float>> columns, ref float to, int step)
    {
        Vector256<float> h = columns[7];
        Vector256<float> a = columns[0];
        Vector256<float> b = columns[1];
        Vector256<float> c = columns[2];
        Vector256<float> d = columns[3];
        Vector256<float> e = columns[4];
        Vector256<float> f = columns[5];
        Vector256<float> g = columns[6];
        Turn(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        a.StoreUnsafe(ref to);
        b.StoreUnsafe(ref Unsafe.Add(ref to, step));
        c.StoreUnsafe(ref Unsafe.Add(ref to, 2 * step));
        d.StoreUnsafe(ref Unsafe.Add(ref to, 3 * step));
        e.StoreUnsafe(ref Unsafe.Add(ref to, 4 * step));
        f.StoreUnsafe(ref Unsafe.Add(ref to, 5 * step));
        g.StoreUnsafe(ref Unsafe.Add(ref to, 6 * step));
        h.StoreUnsafe(ref Unsafe.Add(ref to, 7 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Row(ref float from, int at) => Vector256.LoadUnsafe(ref Unsafe.Add(ref from, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        ref Vector256<float> a, ref Vector256<float> b, ref Vector256<float> c, ref Vector256<float> d,
        ref Vector256<float> e, ref Vector256<float> f, ref Vector256<float> g, ref Vector256<float> h)
    {
        Vector256<float> ab0 = Avx.UnpackLow(a, b);
        Vector256<float> ab1 = Avx.UnpackHigh(a, b);
        Vector256<float> cd0 = Avx.UnpackLow(c, d);
        Vector256<float> cd1 = Avx.UnpackHigh(c, d);
        Vector256<float> ef0 = Avx.UnpackLow(e, f);
        Vector256<float> ef1 = Avx.UnpackHigh(e, f);
        Vector256<float> gh0 = Avx.UnpackLow(g, h);
        Vector256<float> gh1 = Avx.UnpackHigh(g, h);
        Vector256<float> p0 = Avx.Shuffle(ab0, cd0, 0x44);
        Vector256<float> p1 = Avx.Shuffle(ab0, cd0, 0xEE);
        Vector256<float> p2 = Avx.Shuffle(ab1, cd1, 0x44);
        Vector256<float> p3 = Avx.Shuffle(ab1, cd1, 0xEE);
        Vector256<float> q0 = Avx.Shuffle(ef0, gh0, 0x44);
        Vector256<float> q1 = Avx.Shuffle(ef0, gh0, 0xEE);
        Vector256<float> q2 = Avx.Shuffle(ef1, gh1, 0x44);
        Vector256<float> q3 = Avx.Shuffle(ef1, gh1, 0xEE);
        a = Avx.Permute2x128(p0, q0, 0x20);
        b = Avx.Permute2x128(p1, q1, 0x20);
        c = Avx.Permute2x128(p2, q2, 0x20);
        d = Avx.Permute2x128(p3, q3, 0x20);
        e = Avx.Permute2x128(p0, q0, 0x31);
        f = Avx.Permute2x128(p1, q1, 0x31);
        g = Avx.Permute2x128(p2, q2, 0x31);
        h = Avx.Permute2x128(p3, q3, 0x31);
    }
}
