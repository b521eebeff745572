namespace Percept.Data;

/// <summary>How closely a validation looks at media.</summary>
public enum MediaCheck
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Whether each file is there and its header can be read.</summary>
    Header,

    /// <summary>Whether each file can be decoded, of clips the first and the last frame.</summary>
    Decode,
}
