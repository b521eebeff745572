using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Complex discrete Fourier transforms of any size, of several signals side by side: one signal a vector lane.</summary>
/// <remarks>
/// Stockham's self-sorting algorithm with the radices 4, 2, 3, 5 and, for other prime factors, the plain sum. Lanes never
/// mix and nothing is contracted to fused operations, so every machine gives the same bits. Source: Van Loan,
/// "Computational Frameworks for the Fast Fourier Transform" (1992), section 1.7.
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class LaneFft<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Stage[] _stages;

    internal LaneFft(int size)
    {
        Size = size;
        var stages = new List<Stage>();
        int n = size;
        foreach (int radix in Radices(size))
        {
            stages.Add(new Stage(radix, n));
            n /= radix;
        }

        _stages = [.. stages];
    }

    internal int Size { get; }

    /// <summary>Transforms; the result is in the second pair of spans when true is returned, else in the first.</summary>
    internal bool Forward(
        Span<Vector256<T>> re, Span<Vector256<T>> im, Span<Vector256<T>> otherRe, Span<Vector256<T>> otherIm)
    {
        re = re[..Size];
        im = im[..Size];
        otherRe = otherRe[..Size];
        otherIm = otherIm[..Size];
        int stride = 1;
        bool swapped = false;
        foreach (Stage stage in _stages)
        {
            if (swapped)
            {
                stage.Run(otherRe, otherIm, re, im, stride);
            }
            else
            {
                stage.Run(re, im, otherRe, otherIm, stride);
            }

            swapped = !swapped;
            stride *= stage.Radix;
        }

        return swapped;
    }

    private static IEnumerable<int> Radices(int size)
    {
        foreach (int radix in (int[])[5, 3, 4, 2])
        {
            while (size % radix == 0)
            {
                yield return radix;
                size /= radix;
            }
        }

        for (int radix = 7; size > 1; radix += 2)
        {
            while (size % radix == 0)
            {
                yield return radix;
                size /= radix;
            }

            if ((long)radix * radix > size && size > 1)
            {
                yield return size;
                size = 1;
            }
        }
    }

    /// <summary>One pass: sub-transforms of <c>Radix</c> points, then turns by powers of the n-th root of one.</summary>
    private sealed class Stage
    {
        private static readonly T s_sin3 = T.CreateTruncating(Math.Sqrt(0.75));
        private static readonly T s_cos51 = T.CreateTruncating(Math.Cos(2 * Math.PI / 5));
        private static readonly T s_cos52 = T.CreateTruncating(Math.Cos(4 * Math.PI / 5));
        private static readonly T s_sin51 = T.CreateTruncating(Math.Sin(2 * Math.PI / 5));
        private static readonly T s_sin52 = T.CreateTruncating(Math.Sin(4 * Math.PI / 5));

        private readonly int _parts;

        /// <summary>cos and sin of −2π·p·j/n at [(p·(Radix − 1) + j − 1)·2].</summary>
        private readonly T[] _turns;

        /// <summary>cos and sin of −2π·j/Radix, for radices without code of their own.</summary>
        private readonly T[] _roots;

        internal Stage(int radix, int n)
        {
            Radix = radix;
            _parts = n / radix;
            _turns = new T[_parts * (radix - 1) * 2];
            for (int p = 0; p < _parts; p++)
            {
                for (int j = 1; j < radix; j++)
                {
                    Turn((long)p * j, n, _turns.AsSpan(((p * (radix - 1)) + j - 1) * 2));
                }
            }

            _roots = radix > 5 ? new T[radix * 2] : [];
            for (int j = 0; j < _roots.Length / 2; j++)
            {
                Turn(j, radix, _roots.AsSpan(j * 2));
            }
        }

        internal int Radix { get; }

        internal void Run(
            ReadOnlySpan<Vector256<T>> re, ReadOnlySpan<Vector256<T>> im, Span<Vector256<T>> toRe, Span<Vector256<T>> toIm, int stride)
        {
            int leap = stride * _parts;
            for (int p = 0; p < _parts; p++)
            {
                ref Vector256<T> xr = ref Unsafe.Add(ref MemoryMarshal.GetReference(re), p * stride);
                ref Vector256<T> xi = ref Unsafe.Add(ref MemoryMarshal.GetReference(im), p * stride);
                ref Vector256<T> yr = ref Unsafe.Add(ref MemoryMarshal.GetReference(toRe), p * stride * Radix);
                ref Vector256<T> yi = ref Unsafe.Add(ref MemoryMarshal.GetReference(toIm), p * stride * Radix);
                ReadOnlySpan<T> turns = _turns.AsSpan(p * (Radix - 1) * 2, (Radix - 1) * 2);
                switch (Radix)
                {
                    case 2:
                        Radix2(ref xr, ref xi, ref yr, ref yi, turns, stride, leap, p == 0);
                        break;
                    case 3:
                        Radix3(ref xr, ref xi, ref yr, ref yi, turns, stride, leap, p == 0);
                        break;
                    case 4:
                        Radix4(ref xr, ref xi, ref yr, ref yi, turns, stride, leap, p == 0);
                        break;
                    case 5:
                        Radix5(ref xr, ref xi, ref yr, ref yi, turns, stride, leap, p == 0);
                        break;
                    default:
                        RadixAny(ref xr, ref xi, ref yr, ref yi, turns, stride, leap, p == 0);
                        break;
                }
            }
        }

        private static void Turn(long step, int n, Span<T> to)
        {
            double angle = -2 * Math.PI * (step % n) / n;
            to[0] = T.CreateTruncating(Math.Cos(angle));
            to[1] = T.CreateTruncating(Math.Sin(angle));
        }

        /// <summary>Writes output j, turned unless it is the first part.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put(
            ref Vector256<T> yr, ref Vector256<T> yi, int at, Vector256<T> r, Vector256<T> i, ReadOnlySpan<T> turns, int j, bool plain)
        {
            if (!plain)
            {
                var c = Vector256.Create(turns[(j * 2) - 2]);
                var s = Vector256.Create(turns[(j * 2) - 1]);
                (r, i) = ((r * c) - (i * s), (r * s) + (i * c));
            }

            Unsafe.Add(ref yr, at) = r;
            Unsafe.Add(ref yi, at) = i;
        }

        private static void Radix2(
            ref Vector256<T> xr, ref Vector256<T> xi, ref Vector256<T> yr, ref Vector256<T> yi,
            ReadOnlySpan<T> turns, int stride, int leap, bool plain)
        {
            for (int q = 0; q < stride; q++)
            {
                Vector256<T> ar = Unsafe.Add(ref xr, q);
                Vector256<T> ai = Unsafe.Add(ref xi, q);
                Vector256<T> br = Unsafe.Add(ref xr, q + leap);
                Vector256<T> bi = Unsafe.Add(ref xi, q + leap);
                Unsafe.Add(ref yr, q) = ar + br;
                Unsafe.Add(ref yi, q) = ai + bi;
                Put(ref yr, ref yi, q + stride, ar - br, ai - bi, turns, 1, plain);
            }
        }

        private static void Radix3(
            ref Vector256<T> xr, ref Vector256<T> xi, ref Vector256<T> yr, ref Vector256<T> yi,
            ReadOnlySpan<T> turns, int stride, int leap, bool plain)
        {
            var half = Vector256.Create(T.CreateTruncating(0.5));
            var sine = Vector256.Create(s_sin3);
            for (int q = 0; q < stride; q++)
            {
                Vector256<T> ar = Unsafe.Add(ref xr, q);
                Vector256<T> ai = Unsafe.Add(ref xi, q);
                Vector256<T> br = Unsafe.Add(ref xr, q + leap);
                Vector256<T> bi = Unsafe.Add(ref xi, q + leap);
                Vector256<T> cr = Unsafe.Add(ref xr, q + (2 * leap));
                Vector256<T> ci = Unsafe.Add(ref xi, q + (2 * leap));
                Vector256<T> sr = br + cr;
                Vector256<T> si = bi + ci;
                Vector256<T> dr = (bi - ci) * sine;
                Vector256<T> di = (cr - br) * sine;
                Unsafe.Add(ref yr, q) = ar + sr;
                Unsafe.Add(ref yi, q) = ai + si;
                Vector256<T> mr = ar - (half * sr);
                Vector256<T> mi = ai - (half * si);
                Put(ref yr, ref yi, q + stride, mr + dr, mi + di, turns, 1, plain);
                Put(ref yr, ref yi, q + (2 * stride), mr - dr, mi - di, turns, 2, plain);
            }
        }

        private static void Radix4(
            ref Vector256<T> xr, ref Vector256<T> xi, ref Vector256<T> yr, ref Vector256<T> yi,
            ReadOnlySpan<T> turns, int stride, int leap, bool plain)
        {
            for (int q = 0; q < stride; q++)
            {
                Vector256<T> ar = Unsafe.Add(ref xr, q);
                Vector256<T> ai = Unsafe.Add(ref xi, q);
                Vector256<T> br = Unsafe.Add(ref xr, q + leap);
                Vector256<T> bi = Unsafe.Add(ref xi, q + leap);
                Vector256<T> cr = Unsafe.Add(ref xr, q + (2 * leap));
                Vector256<T> ci = Unsafe.Add(ref xi, q + (2 * leap));
                Vector256<T> dr = Unsafe.Add(ref xr, q + (3 * leap));
                Vector256<T> di = Unsafe.Add(ref xi, q + (3 * leap));
                Vector256<T> er = ar + cr;
                Vector256<T> ei = ai + ci;
                Vector256<T> fr = ar - cr;
                Vector256<T> fi = ai - ci;
                Vector256<T> gr = br + dr;
                Vector256<T> gi = bi + di;
                Vector256<T> hr = bi - di;
                Vector256<T> hi = dr - br;
                Unsafe.Add(ref yr, q) = er + gr;
                Unsafe.Add(ref yi, q) = ei + gi;
                Put(ref yr, ref yi, q + stride, fr + hr, fi + hi, turns, 1, plain);
                Put(ref yr, ref yi, q + (2 * stride), er - gr, ei - gi, turns, 2, plain);
                Put(ref yr, ref yi, q + (3 * stride), fr - hr, fi - hi, turns, 3, plain);
            }
        }

        private static void Radix5(
            ref Vector256<T> xr, ref Vector256<T> xi, ref Vector256<T> yr, ref Vector256<T> yi,
            ReadOnlySpan<T> turns, int stride, int leap, bool plain)
        {
            var cos1 = Vector256.Create(s_cos51);
            var cos2 = Vector256.Create(s_cos52);
            var sin1 = Vector256.Create(s_sin51);
            var sin2 = Vector256.Create(s_sin52);
            for (int q = 0; q < stride; q++)
            {
                Vector256<T> ar = Unsafe.Add(ref xr, q);
                Vector256<T> ai = Unsafe.Add(ref xi, q);
                Vector256<T> br = Unsafe.Add(ref xr, q + leap);
                Vector256<T> bi = Unsafe.Add(ref xi, q + leap);
                Vector256<T> er = Unsafe.Add(ref xr, q + (4 * leap));
                Vector256<T> ei = Unsafe.Add(ref xi, q + (4 * leap));
                Vector256<T> cr = Unsafe.Add(ref xr, q + (2 * leap));
                Vector256<T> ci = Unsafe.Add(ref xi, q + (2 * leap));
                Vector256<T> dr = Unsafe.Add(ref xr, q + (3 * leap));
                Vector256<T> di = Unsafe.Add(ref xi, q + (3 * leap));
                (Vector256<T> sr, Vector256<T> tr) = (br + er, br - er);
                (Vector256<T> si, Vector256<T> ti) = (bi + ei, bi - ei);
                (Vector256<T> ur, Vector256<T> vr) = (cr + dr, cr - dr);
                (Vector256<T> ui, Vector256<T> vi) = (ci + di, ci - di);
                Unsafe.Add(ref yr, q) = ar + (sr + ur);
                Unsafe.Add(ref yi, q) = ai + (si + ui);
                Vector256<T> mr = ar + ((sr * cos1) + (ur * cos2));
                Vector256<T> mi = ai + ((si * cos1) + (ui * cos2));
                Vector256<T> nr = (ti * sin1) + (vi * sin2);
                Vector256<T> ni = (tr * sin1) + (vr * sin2);
                Put(ref yr, ref yi, q + stride, mr + nr, mi - ni, turns, 1, plain);
                Put(ref yr, ref yi, q + (4 * stride), mr - nr, mi + ni, turns, 4, plain);
                mr = ar + ((sr * cos2) + (ur * cos1));
                mi = ai + ((si * cos2) + (ui * cos1));
                nr = (ti * sin2) - (vi * sin1);
                ni = (tr * sin2) - (vr * sin1);
                Put(ref yr, ref yi, q + (2 * stride), mr + nr, mi - ni, turns, 2, plain);
                Put(ref yr, ref yi, q + (3 * stride), mr - nr, mi + ni, turns, 3, plain);
            }
        }

        private void RadixAny(
            ref Vector256<T> xr, ref Vector256<T> xi, ref Vector256<T> yr, ref Vector256<T> yi,
            ReadOnlySpan<T> turns, int stride, int leap, bool plain)
        {
            for (int q = 0; q < stride; q++)
            {
                for (int j = 0; j < Radix; j++)
                {
                    Vector256<T> r = Unsafe.Add(ref xr, q);
                    Vector256<T> i = Unsafe.Add(ref xi, q);
                    for (int k = 1; k < Radix; k++)
                    {
                        int root = (int)((long)j * k % Radix) * 2;
                        var c = Vector256.Create(_roots[root]);
                        var s = Vector256.Create(_roots[root + 1]);
                        Vector256<T> br = Unsafe.Add(ref xr, q + (k * leap));
                        Vector256<T> bi = Unsafe.Add(ref xi, q + (k * leap));
                        r += (br * c) - (bi * s);
                        i += (br * s) + (bi * c);
                    }

                    Put(ref yr, ref yi, q + (j * stride), r, i, turns, Math.Max(j, 1), plain || j == 0);
                }
            }
        }
    }
}
