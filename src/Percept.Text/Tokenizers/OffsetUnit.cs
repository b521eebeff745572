namespace Percept.Text;

/// <summary>What the offsets of an encoding count.</summary>
public enum OffsetUnit
{
    /// <summary>Unicode code points of the original text, as the reference counts.</summary>
    CodePoints,

    /// <summary>UTF-16 units of the original text, as <see cref="string"/> counts.</summary>
    Utf16,
}
