namespace Percept.Media;

/// <summary>Predicts blocks from the pixels above and to the left, which lie in the same plane.</summary>
/// <remarks>Source: RFC 6386, section 12. Modes have the numbers of <see cref="Vp8Mode"/>.</remarks>
internal static unsafe class Vp8Prediction
{
    /// <summary>Predicts a block of 16×16 luma or 8×8 chroma pixels.</summary>
    /// <param name="mode">One of the first four modes.</param>
    /// <param name="at">Its upper left pixel.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="size">16 or 8.</param>
    /// <param name="hasTop">Whether there is a block above.</param>
    /// <param name="hasLeft">Whether there is a block to the left.</param>
    internal static void Block(Vp8Mode mode, byte* at, int stride, int size, bool hasTop, bool hasLeft)
    {
        byte* top = at - stride;
        switch (mode)
        {
            case Vp8Mode.Dc:
                byte mean = Mean(at, stride, size, hasTop, hasLeft);
                for (int y = 0; y < size; y++)
                {
                    new Span<byte>(at + ((nint)y * stride), size).Fill(mean);
                }

                break;
            case Vp8Mode.TrueMotion:
                TrueMotion(at, stride, size);
                break;
            case Vp8Mode.Vertical:
                for (int y = 0; y < size; y++)
                {
                    new ReadOnlySpan<byte>(top, size).CopyTo(new Span<byte>(at + ((nint)y * stride), size));
                }

                break;
            default:
                for (int y = 0; y < size; y++)
                {
                    byte* row = at + ((nint)y * stride);
                    new Span<byte>(row, size).Fill(row[-1]);
                }

                break;
        }
    }

    /// <summary>Predicts a 4×4 block.</summary>
    /// <param name="mode">The mode.</param>
    /// <param name="at">Its upper left pixel.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="right">The four pixels above and to the right.</param>
    internal static void Small(Vp8Mode mode, byte* at, int stride, byte* right)
    {
        // The edge from the lower left over the corner to the upper right: L K J I X A B C D E F G H.
        int* e = stackalloc int[13];
        byte* top = at - stride;
        for (int i = 0; i < 4; i++)
        {
            e[3 - i] = at[((nint)i * stride) - 1];
            e[5 + i] = top[i];
            e[9 + i] = right[i];
        }

        e[4] = top[-1];
        switch (mode)
        {
            case Vp8Mode.Dc:
                int sum = 4 + e[0] + e[1] + e[2] + e[3] + e[5] + e[6] + e[7] + e[8];
                for (int y = 0; y < 4; y++)
                {
                    new Span<byte>(at + ((nint)y * stride), 4).Fill((byte)(sum >> 3));
                }

                break;
            case Vp8Mode.TrueMotion:
                TrueMotion(at, stride, 4);
                break;
            case Vp8Mode.Vertical:
                for (int x = 0; x < 4; x++)
                {
                    byte value = Three(e[4 + x], e[5 + x], e[6 + x]);
                    for (int y = 0; y < 4; y++)
                    {
                        at[((nint)y * stride) + x] = value;
                    }
                }

                break;
            case Vp8Mode.Horizontal:
                for (int y = 0; y < 4; y++)
                {
                    byte value = Three(e[4 - y], e[3 - y], e[Math.Max(0, 2 - y)]);
                    new Span<byte>(at + ((nint)y * stride), 4).Fill(value);
                }

                break;
            default:
                Diagonal(mode, at, stride, e);
                break;
        }
    }

