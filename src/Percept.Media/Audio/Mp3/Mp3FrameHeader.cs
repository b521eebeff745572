namespace Percept.Media;

/// <summary>The header of an MPEG audio frame of Layer III. Source: ISO/IEC 11172-3, 2.4.1.3, and 13818-3.</summary>
/// <param name="Version">10 for MPEG-1, 20 for MPEG-2, 25 for MPEG-2.5.</param>
/// <param name="BitRateIndex">The index of the bit rate; 0 for the free format.</param>
/// <param name="RateIndex">The index of the sample rate.</param>
/// <param name="Padding">Whether the frame is one byte longer.</param>
/// <param name="Mode">The channel mode: 3 is mono.</param>
/// <param name="ModeExtension">Which kinds of joint stereo are in use.</param>
/// <param name="HasCrc">Whether a CRC follows the header.</param>
/// <param name="Copyrighted">The copyright flag.</param>
internal readonly record struct Mp3FrameHeader(
    int Version, int BitRateIndex, int RateIndex, bool Padding, int Mode, int ModeExtension, bool HasCrc, bool Copyrighted)
{
    internal const int Bytes = 4;

    private static ReadOnlySpan<ushort> Kilobits1 => [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

    private static ReadOnlySpan<ushort> Kilobits2 => [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    private static ReadOnlySpan<ushort> Rates => [44100, 48000, 32000];

    internal int SampleRate => Rates[RateIndex] / (Version / 10) / (Version == 25 ? 2 : 1);

    internal int Channels => Mode == 3 ? 1 : 2;

    /// <summary>Samples of each channel.</summary>
    internal int Samples => Version == 10 ? 1152 : 576;

    /// <summary>Bits a second; 0 for the free format.</summary>
    internal int BitRate => 1000 * (Version == 10 ? Kilobits1 : Kilobits2)[BitRateIndex];

    internal bool IsFree => BitRateIndex == 0;

    /// <summary>Bytes between the header (and CRC) and the main data.</summary>
    internal int SideBytes => Version == 10 ? (Mode == 3 ? 17 : 32) : Mode == 3 ? 9 : 17;

    /// <summary>The bytes of the whole frame; null in the free format.</summary>
    internal int? FrameBytes => IsFree ? null : (Samples / 8 * BitRate / SampleRate) + (Padding ? 1 : 0);

    /// <summary>Reads a header; null when there is none of Layer III.</summary>
    internal static Mp3FrameHeader? Read(ReadOnlySpan<byte> data)
    {
        if (data.Length < Bytes || data[0] != 0xFF || (data[1] & 0xE6) != 0xE2)
        {
            return null;
        }

        int version = (data[1] >> 3) & 3;
        int bitRate = data[2] >> 4;
        int rate = (data[2] >> 2) & 3;
        bool reserved = version == 1 || bitRate == 15 || rate == 3 || (data[3] & 3) == 2;
        return reserved ? null : new Mp3FrameHeader(
            version switch { 3 => 10, 2 => 20, _ => 25 },
            bitRate, rate, (data[2] & 2) != 0, data[3] >> 6, (data[3] >> 4) & 3, (data[1] & 1) == 0, (data[3] & 8) != 0);
    }

    /// <summary>Whether another header belongs to the same stream.</summary>
    internal bool Continues(Mp3FrameHeader other) => other.Version == Version && other.RateIndex == RateIndex
        && other.Channels == Channels && other.IsFree == IsFree;
}
