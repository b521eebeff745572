namespace Percept.Media;

/// <summary>A complex spectrogram of one channel.</summary>
/// <param name="Bins">The number of frequencies.</param>
/// <param name="Frames">The number of frames.</param>
/// <param name="Real">The real parts <c>[bins, frames]</c>.</param>
/// <param name="Imaginary">The imaginary parts <c>[bins, frames]</c>.</param>
public sealed record Spectrogram(int Bins, int Frames, float[] Real, float[] Imaginary);
