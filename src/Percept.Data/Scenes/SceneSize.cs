namespace Percept.Data;

/// <summary>How big a thing in a generated scene is; between the two lies a gap, so that nothing is in doubt.</summary>
public enum SceneSize
{
    /// <summary>A sixth of the picture's side across, a little more or less.</summary>
    Small,

    /// <summary>A quarter to a third of the picture's side across.</summary>
    Large,
}
