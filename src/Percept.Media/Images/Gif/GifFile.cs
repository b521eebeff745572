using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Reads the blocks of a GIF file up to each next picture.</summary>
internal sealed class GifFile
{
    private const int HeaderBytes = 13;
    private const int FrameBytes = 9;

    private readonly ReadOnlyMemory<byte> _file;
    private int _at;
    private int _disposal;

    internal GifFile(ReadOnlyMemory<byte> file)
    {
        _file = file;
        ReadOnlySpan<byte> span = file.Span;
        if (span.Length < HeaderBytes)
        {
            throw CutOff();
        }

        Width = BinaryPrimitives.ReadUInt16LittleEndian(span[6..]);
        Height = BinaryPrimitives.ReadUInt16LittleEndian(span[8..]);
        Background = span[11];
        _at = HeaderBytes;
        HasColors = (span[10] & 128) != 0;
        if (HasColors)
        {
            Colors = TakeColors(span[10]);
        }
    }

    /// <summary>The width of the canvas as the header says.</summary>
    internal int Width { get; }

    /// <summary>The height of the canvas as the header says.</summary>
    internal int Height { get; }

    internal int Background { get; }

    internal bool HasColors { get; }

    internal Range Colors { get; }

    internal static bool Matches(ReadOnlySpan<byte> file) => file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8);

    internal static InvalidDataException CutOff() => new("The GIF file ends before its last pixel; it is cut off.");

    /// <summary>The next picture; null at the end of the file.</summary>
    internal GifFrame? Next(DecodeGuard guard)
    {
        ReadOnlySpan<byte> span = _file.Span;
        int transparent = -1;
        double? duration = null;
        while (_at < span.Length)
        {
            guard.Tick();
            switch (span[_at++])
            {
                case (byte)';':
                    return null;
                case (byte)'!':
                    if (_at >= span.Length)
                    {
                        return null;
                    }

                    bool isControl = span[_at++] == 0xF9;
                    ReadOnlySpan<byte> block = Block();
                    if (isControl && block.Length >= 4)
                    {
                        transparent = (block[0] & 1) != 0 ? block[3] : transparent;
                        duration = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]) * 10.0;

                        // A frame that says nothing is treated as the one before it.
                        int disposal = (block[0] >> 2) & 7;
                        _disposal = disposal == 0 ? _disposal : disposal;
                    }

                    SkipBlocks(block.Length);
                    break;
                case (byte)',':
                    return TakeFrame(transparent, duration);
                default:
                    // Stray bytes between blocks do no harm.
                    break;
            }
        }

        return null;
    }

    private GifFrame TakeFrame(int transparent, double? duration)
    {
        ReadOnlySpan<byte> span = _file.Span;
        if (span.Length - _at < FrameBytes + 1)
        {
            throw CutOff();
        }

        ReadOnlySpan<byte> data = span.Slice(_at, FrameBytes);
        _at += FrameBytes;
        bool hasColors = (data[8] & 128) != 0;
        Range colors = hasColors ? TakeColors(data[8]) : default;
        int offset = _at;
        if (offset >= span.Length)
        {
            throw CutOff();
        }

        _at++;
        SkipBlocks(1);
        var frame = new GifFrame
        {
            X = BinaryPrimitives.ReadUInt16LittleEndian(data),
            Y = BinaryPrimitives.ReadUInt16LittleEndian(data[2..]),
            Width = BinaryPrimitives.ReadUInt16LittleEndian(data[4..]),
            Height = BinaryPrimitives.ReadUInt16LittleEndian(data[6..]),
            Interlaced = (data[8] & 64) != 0,
            LocalColors = colors,
            HasLocalColors = hasColors,
            Transparent = transparent,
            Disposal = _disposal,
            DurationMilliseconds = duration,
            DataOffset = offset,
        };
        return frame.Width == 0 || frame.Height == 0
            ? throw new InvalidDataException($"A frame of the GIF file has {frame.Width}×{frame.Height} pixels.")
            : frame;
    }

    private Range TakeColors(int flags)
    {
        int bytes = 3 << ((flags & 7) + 1);
        if (_file.Length - _at < bytes)
        {
            throw CutOff();
        }

        int start = _at;
        _at += bytes;
        return start..(start + bytes);
    }

    /// <summary>The next data block; empty at the end of the blocks.</summary>
    private ReadOnlySpan<byte> Block()
    {
        ReadOnlySpan<byte> span = _file.Span;
        if (_at >= span.Length)
        {
            return default;
        }

        int length = Math.Min(span[_at], span.Length - _at - 1);
        ReadOnlySpan<byte> block = span.Slice(_at + 1, length);
        _at += 1 + length;
        return block;
    }

    private void SkipBlocks(int last)
    {
        while (last > 0)
        {
            last = Block().Length;
        }
    }
}
