namespace Percept.Data;

/// <summary>What a part of a message is.</summary>
public enum DataPartKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A picture.</summary>
    Image,

    /// <summary>A clip.</summary>
    Video,

    /// <summary>Sound.</summary>
    Audio,
}
