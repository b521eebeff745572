using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Spectra of real signals, of several side by side: one signal a vector lane. Holds its own work space.</summary>
/// <remarks>Even sizes are transformed as half as many complex numbers. Not thread-safe.</remarks>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class LaneSpectrum<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Alignment = 64;

    private readonly LaneFft<T> _fft;
    private readonly bool _halved;
    private readonly T[] _turns;
    private readonly T[] _store;
    private readonly int _length;
    private readonly int _offset;

    internal LaneSpectrum(int size)
    {
        Size = size;
        Bins = (size / 2) + 1;
        _halved = size % 2 == 0 && size > 2;
        _fft = new LaneFft<T>(_halved ? size / 2 : size);
        _turns = new T[_halved ? Bins * 2 : 0];
        for (int k = 0; k < _turns.Length / 2; k++)
        {
            double angle = -2 * Math.PI * k / size;
            _turns[2 * k] = T.CreateTruncating(Math.Cos(angle));
            _turns[(2 * k) + 1] = T.CreateTruncating(Math.Sin(angle));
        }

        // Vectors that cross cache lines cost twice; pinned memory stays aligned.
        _length = Math.Max(_fft.Size, Bins);
        int lanes = Vector256<T>.Count;
        _store = GC.AllocateArray<T>((_length * 4 * lanes) + (Alignment / Unsafe.SizeOf<T>()), pinned: true);
        nint address;
        unsafe
        {
            address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_store));
        }

        _offset = (int)((Alignment - (address % Alignment)) % Alignment) / Unsafe.SizeOf<T>();
    }

    /// <summary>The number of real points.</summary>
    internal int Size { get; }

    /// <summary>The number of frequencies from 0 to the half: size / 2 + 1.</summary>
    internal int Bins { get; }

    /// <summary>The real parts of the spectrum after <see cref="Forward"/>.</summary>
    internal Span<Vector256<T>> Re => Part(0)[..Bins];

    /// <summary>The imaginary parts of the spectrum after <see cref="Forward"/>.</summary>
    internal Span<Vector256<T>> Im => Part(1)[..Bins];

    /// <summary>Transforms <c>frame[i]·window[i]</c>, followed by zeros up to the size, starting at point <paramref name="at"/>.</summary>
    internal void Forward(ReadOnlySpan<Vector256<T>> frame, ReadOnlySpan<T> window, int at = 0)
    {
        Span<Vector256<T>> re = Part(0);
        Span<Vector256<T>> im = Part(1);
        int points = _fft.Size;
        if (_halved)
        {
            Pack(frame, window, at, re[..points], im[..points]);
        }
        else
        {
            re[..points].Clear();
            im[..points].Clear();
            for (int i = 0; i < frame.Length; i++)
            {
                re[at + i] = frame[i] * window[i];
            }
        }

        bool swapped = _fft.Forward(re, im, Part(2), Part(3));
        if (_halved)
        {
            Unpack(swapped);
        }
        else if (swapped)
        {
            Part(2)[..points].CopyTo(re);
            Part(3)[..points].CopyTo(im);
        }
    }

    private Span<Vector256<T>> Part(int index) => MemoryMarshal.Cast<T, Vector256<T>>(
        _store.AsSpan(_offset + (index * _length * Vector256<T>.Count), _length * Vector256<T>.Count));

    private static void Pack(
        ReadOnlySpan<Vector256<T>> frame, ReadOnlySpan<T> window, int at, Span<Vector256<T>> re, Span<Vector256<T>> im)
    {
        if (at % 2 == 0)
        {
            int first = at / 2;
            int pairs = frame.Length / 2;
            re[..first].Clear();
            im[..first].Clear();
            for (int j = 0; j < pairs; j++)
            {
                re[first + j] = frame[2 * j] * window[2 * j];
                im[first + j] = frame[(2 * j) + 1] * window[(2 * j) + 1];
            }

            re[(first + pairs)..].Clear();
            im[(first + pairs)..].Clear();
            if (frame.Length % 2 != 0)
            {
                re[first + pairs] = frame[^1] * window[frame.Length - 1];
            }

            return;
        }

        re.Clear();
        im.Clear();
        for (int i = 0; i < frame.Length; i++)
        {
            ((at + i) % 2 == 0 ? re : im)[(at + i) / 2] = frame[i] * window[i];
        }
    }

    /// <summary>From the spectrum of x[2j] + i·x[2j + 1] to that of x.</summary>
    private void Unpack(bool swapped)
    {
        int m = _fft.Size;
        Span<Vector256<T>> zr = Part(swapped ? 2 : 0);
        Span<Vector256<T>> zi = Part(swapped ? 3 : 1);
        Span<Vector256<T>> re = Part(0);
        Span<Vector256<T>> im = Part(1);
        var half = Vector256.Create(T.CreateTruncating(0.5));
        (Vector256<T> r0, Vector256<T> i0) = (zr[0], zi[0]);
        for (int k = 1; k <= m / 2; k++)
        {
            Vector256<T> ar = zr[k];
            Vector256<T> ai = zi[k];
            Vector256<T> br = zr[m - k];
            Vector256<T> bi = zi[m - k];
            Vector256<T> er = (ar + br) * half;
            Vector256<T> ei = (ai - bi) * half;
            Vector256<T> or = (ai + bi) * half;
            Vector256<T> oi = (br - ar) * half;
            var c = Vector256.Create(_turns[2 * k]);
            var s = Vector256.Create(_turns[(2 * k) + 1]);
            Vector256<T> tr = (or * c) - (oi * s);
            Vector256<T> ti = (or * s) + (oi * c);
            re[k] = er + tr;
            im[k] = ei + ti;
            re[m - k] = er - tr;
            im[m - k] = ti - ei;
        }

        re[0] = r0 + i0;
        im[0] = Vector256<T>.Zero;
        re[m] = r0 - i0;
        im[m] = Vector256<T>.Zero;
    }
}
