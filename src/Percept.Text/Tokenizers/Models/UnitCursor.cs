namespace Percept.Text;

/// <summary>Turns ranges of UTF-8 bytes into ranges of UTF-16 units, from front to back.</summary>
/// <remarks>A range that begins or ends inside a character takes the whole character.</remarks>
internal ref struct UnitCursor(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _unit;
    private int _bytes;

    /// <summary>The units of bytes; the start must not be before that of the last call.</summary>
    internal (int Start, int End) Units(int start, int end)
    {
        while (_unit < _text.Length)
        {
            int size = CodePoints.Bytes(CodePoints.At(_text, _unit, out int units));
            if (_bytes + size > start)
            {
                break;
            }

            _bytes += size;
            _unit += units;
        }

        int last = _unit;
        for (int bytes = _bytes; last < _text.Length && bytes < end;)
        {
            bytes += CodePoints.Bytes(CodePoints.At(_text, last, out int units));
            last += units;
        }

        return (_unit, last);
    }
}
