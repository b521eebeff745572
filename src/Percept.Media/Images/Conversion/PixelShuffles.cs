using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Moves whole bytes of pixels, 16 at a time; each returns how many pixels it did, the caller does the rest.</summary>
internal static class PixelShuffles
{
    /// <summary>Every byte three times, with 255 behind it when a pixel has four.</summary>
    internal static int Spread(ReadOnlySpan<byte> source, Span<byte> target, int channels)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            return 0;
        }

        Span<Vector128<byte>> order =
        [
            Order(channels, 0), Order(channels, 1), Order(channels, 2), Order(channels, 3),
        ];
        Vector128<byte> opaque = channels == 4 ? Vector128.Create(0xFF000000u).AsByte() : Vector128<byte>.Zero;
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(target);
        int i = 0;
        for (; i + 16 <= source.Length; i += 16)
        {
            Vector128<byte> gray = Vector128.LoadUnsafe(ref from, (nuint)i);
            for (int part = 0; part < channels; part++)
            {
                Vector128<byte> spread = Vector128.ShuffleNative(gray, order[part]) | opaque;
                spread.StoreUnsafe(ref to, (nuint)((i * channels) + (16 * part)));
            }
        }

        return i;
    }

    /// <summary>RGB to RGBA, opaque.</summary>
    internal static int Widen(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            return 0;
        }

        Vector128<byte> order = Vector128.Create((byte)0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
        Vector128<byte> opaque = Vector128.Create(0xFF000000u).AsByte();
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(target);
        int i = 0;

        // 16 bytes are read for 12 that are used.
        for (; (3 * i) + 16 <= source.Length; i += 4)
        {
            Vector128<byte> four = Vector128.LoadUnsafe(ref from, (nuint)(3 * i));
            (Vector128.ShuffleNative(four, order) | opaque).StoreUnsafe(ref to, (nuint)(4 * i));
        }

        return i;
    }

    /// <summary>RGBA to RGB.</summary>
    internal static int Narrow(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            return 0;
        }

        Vector128<byte> order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(target);
        int i = 0;

        // 16 bytes are written for 12 that stay; the next step writes over the rest.
        for (; (3 * i) + 16 <= target.Length; i += 4)
        {
            Vector128<byte> four = Vector128.LoadUnsafe(ref from, (nuint)(4 * i));
            Vector128.ShuffleNative(four, order).StoreUnsafe(ref to, (nuint)(3 * i));
        }

        return i;
    }

    private static Vector128<byte> Order(int channels, int part)
    {
        Span<byte> order = stackalloc byte[16];
        for (int i = 0; i < 16; i++)
        {
            order[i] = (byte)Math.Min(15, ((16 * part) + i) / channels);
        }

        return Vector128.Create<byte>(order);
    }
}
