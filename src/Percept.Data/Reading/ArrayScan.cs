namespace Percept.Data;

/// <summary>Finds where the elements of a JSON array begin and end, from one buffer of its file after the other.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="records">Where places go: start, end (not included) and line.</param>
/// <param name="line">The line where the array begins.</param>
internal sealed class ArrayScan(string path, List<(long Start, long End, long Line)> records, long line)
{
    private long _line = line;
    private long _start = -1;
    private long _startLine;
    private int _depth;
    private bool _inText;
    private bool _escaped;
    private bool _closed;

    /// <summary>Looks at the next buffer.</summary>
    /// <param name="buffer">The bytes; the first buffer begins with the array's bracket.</param>
    /// <param name="at">Where in the file they stand.</param>
    /// <exception cref="InvalidDataException">Something follows the array.</exception>
    internal void Feed(ReadOnlySpan<byte> buffer, long at)
    {
        int i = 0;
        while (i < buffer.Length)
        {
            i = _inText ? InText(buffer, i) : Outside(buffer, i, at);
        }
    }

    /// <summary>Says that the file has ended.</summary>
    /// <exception cref="InvalidDataException">The array is not closed.</exception>
    internal void End()
    {
        if (!_closed)
        {
            throw new InvalidDataException(
                $"{path}: the array that begins in the file is not closed"
                + (_start >= 0 ? $"; the record of line {_startLine} has no end" : "") + ". Write the file anew; it may have been cut off.");
        }
    }

    /// <summary>Goes on to what ends a text, or to the buffer's end.</summary>
    private int InText(ReadOnlySpan<byte> buffer, int i)
    {
        if (_escaped)
        {
            _escaped = false;
            return i + 1;
        }

        int found = buffer[i..].IndexOfAny((byte)'"', (byte)'\\', (byte)'\n');
        if (found < 0)
        {
            return buffer.Length;
        }

        byte value = buffer[i + found];
        _inText = value != (byte)'"';
        _escaped = value == (byte)'\\';
        _line += value == (byte)'\n' ? 1 : 0;
        return i + found + 1;
    }

    private int Outside(ReadOnlySpan<byte> buffer, int i, long at)
    {
        byte value = buffer[i];
        if (value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _line += value == (byte)'\n' ? 1 : 0;
            return i + 1;
        }

        if (_closed)
        {
            throw new InvalidDataException(
                $"{path}:{_line}: something follows the closing ']' of the array. Keep one array, or one object a line.");
        }

        if (_depth == 1 && _start < 0 && value is not ((byte)',' or (byte)']'))
        {
            (_start, _startLine) = (at + i, _line);
        }

        switch (value)
        {
            case (byte)'"':
                _inText = true;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                _depth--;
                _closed = _depth == 0;
                break;
            default:
                break;
        }

        if (_start >= 0 && (_closed || (_depth == 1 && value == (byte)',')))
        {
            records.Add((_start, at + i, _startLine));
            _start = -1;
        }

        return i + 1;
    }
}
