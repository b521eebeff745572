using System.Buffers;
using System.IO.Compression;

namespace Percept.Media;

/// <summary>Inflates the rows of a picture and undoes their filters, as many at a time as fit into the cache.</summary>
internal sealed class PngRows : IDisposable
{
    /// <summary>Deflate makes at most this of one byte.</summary>
    internal const int GreatestRatio = 1032;

    private const int BufferBytes = 64 << 10;

    private readonly ZLibStream _inflated;
    private byte[] _buffer;
    private int _start;
    private int _end;

    internal PngRows(ReadOnlyMemory<byte> file, IReadOnlyList<Range> data, long longestRow)
    {
        CheckHead(file, data);
        _inflated = new ZLibStream(new PngDataStream(file, data), CompressionMode.Decompress);
        _buffer = ArrayPool<byte>.Shared.Rent(checked((int)Math.Max(BufferBytes, longestRow + 1)));
    }

    /// <summary>The next row with its filter byte in front; valid until the next call.</summary>
    internal ReadOnlySpan<byte> Next(int bytes)
    {
        if (_end - _start < bytes)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            while (_end < bytes)
            {
                int read = Inflate(_buffer.AsSpan(_end));
                if (read == 0)
                {
                    throw new InvalidDataException("The PNG file's pixel data end before the last row; it is cut off or damaged.");
                }

                _end += read;
            }
        }

        ReadOnlySpan<byte> row = _buffer.AsSpan(_start, bytes);
        _start += bytes;
        return row;
    }

    /// <summary>Reads what follows the last row, so that the checksum at the end is checked; there is not to be much.</summary>
    internal void Finish()
    {
        for (int i = 0; i < 4 && Inflate(_buffer) > 0; i++)
        {
        }
    }

    public void Dispose()
    {
        _inflated.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private int Inflate(Span<byte> target)
    {
        try
        {
            return _inflated.Read(target);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw new InvalidDataException("The PNG file's pixel data are damaged: they are no zlib stream.", error);
        }
    }

    private static void CheckHead(ReadOnlyMemory<byte> file, IReadOnlyList<Range> data)
    {
        Span<byte> head = stackalloc byte[2];
        using var stream = new PngDataStream(file, data);
        int read = stream.Read(head);
        int word = (head[0] << 8) | head[1];
        bool deflate = (head[0] & 15) == 8 && head[0] >> 4 <= 7;
        bool dictionary = (head[1] & 32) != 0;
        if (read < 2 || !deflate || dictionary || word % 31 != 0)
        {
            throw new InvalidDataException($"The PNG file's pixel data begin with {word:x4}, which is no zlib stream without a dictionary.");
        }
    }
}
