namespace Percept.Media;

/// <summary>One frame of a clip, composed: what a viewer shows at that time.</summary>
/// <param name="Image">The whole canvas, RGBA.</param>
/// <param name="DurationMilliseconds">How long it is shown, as the file says.</param>
public sealed record ImageFrame(Image Image, double DurationMilliseconds);
