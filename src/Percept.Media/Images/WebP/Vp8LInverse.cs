using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Undoes the transforms of a lossless picture. Pixels are A, R, G, B from the highest byte.</summary>
/// <remarks>Source: RFC 9649, section 4.</remarks>
internal static unsafe class Vp8LInverse
{
    private const uint Black = 0xFF000000;

    /// <summary>Undoes one transform.</summary>
    /// <param name="transform">The transform.</param>
    /// <param name="pixels">The picture; for palettes it may be smaller than the result.</param>
    /// <param name="guard">Ends long work.</param>
    /// <returns>The picture before the transform; the same array where it was undone in place.</returns>
    internal static uint[] Undo(Vp8LTransform transform, uint[] pixels, DecodeGuard guard)
    {
        switch (transform.Kind)
        {
            case Vp8LTransformKind.Predictor:
                Predict(transform, pixels, guard);
                return pixels;
            case Vp8LTransformKind.CrossColor:
                AddCrossColor(transform, pixels);
                return pixels;
            case Vp8LTransformKind.SubtractGreen:
                AddGreen(pixels.AsSpan(0, transform.Width * transform.Height));
                return pixels;
            default:
                return Unpack(transform, pixels);
        }
    }

    private static void AddGreen(Span<uint> pixels)
    {
        int i = 0;
        for (; Vector128.IsHardwareAccelerated && i + 4 <= pixels.Length; i += 4)
        {
            Vector128<uint> pixel = Vector128.Create(pixels.Slice(i, 4));
            Vector128<uint> green = (pixel >> 8) & Vector128.Create(0xFFu);
            Vector128<byte> both = (green | (green << 16)).AsByte();
            (pixel.AsByte() + both).AsUInt32().CopyTo(pixels[i..]);
        }

        for (; i < pixels.Length; i++)
        {
            uint pixel = pixels[i];
            uint green = (pixel >> 8) & 0xFF;
            uint both = ((pixel & 0x00FF00FF) + (green | (green << 16))) & 0x00FF00FF;
            pixels[i] = (pixel & 0xFF00FF00) | both;
        }
    }

    private static void AddCrossColor(Vp8LTransform transform, uint[] pixels)
    {
        int tiles = Vp8LDecoder.Tiles(transform.Width, transform.Bits);
        for (int y = 0; y < transform.Height; y++)
        {
            Span<uint> row = pixels.AsSpan(y * transform.Width, transform.Width);
            ReadOnlySpan<uint> factors = transform.Data.AsSpan((y >> transform.Bits) * tiles, tiles);
            for (int tile = 0; tile < tiles; tile++)
            {
                uint factor = factors[tile];
                int greenToRed = (sbyte)factor;
                int greenToBlue = (sbyte)(factor >> 8);
                int redToBlue = (sbyte)(factor >> 16);
                int begin = tile << transform.Bits;
                foreach (ref uint pixel in row[begin..Math.Min(transform.Width, begin + (1 << transform.Bits))])
                {
                    int green = (sbyte)(pixel >> 8);
                    int red = (byte)((pixel >> 16) + (uint)((greenToRed * green) >> 5));
                    int blue = (byte)(pixel + (uint)((greenToBlue * green) >> 5) + (uint)((redToBlue * (sbyte)red) >> 5));
                    pixel = (pixel & 0xFF00FF00) | ((uint)red << 16) | (uint)blue;
                }
            }
        }
    }

    private static uint[] Unpack(Vp8LTransform transform, uint[] pixels)
    {
        uint[] target = transform.Bits == 0 ? pixels : new uint[transform.Width * transform.Height];
        int packed = Vp8LDecoder.Tiles(transform.Width, transform.Bits);
        int each = 8 >> transform.Bits;
        uint mask = (1u << each) - 1;
        ReadOnlySpan<uint> palette = transform.Data;
        for (int y = 0; y < transform.Height; y++)
        {
            ReadOnlySpan<uint> from = pixels.AsSpan(y * packed, packed);
            Span<uint> to = target.AsSpan(y * transform.Width, transform.Width);
            for (int x = 0; x < to.Length; x++)
            {
                uint indices = (from[x >> transform.Bits] >> 8) & 0xFF;
                uint index = (indices >> ((x & ((1 << transform.Bits) - 1)) * each)) & mask;
                to[x] = index < palette.Length ? palette[(int)index] : 0;
            }
        }

        return target;
    }

