namespace Percept.Media;

/// <summary>A part of a picture, in whole pixels.</summary>
internal readonly record struct Window(int X, int Y, int Width, int Height);
