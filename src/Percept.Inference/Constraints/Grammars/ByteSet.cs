namespace Percept.Inference;

/// <summary>A set of bytes.</summary>
internal struct ByteSet
{
    private ulong _first;
    private ulong _second;
    private ulong _third;
    private ulong _fourth;

    internal static ByteSet Of(byte value) => Range(value, value);

    internal static ByteSet Of(ReadOnlySpan<byte> values)
    {
        var set = default(ByteSet);
        foreach (byte value in values)
        {
            set.Add(value);
        }

        return set;
    }

    internal static ByteSet Range(int first, int last)
    {
        var set = default(ByteSet);
        for (int value = first; value <= last; value++)
        {
            set.Add((byte)value);
        }

        return set;
    }

    internal void Add(byte value)
    {
        ulong bit = 1UL << (value & 63);
        switch (value >> 6)
        {
            case 0:
                _first |= bit;
                break;
            case 1:
                _second |= bit;
                break;
            case 2:
                _third |= bit;
                break;
            default:
                _fourth |= bit;
                break;
        }
    }

    internal readonly bool Contains(byte value)
    {
        ulong part = (value >> 6) switch { 0 => _first, 1 => _second, 2 => _third, _ => _fourth };
        return (part >> (value & 63) & 1) != 0;
    }
}
