using System.Runtime.InteropServices;

namespace Percept.Media;

/// <content>Turning and mirroring.</content>
public sealed partial class Image
{
    /// <summary>Squares of this side are moved at a time, so that both pictures' rows stay in the cache.</summary>
    private const int TurnBlock = 32;

    /// <summary>The picture turned or mirrored; every pixel stays what it is.</summary>
    /// <param name="turn">How.</param>
    /// <returns>A new picture.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such turn.</exception>
    public Image Turned(ImageTurn turn)
    {
        if (!Enum.IsDefined(turn))
        {
            throw new ArgumentOutOfRangeException(nameof(turn), turn, "There is no such turn.");
        }

        bool swaps = turn is ImageTurn.Rotate90 or ImageTurn.Rotate270 or ImageTurn.Transpose or ImageTurn.Transverse;
        Image result = Uninitialized(swaps ? Height : Width, swaps ? Width : Height, Format, Palette, TransparentColor);
        switch (Format.BytesPerPixel())
        {
            case 1:
                Turn<byte>(result, turn);
                break;
            case 2:
                Turn<ushort>(result, turn);
                break;
            case 3:
                Turn<Pixel24>(result, turn);
                break;
            default:
                Turn<uint>(result, turn);
                break;
        }

        return result;
    }

    /// <summary>The picture upright, as EXIF's orientation says.</summary>
    /// <param name="orientation">1 to 8; any other number leaves the picture as it is.</param>
    /// <returns>A new picture; this one itself when there is nothing to turn.</returns>
    public Image Oriented(int orientation) => orientation switch
    {
        2 => Turned(ImageTurn.FlipLeftRight),
        3 => Turned(ImageTurn.Rotate180),
        4 => Turned(ImageTurn.FlipTopBottom),
        5 => Turned(ImageTurn.Transpose),
        6 => Turned(ImageTurn.Rotate270),
        7 => Turned(ImageTurn.Transverse),
        8 => Turned(ImageTurn.Rotate90),
        _ => this,
    };

    private void Turn<T>(Image target, ImageTurn turn)
        where T : unmanaged
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(_pixels);
        Span<T> to = MemoryMarshal.Cast<byte, T>(target.Pixels);
        if (target.Width == Width && turn is ImageTurn.FlipLeftRight or ImageTurn.FlipTopBottom or ImageTurn.Rotate180)
        {
            for (int y = 0; y < Height; y++)
            {
                int row = turn == ImageTurn.FlipLeftRight ? y : Height - 1 - y;
                Span<T> line = to.Slice(row * Width, Width);
                from.Slice(y * Width, Width).CopyTo(line);
                if (turn != ImageTurn.FlipTopBottom)
                {
                    line.Reverse();
                }
            }

            return;
        }

        // Column x of the source becomes row x of the target or, counted from the other end, row (width − 1 − x).
        bool rowsBackward = turn is ImageTurn.Rotate90 or ImageTurn.Transverse;
        bool columnsBackward = turn is ImageTurn.Rotate270 or ImageTurn.Transverse;
        for (int y0 = 0; y0 < Height; y0 += TurnBlock)
        {
            int y1 = Math.Min(y0 + TurnBlock, Height);
            for (int x0 = 0; x0 < Width; x0 += TurnBlock)
            {
                int x1 = Math.Min(x0 + TurnBlock, Width);
                for (int x = x0; x < x1; x++)
                {
                    Span<T> line = to.Slice((rowsBackward ? Width - 1 - x : x) * Height, Height);
                    for (int y = y0; y < y1; y++)
                    {
                        line[columnsBackward ? Height - 1 - y : y] = from[(y * Width) + x];
                    }
                }
            }
        }
    }

    /// <summary>Three bytes that move together.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Pixel24
    {
#pragma warning disable CS0169, IDE0051
        private readonly byte _first;
        private readonly byte _second;
        private readonly byte _third;
#pragma warning restore CS0169, IDE0051
    }
}
