namespace Percept.Data;

/// <summary>A description of things: those that have all the named attributes.</summary>
/// <param name="Color">The colour; null for any.</param>
/// <param name="Shape">The shape; null for any.</param>
/// <param name="Size">The size; null for any.</param>
public readonly record struct SceneFilter(SceneColor? Color = null, SceneShape? Shape = null, SceneSize? Size = null)
{
    /// <summary>Whether a thing fits.</summary>
    /// <param name="thing">The thing.</param>
    public bool Fits(SceneObject thing)
    {
        ArgumentNullException.ThrowIfNull(thing);
        return Fits(thing.Color, thing.Shape, thing.Size);
    }

    /// <summary>The description in one: <c>small red circle</c>, <c>thing</c> where no shape is named.</summary>
    public override string ToString() => SceneVocabulary.Name(this, 1);

    internal bool Fits(SceneColor color, SceneShape shape, SceneSize size) =>
        (Color is null || Color == color) && (Shape is null || Shape == shape) && (Size is null || Size == size);
}
