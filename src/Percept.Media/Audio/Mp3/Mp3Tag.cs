using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>
/// The frame without sound that many encoders put first: Xing/Info with what LAME adds, or VBRI.
/// </summary>
/// <param name="Delay">Samples of silence that the encoder put in front.</param>
/// <param name="Padding">Samples that it filled the last frame up with.</param>
internal readonly record struct Mp3Tag(int Delay, int Padding)
{
    private const int VbriAt = 36;

    /// <summary>From the Xing signature to the encoder's name, when all four fields are there.</summary>
    private const int EncoderAt = 120;

    private const int DelayAt = 21;

    /// <summary>Reads the tag of a frame; null when the frame holds sound.</summary>
    internal static Mp3Tag? Read(ReadOnlySpan<byte> frame, Mp3FrameHeader header)
    {
        if (frame.Length > VbriAt + 4 && frame[VbriAt..].StartsWith("VBRI"u8))
        {
            return new Mp3Tag(0, 0);
        }

        ReadOnlySpan<byte> tag = frame[Math.Min(frame.Length, Mp3FrameHeader.Bytes + header.SideBytes)..];
        if (!tag.StartsWith("Xing"u8) && !tag.StartsWith("Info"u8))
        {
            return null;
        }

        if (tag.Length < EncoderAt + DelayAt + 3 || (BinaryPrimitives.ReadUInt32BigEndian(tag[4..]) & 15) != 15)
        {
            return new Mp3Tag(0, 0);
        }

        ReadOnlySpan<byte> encoder = tag[EncoderAt..];
        bool known = encoder.StartsWith("LAME"u8) || encoder.StartsWith("Lavf"u8) || encoder.StartsWith("Lavc"u8)
            || encoder.StartsWith("L3.9"u8);
        int numbers = (encoder[DelayAt] << 16) | (encoder[DelayAt + 1] << 8) | encoder[DelayAt + 2];
        return known ? new Mp3Tag(numbers >> 12, numbers & 0xFFF) : new Mp3Tag(0, 0);
    }
}
