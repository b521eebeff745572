namespace Percept.Media;

/// <summary>Reads the words of a PNM file; comments run from # to the end of the line.</summary>
internal ref struct PnmReader(ReadOnlySpan<byte> file, int at)
{
    private const int LongestWord = 10;

    private readonly ReadOnlySpan<byte> _file = file;

    /// <summary>The place of the next byte.</summary>
    internal int At { get; private set; } = at;

    /// <summary>Whether a byte separates words.</summary>
    internal static bool IsSpace(byte value) => value is (byte)' ' or >= 9 and <= 13;

    /// <summary>The next whole number, and past the one separator behind it.</summary>
    internal int Number()
    {
        long value = 0;
        int digits = 0;
        while (true)
        {
            if (At >= _file.Length)
            {
                return digits > 0 ? (int)value : throw new InvalidDataException("The PNM file ends before its last number; it is cut off.");
            }

            byte next = _file[At++];
            if (next == '#')
            {
                SkipComment();
            }
            else if (IsSpace(next))
            {
                if (digits > 0)
                {
                    return (int)value;
                }
            }
            else
            {
                value = next is >= (byte)'0' and <= (byte)'9' && digits < LongestWord ? (value * 10) + next - '0' : long.MaxValue;
                digits++;
                if (value > int.MaxValue)
                {
                    throw new InvalidDataException($"The PNM file has no whole number that fits at byte {At - digits}.");
                }
            }
        }
    }

    /// <summary>The next word of at most 32 letters, and past the one separator behind it.</summary>
    internal string Word()
    {
        while (At < _file.Length && IsSpace(_file[At]))
        {
            At++;
        }

        int start = At;
        while (At < _file.Length && !IsSpace(_file[At]) && At - start < 32)
        {
            At++;
        }

        string word = System.Text.Encoding.ASCII.GetString(_file[start..At]);
        At = Math.Min(At + 1, _file.Length);
        return word;
    }

    /// <summary>The next character that is 0 or 1; no separator is needed behind it.</summary>
    internal int Bit()
    {
        while (At < _file.Length)
        {
            byte next = _file[At++];
            if (next == '#')
            {
                SkipComment();
            }
            else if (next is (byte)'0' or (byte)'1')
            {
                return next - '0';
            }
            else if (!IsSpace(next))
            {
                throw new InvalidDataException($"The PBM file has something else than 0 and 1 at byte {At - 1}.");
            }
        }

        throw new InvalidDataException("The PBM file ends before its last pixel; it is cut off.");
    }

    private void SkipComment()
    {
        while (At < _file.Length && _file[At] is not ((byte)'\n' or (byte)'\r'))
        {
            At++;
        }

        At = Math.Min(At + 1, _file.Length);
    }
}
