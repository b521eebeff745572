using System.Numerics.Tensors;

namespace Percept.Cli;

/// <summary>A text or picture with its vector.</summary>
/// <param name="Label">The text, or the file.</param>
/// <param name="IsPicture">Whether it is a picture.</param>
/// <param name="Vector">The vector.</param>
internal sealed record EmbeddedItem(string Label, bool IsPicture, float[] Vector)
{
    /// <summary>The vector's length.</summary>
    internal float Length => TensorPrimitives.Norm(Vector);
}
