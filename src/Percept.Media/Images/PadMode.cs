namespace Percept.Media;

/// <summary>What added pixels show.</summary>
public enum PadMode
{
    /// <summary>A given colour.</summary>
    Constant,

    /// <summary>The picture mirrored at its edge pixels, which are not repeated: <c>c b | a b c | b a</c>.</summary>
    Reflect,

    /// <summary>The edge pixels again: <c>a a | a b c | c c</c>.</summary>
    Replicate,

    /// <summary>The picture mirrored at its edges: <c>b a | a b c | c b</c>.</summary>
    Symmetric,
}