    private static void Predict(Vp8LTransform transform, uint[] pixels, DecodeGuard guard)
    {
        int width = transform.Width;
        int tiles = Vp8LDecoder.Tiles(width, transform.Bits);
        _ = pixels[(width * transform.Height) - 1];
        fixed (uint* start = pixels)
        {
            start[0] = Add(start[0], Black);
            for (int x = 1; x < width; x++)
            {
                start[x] = Add(start[x], start[x - 1]);
            }

            for (int y = 1; y < transform.Height; y++)
            {
                guard.Tick();
                uint* row = start + ((nint)y * width);
                row[0] = Add(row[0], row[-width]);
                ReadOnlySpan<uint> modes = transform.Data.AsSpan((y >> transform.Bits) * tiles, tiles);
                for (int tile = 0; tile < tiles; tile++)
                {
                    int begin = Math.Max(1, tile << transform.Bits);
                    int end = Math.Min(width, (tile + 1) << transform.Bits);
                    Run((int)(modes[tile] >> 8) & 15, row + begin, width, end - begin);
                }
            }
        }
    }

    /// <summary>Adds the predictions of one mode to pixels of a row.</summary>
    private static void Run(int mode, uint* at, int width, int count)
    {
        uint* end = at + count;
        uint* above = at - width;
        uint left = at[-1];
        switch (mode)
        {
            case 1:
                for (; at < end; at++)
                {
                    *at = left = Add(*at, left);
                }

                break;
            case 2:
                AddRow(at, above, count);
                break;
            case 3:
                AddRow(at, above + 1, count);
                break;
            case 4:
                AddRow(at, above - 1, count);
                break;
            case 5:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Average(Average(left, above[1]), above[0]));
                }

                break;
            case 6:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Average(left, above[-1]));
                }

                break;
            case 7:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Average(left, above[0]));
                }

                break;
            case 8:
                for (; at < end; at++, above++)
                {
                    *at = Add(*at, Average(above[-1], above[0]));
                }

                break;
            case 9:
                for (; at < end; at++, above++)
                {
                    *at = Add(*at, Average(above[0], above[1]));
                }

                break;
            case 10:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Average(Average(left, above[-1]), Average(above[0], above[1])));
                }

                break;
            case 11:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Select(above[0], left, above[-1]));
                }

                break;
            case 12:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Full(left, above[0], above[-1]));
                }

                break;
            case 13:
                for (; at < end; at++, above++)
                {
                    *at = left = Add(*at, Half(Average(left, above[0]), above[-1]));
                }

                break;
            default:
                for (; at < end; at++)
                {
                    *at = Add(*at, Black);
                }

                break;
        }
    }

    private static void AddRow(uint* at, uint* other, int count)
    {
        int i = 0;
        for (; Vector128.IsHardwareAccelerated && i + 4 <= count; i += 4)
        {
            (Vector128.Load((byte*)(at + i)) + Vector128.Load((byte*)(other + i))).Store((byte*)(at + i));
        }

        for (; i < count; i++)
        {
            at[i] = Add(at[i], other[i]);
        }
    }

    /// <summary>The sum of each channel, without carries between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Add(uint a, uint b) =>
        (((a & 0xFF00FF00) + (b & 0xFF00FF00)) & 0xFF00FF00) | (((a & 0x00FF00FF) + (b & 0x00FF00FF)) & 0x00FF00FF);

    /// <summary>The mean of each channel, cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Average(uint a, uint b) => (((a ^ b) & 0xFEFEFEFE) >> 1) + (a & b);

    /// <summary>The upper or the left pixel, whichever is nearer to upper + left − upper left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Select(uint upper, uint left, uint corner)
    {
        int difference = 0;
        for (int shift = 0; shift < 32; shift += 8)
        {
            int c = (int)(corner >> shift) & 0xFF;
            difference += Math.Abs(((int)(left >> shift) & 0xFF) - c) - Math.Abs(((int)(upper >> shift) & 0xFF) - c);
        }

        return difference <= 0 ? upper : left;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Full(uint left, uint upper, uint corner)
    {
        uint result = 0;
        for (int shift = 0; shift < 32; shift += 8)
        {
            int value = ((int)(left >> shift) & 0xFF) + ((int)(upper >> shift) & 0xFF) - ((int)(corner >> shift) & 0xFF);
            result |= (uint)Math.Clamp(value, 0, 255) << shift;
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Half(uint mean, uint corner)
    {
        uint result = 0;
        for (int shift = 0; shift < 32; shift += 8)
        {
            int value = (int)(mean >> shift) & 0xFF;
            value += (value - ((int)(corner >> shift) & 0xFF)) / 2;
            result |= (uint)Math.Clamp(value, 0, 255) << shift;
        }

        return result;
    }
}
