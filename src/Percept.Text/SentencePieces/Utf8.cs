namespace Percept.Text;

/// <summary>Facts about single bytes of UTF-8.</summary>
internal static class Utf8
{
    /// <summary>The bytes of the character that a byte begins; 1 for a byte that begins none.</summary>
    internal static int SequenceLength(byte first) => first switch
    {
        < 0xC0 => 1,
        < 0xE0 => 2,
        < 0xF0 => 3,
        _ => 4,
    };

    /// <summary>Whether a byte goes on with a character.</summary>
    internal static bool IsTrail(byte value) => (value & 0xC0) == 0x80;
}
