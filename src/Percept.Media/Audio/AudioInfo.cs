namespace Percept.Media;

/// <summary>What the header of a sound says; nothing of the sound itself is decoded.</summary>
/// <param name="FileFormat">The file's format.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="SampleRate">Samples a second.</param>
/// <param name="BitsPerSample">Bits of a sample in the file; 0 where the format has no such number.</param>
/// <param name="Length">Samples of each channel; null when the header does not tell.</param>
public sealed record AudioInfo(AudioFormat FileFormat, int Channels, int SampleRate, int BitsPerSample, long? Length)
{
    /// <summary>How long the sound lasts, seconds; null when the header does not tell.</summary>
    public double? Seconds => Length / (double)SampleRate;
}
