namespace Percept.Models;

/// <summary>A kind of medium.</summary>
public enum MediaKind
{
    /// <summary>A picture.</summary>
    Image,

    /// <summary>Frames of a clip.</summary>
    Video,

    /// <summary>Sound.</summary>
    Audio,
}
