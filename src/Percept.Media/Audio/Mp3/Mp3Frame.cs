using NLayer;

namespace Percept.Media;

/// <summary>One frame as the decoder wants to see it.</summary>
internal sealed class Mp3Frame(ReadOnlyMemory<byte> data, Mp3FrameHeader header) : IMpegFrame
{
    private int _at;

    public int SampleRate => header.SampleRate;

    public int SampleRateIndex => header.RateIndex;

    public int FrameLength => data.Length;

    public int BitRate => header.IsFree ? (int)((long)data.Length * 8 * header.SampleRate / header.Samples) : header.BitRate;

    public MpegVersion Version => (MpegVersion)header.Version;

    public MpegLayer Layer => MpegLayer.LayerIII;

    public MpegChannelMode ChannelMode => (MpegChannelMode)header.Mode;

    public int ChannelModeExtension => header.ModeExtension;

    public int SampleCount => header.Samples;

    public int BitRateIndex => header.BitRateIndex;

    public bool IsCopyrighted => header.Copyrighted;

    public bool HasCrc => header.HasCrc;

    public bool IsCorrupted => false;

    public void Reset() => _at = 8 * (Mp3FrameHeader.Bytes + (header.HasCrc ? 2 : 0));

    public int ReadBits(int bitCount)
    {
        ReadOnlySpan<byte> bytes = data.Span;
        if (bitCount is < 1 or > 32 || _at + bitCount > bytes.Length * 8)
        {
            throw new InvalidDataException("An MP3 frame ends before its data do.");
        }

        uint value = 0;
        for (int left = bitCount; left > 0;)
        {
            int offset = _at & 7;
            int take = Math.Min(left, 8 - offset);
            int part = (bytes[_at >> 3] >> (8 - offset - take)) & ((1 << take) - 1);
            value = (value << take) | (uint)part;
            _at += take;
            left -= take;
        }

        return (int)value;
    }
}
