using System.Buffers;

namespace Percept.Text;

/// <summary>
/// A text under normalization that knows, for every UTF-16 unit, which part of the original text it came from.
/// </summary>
/// <remarks>
/// <para>
/// A step reads the units from front to back and writes the new text: <see cref="Begin"/>, then <see cref="Write"/>,
/// <see cref="Keep"/> and <see cref="Drop"/>, then <see cref="Commit"/>. The rule of alignment is that of the reference: a
/// character that replaces one has its origin; one that is inserted has the origin of the last unit read.
/// </para>
/// <para>Without alignment (<see cref="Aligned"/> off) only the characters are kept.</para>
/// </remarks>
internal sealed class NormalizedText(StepBudget? budget = null)
{
    private char[] _chars = new char[256];
    private int[] _starts = [];
    private int[] _ends = [];
    private char[] _newChars = new char[256];
    private int[] _newStarts = [];
    private int[] _newEnds = [];
    private int _read;
    private int _written;

    /// <summary>The steps that patterns may still take on the whole text; the caller resets it.</summary>
    internal StepBudget Budget { get; } = budget ?? new StepBudget();

    /// <summary>Whether origins are kept.</summary>
    internal bool Aligned { get; private set; }

    internal int Length { get; private set; }

    internal ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>How many units of the old text the current step has read.</summary>
    internal int Position => _read;

    /// <summary>How many units the current step has written.</summary>
    internal int Written => _written;

    /// <summary>Starts anew with a part of the original text.</summary>
    /// <param name="text">The part.</param>
    /// <param name="offset">Where it begins in the original, UTF-16 units.</param>
    /// <param name="aligned">Whether to keep origins.</param>
    internal void Reset(ReadOnlySpan<char> text, int offset, bool aligned)
    {
        Aligned = aligned;
        Length = text.Length;
        EnsureSize(ref _chars, text.Length, 0);
        text.CopyTo(_chars);
        if (!aligned)
        {
            return;
        }

        EnsureSize(ref _starts, text.Length, 0);
        EnsureSize(ref _ends, text.Length, 0);
        for (int i = 0; i < text.Length; i++)
        {
            int size = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
            for (int k = 0; k < size; k++)
            {
                _starts[i + k] = offset + i;
                _ends[i + k] = offset + i + size;
            }

            i += size - 1;
        }
    }

    /// <summary>Adds another text behind this one, with its origins.</summary>
    internal void Append(NormalizedText other, int start, int length)
    {
        EnsureSize(ref _chars, Length + length, Length);
        other._chars.AsSpan(start, length).CopyTo(_chars.AsSpan(Length));
        if (Aligned)
        {
            EnsureSize(ref _starts, Length + length, Length);
            EnsureSize(ref _ends, Length + length, Length);
            other._starts.AsSpan(start, length).CopyTo(_starts.AsSpan(Length));
            other._ends.AsSpan(start, length).CopyTo(_ends.AsSpan(Length));
        }

        Length += length;
    }

    /// <summary>Where the unit at an index begins in the original. Needs <see cref="Aligned"/>.</summary>
    internal int StartOf(int index) => _starts[index];

    /// <summary>Where the unit at an index ends in the original. Needs <see cref="Aligned"/>.</summary>
    internal int EndOf(int index) => _ends[index];

    /// <summary>Begins a step.</summary>
    internal void Begin()
    {
        _read = 0;
        _written = 0;
    }

    /// <summary>Copies units and their origins.</summary>
    internal void Keep(int count)
    {
        int at = Reserve(count);
        _chars.AsSpan(_read, count).CopyTo(_newChars.AsSpan(at));
        if (Aligned)
        {
            _starts.AsSpan(_read, count).CopyTo(_newStarts.AsSpan(at));
            _ends.AsSpan(_read, count).CopyTo(_newEnds.AsSpan(at));
        }

        _read += count;
    }

    /// <summary>Passes over units.</summary>
    internal void Drop(int count) => _read += count;

    /// <summary>
    /// Writes a character: with a change of 0 or less it replaces the next character, and −<paramref name="change"/> more
    /// after it go; above 0 it is inserted.
    /// </summary>
    internal void Write(int codePoint, int change)
    {
        int size = codePoint > char.MaxValue ? 2 : 1;
        int at = Reserve(size);
        if (size == 1)
        {
            _newChars[at] = (char)codePoint;
        }
        else
        {
            _newChars[at] = (char)(0xD7C0 + (codePoint >> 10));
            _newChars[at + 1] = (char)(0xDC00 | (codePoint & 0x3FF));
        }

        int origin = change > 0 ? _read - 1 : _read;
        if (Aligned)
        {
            int start = 0;
            int end = 0;
            if (Length > 0)
            {
                int known = Math.Clamp(origin, 0, Length - 1);
                start = _starts[known];
                end = origin < 0 ? start : _ends[known];
            }

            for (int k = 0; k < size; k++)
            {
                _newStarts[at + k] = start;
                _newEnds[at + k] = end;
            }
        }

        for (; change <= 0 && _read < Length; change++)
        {
            _read += char.IsHighSurrogate(_chars[_read]) && _read + 1 < Length ? 2 : 1;
        }
    }

    /// <summary>Ends a step: what was written takes the place of the text. What was not read is dropped.</summary>
    internal void Commit()
    {
        (_chars, _newChars) = (_newChars, _chars);
        if (Aligned)
        {
            (_starts, _newStarts) = (_newStarts, _starts);
            (_ends, _newEnds) = (_newEnds, _ends);
        }

        Length = _written;
    }

    /// <summary>Replaces characters in place by others of the same number of units.</summary>
    internal Span<char> Mutable => _chars.AsSpan(0, Length);

    /// <summary>Gives back memory that a very long text has taken.</summary>
    internal void Trim(int keep)
    {
        if (_chars.Length + _newChars.Length > keep)
        {
            _chars = new char[256];
            _newChars = new char[256];
            _starts = [];
            _ends = [];
            _newStarts = [];
            _newEnds = [];
            Length = 0;
        }
    }

    private static void EnsureSize<T>(ref T[] array, int size, int keep)
    {
        if (array.Length < size)
        {
            T[] grown = GC.AllocateUninitializedArray<T>(Math.Max(size, (int)Math.Min(2L * array.Length, Array.MaxLength)));
            array.AsSpan(0, keep).CopyTo(grown);
            array = grown;
        }
    }

    private int Reserve(int count)
    {
        int at = _written;
        _written = checked(_written + count);
        EnsureSize(ref _newChars, _written, at);
        if (Aligned)
        {
            EnsureSize(ref _newStarts, _written, at);
            EnsureSize(ref _newEnds, _written, at);
        }

        return at;
    }
}
