namespace Percept.Media;

/// <summary>Parts of a file read as one, without copying them together.</summary>
internal sealed class PngDataStream(ReadOnlyMemory<byte> file, IReadOnlyList<Range> parts) : Stream
{
    private int _part;
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && _part < parts.Count)
        {
            (int offset, int length) = parts[_part].GetOffsetAndLength(file.Length);
            int count = Math.Min(length - _at, buffer.Length - done);
            file.Span.Slice(offset + _at, count).CopyTo(buffer[done..]);
            done += count;
            _at += count;
            if (_at == length)
            {
                _part++;
                _at = 0;
            }
        }

        return done;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
