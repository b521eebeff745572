namespace Percept.Data;

/// <summary>What a thing in a generated scene looks like.</summary>
public enum SceneShape
{
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A square on its side.</summary>
    Square,

    /// <summary>A triangle with its tip up.</summary>
    Triangle,

    /// <summary>A star of five points.</summary>
    Star,

    /// <summary>A tall square on its tip.</summary>
    Diamond,

    /// <summary>A plus sign.</summary>
    Cross,

    /// <summary>A heart.</summary>
    Heart,

    /// <summary>A disc with a hole.</summary>
    Ring,
}
