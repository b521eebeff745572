namespace Percept.Media;

/// <summary>What is known of a clip before its frames are decoded.</summary>
/// <param name="Width">Pixels a row of a frame as decoded, upright.</param>
/// <param name="Height">Rows of a frame as decoded, upright.</param>
/// <param name="FrameCount">The number of frames.</param>
/// <param name="FramesPerSecond">Frames a second on average; null where the source has no times (a folder of pictures).</param>
/// <param name="Seconds">How long the clip lasts; null where the source has no times.</param>
/// <param name="Rotation">Degrees, counterclockwise as the file states them, that frames are turned by when decoded; mostly 0.</param>
/// <param name="HasSound">Whether there is sound.</param>
/// <param name="Codec">The name of the codec or file format.</param>
public sealed record ClipInfo(
    int Width, int Height, int FrameCount, double? FramesPerSecond, double? Seconds, int Rotation, bool HasSound, string Codec);
