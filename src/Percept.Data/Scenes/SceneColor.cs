namespace Percept.Data;

/// <summary>The colour of a thing in a generated scene.</summary>
public enum SceneColor
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Yellow.</summary>
    Yellow,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Pink.</summary>
    Pink,

    /// <summary>Black.</summary>
    Black,

    /// <summary>White.</summary>
    White,
}
