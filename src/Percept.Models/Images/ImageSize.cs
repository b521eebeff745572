namespace Percept.Models;

/// <summary>The sides of a picture, a tile or a grid.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageSize(int Height, int Width)
{
    /// <summary>Rows × columns.</summary>
    public long Area => (long)Height * Width;

    /// <summary><c>height×width</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Height}×{Width}");
}
