using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Writes what is written to it as IDAT or numbered fdAT chunks.</summary>
internal sealed class PngChunkWriter : Stream
{
    private const int ChunkBytes = 64 << 10;
    private const int TypeBytes = 4;

    private readonly Stream _output;
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private uint? _sequence;
    private int _used;
    private bool _wrote;

    internal PngChunkWriter(Stream output, uint? sequence)
    {
        _output = output;
        _sequence = sequence;
        Begin();
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private int HeadBytes => TypeBytes + (_sequence is null ? 0 : 4);

    /// <summary>Writes one chunk.</summary>
    internal static void Write(Stream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] typed = [.. type, .. data];
        WriteTyped(output, typed);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, ChunkBytes - _used);
            buffer[..count].CopyTo(_chunk.AsSpan(_used));
            _used += count;
            buffer = buffer[count..];
            if (_used == ChunkBytes)
            {
                End();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes what is left.</summary>
    /// <returns>The number of the next part of an animation.</returns>
    internal uint Finish()
    {
        if (_used > HeadBytes || !_wrote)
        {
            End();
        }

        return _sequence ?? 0;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void WriteTyped(Stream output, ReadOnlySpan<byte> typed)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, typed.Length - TypeBytes);
        output.Write(number);
        output.Write(typed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Compute(typed));
        output.Write(number);
    }

    private void Begin()
    {
        (_sequence is null ? "IDAT"u8 : "fdAT"u8).CopyTo(_chunk);
        if (_sequence is { } number)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_chunk.AsSpan(TypeBytes), number);
        }

        _used = HeadBytes;
    }

    private void End()
    {
        WriteTyped(_output, _chunk.AsSpan(0, _used));
        _sequence = _sequence is { } number ? number + 1 : null;
        _wrote = true;
        Begin();
    }
}