    private static void Diagonal(Vp8Mode mode, byte* at, int stride, int* e)
    {
        switch (mode)
        {
            case Vp8Mode.DownRight:
                for (int i = 0; i < 7; i++)
                {
                    Along(at, stride, i - 3, Three(e[i], e[i + 1], e[i + 2]));
                }

                break;
            case Vp8Mode.DownLeft:
                for (int i = 0; i < 7; i++)
                {
                    byte value = Three(e[5 + i], e[6 + i], e[Math.Min(12, 7 + i)]);
                    for (int y = Math.Max(0, i - 3); y <= Math.Min(3, i); y++)
                    {
                        at[((nint)y * stride) + i - y] = value;
                    }
                }

                break;
            case Vp8Mode.VerticalRight:
                for (int y = 0; y < 4; y++)
                {
                    for (int x = 0; x < 4; x++)
                    {
                        int i = (2 * x) - y;
                        at[((nint)y * stride) + x] = i < 0
                            ? Three(e[6 + i], e[5 + i], e[4 + i])
                            : (i & 1) == 0 ? Two(e[4 + (i / 2)], e[5 + (i / 2)])
                            : Three(e[3 + ((i + 1) / 2)], e[4 + ((i + 1) / 2)], e[5 + ((i + 1) / 2)]);
                    }
                }

                break;
            case Vp8Mode.VerticalLeft:
                VerticalLeft(at, stride, e + 5);
                break;
            case Vp8Mode.HorizontalDown:
                for (int y = 0; y < 4; y++)
                {
                    for (int x = 0; x < 4; x++)
                    {
                        int i = (2 * y) - x;
                        at[((nint)y * stride) + x] = i < 0
                            ? Three(e[2 - i], e[3 - i], e[4 - i])
                            : (i & 1) == 0 ? Two(e[4 - (i / 2)], e[3 - (i / 2)])
                            : Three(e[5 - ((i + 1) / 2)], e[4 - ((i + 1) / 2)], e[3 - ((i + 1) / 2)]);
                    }
                }

                break;
            default:
                for (int y = 0; y < 4; y++)
                {
                    for (int x = 0; x < 4; x++)
                    {
                        int i = (2 * y) + x;
                        int first = 3 - (i / 2);
                        at[((nint)y * stride) + x] = i > 5 ? (byte)e[0]
                            : (i & 1) == 0 ? Two(e[first], e[first - 1])
                            : Three(e[first], e[first - 1], e[Math.Max(0, first - 2)]);
                    }
                }

                break;
        }
    }

    /// <summary>Means of two and three along the top; the last two pixels on the right break the pattern.</summary>
    private static void VerticalLeft(byte* at, int stride, int* top)
    {
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 4; x++)
            {
                int i = x + (y / 2);
                at[((nint)y * stride) + x] = (y & 1) == 0
                    ? Two(top[i], top[i + 1])
                    : Three(top[i], top[i + 1], top[i + 2]);
            }
        }

        at[((nint)2 * stride) + 3] = Three(top[4], top[5], top[6]);
        at[((nint)3 * stride) + 3] = Three(top[5], top[6], top[7]);
    }

    /// <summary>Sets the pixels with x − y equal to a number.</summary>
    private static void Along(byte* at, int stride, int difference, byte value)
    {
        for (int y = Math.Max(0, -difference); y <= Math.Min(3, 3 - difference); y++)
        {
            at[((nint)y * stride) + y + difference] = value;
        }
    }

    private static void TrueMotion(byte* at, int stride, int size)
    {
        byte* top = at - stride;
        int corner = top[-1];
        for (int y = 0; y < size; y++)
        {
            int difference = at[-1] - corner;
            for (int x = 0; x < size; x++)
            {
                at[x] = (byte)Math.Clamp(top[x] + difference, 0, 255);
            }

            at += stride;
        }
    }

    private static byte Mean(byte* at, int stride, int size, bool hasTop, bool hasLeft)
    {
        if (!hasTop && !hasLeft)
        {
            return 128;
        }

        int sum = 0;
        for (int i = 0; i < size; i++)
        {
            sum += (hasTop ? at[i - (nint)stride] : 0) + (hasLeft ? at[((nint)i * stride) - 1] : 0);
        }

        int count = hasTop && hasLeft ? 2 * size : size;
        return (byte)((sum + (count / 2)) / count);
    }

    private static byte Two(int a, int b) => (byte)((a + b + 1) >> 1);

    private static byte Three(int a, int b, int c) => (byte)((a + (2 * b) + c + 2) >> 2);
}

/// <summary>How a block is predicted; the first four for blocks of any size.</summary>
internal enum Vp8Mode : byte
{
    Dc,
    TrueMotion,
    Vertical,
    Horizontal,
    DownRight,
    VerticalRight,
    DownLeft,
    VerticalLeft,
    HorizontalDown,
    HorizontalUp,
}
