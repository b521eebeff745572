namespace Percept.Media;

/// <summary>The header of a FLAC frame.</summary>
/// <param name="BlockSize">Samples of each channel.</param>
/// <param name="Assignment">0–7: that many independent channels less one; 8 left/side, 9 side/right, 10 mid/side.</param>
/// <param name="Bits">Bits of a sample.</param>
/// <param name="IsVariable">Whether frames are numbered by their first sample rather than one by one.</param>
/// <param name="Number">The number.</param>
internal readonly record struct FlacFrameHeader(int BlockSize, int Assignment, int Bits, bool IsVariable, long Number)
{
    internal const int LeftSide = 8;
    internal const int SideRight = 9;
    internal const int MidSide = 10;

    internal int Channels => Assignment < LeftSide ? Assignment + 1 : 2;

    /// <summary>Reads a header. Source: RFC 9639, section 9.1.</summary>
    internal static FlacFrameHeader Read(ref FlacBits bits, ReadOnlySpan<byte> data, in FlacStreamInfo info)
    {
        int start = bits.Position;
        if (bits.Take(14) != 0x3FFE || bits.Take(1) != 0)
        {
            throw new InvalidDataException($"The FLAC file has no frame at byte {start}, where one is expected.");
        }

        bool variable = bits.Take(1) != 0;
        int blockCode = (int)bits.Take(4);
        int rateCode = (int)bits.Take(4);
        int assignment = (int)bits.Take(4);
        int bitsCode = (int)bits.Take(3);
        uint reserved = bits.Take(1);
        if (blockCode == 0 || rateCode == 15 || assignment > MidSide || bitsCode == 3 || reserved != 0)
        {
            throw new InvalidDataException("The FLAC file has a frame header with reserved codes.");
        }

        long number = TakeNumber(ref bits, variable ? 7 : 6);
        int blockSize = blockCode switch
        {
            1 => 192,
            <= 5 => 144 << blockCode,
            6 => (int)bits.Take(8) + 1,
            7 => (int)bits.Take(16) + 1,
            _ => 1 << blockCode,
        };
        int rate = SampleRate(ref bits, rateCode, info.SampleRate);
        int length = bits.Position - start;
        if (bits.Take(8) != FlacCrc.Crc8(data.Slice(start, length)))
        {
            throw new InvalidDataException($"The FLAC frame at byte {start} has a damaged header: its CRC-8 is wrong.");
        }

        var header = new FlacFrameHeader(blockSize, assignment, SampleBits(bitsCode, info.Bits), variable, number);
        return header.Channels == info.Channels && header.Bits == info.Bits && rate == info.SampleRate
            ? header
            : throw new InvalidDataException(
                $"The FLAC frame at byte {start} has {header.Channels} channels, {header.Bits} bits, {rate} Hz; " +
                $"the file says {info.Channels} channels, {info.Bits} bits, {info.SampleRate} Hz.");
    }

    private static int SampleRate(ref FlacBits bits, int code, int stated) => code switch
    {
        0 => stated,
        1 => 88200,
        2 => 176400,
        3 => 192000,
        4 => 8000,
        5 => 16000,
        6 => 22050,
        7 => 24000,
        8 => 32000,
        9 => 44100,
        10 => 48000,
        11 => 96000,
        12 => (int)bits.Take(8) * 1000,
        13 => (int)bits.Take(16),
        _ => (int)bits.Take(16) * 10,
    };

    private static int SampleBits(int code, int stated) => code switch
    {
        0 => stated,
        1 => 8,
        2 => 12,
        4 => 16,
        5 => 20,
        6 => 24,
        _ => 32,
    };

    /// <summary>Takes the frame's or sample's number, coded like UTF-8 with up to 7 bytes.</summary>
    private static long TakeNumber(ref FlacBits bits, int mostBytes)
    {
        uint first = bits.Take(8);
        int ones = System.Numerics.BitOperations.LeadingZeroCount(~(first << 24));
        if (ones == 1 || ones > mostBytes)
        {
            throw new InvalidDataException("The FLAC file has a frame header with a malformed number.");
        }

        long number = first & (0x7Fu >> ones);
        for (int i = 1; i < ones; i++)
        {
            uint next = bits.Take(8);
            if (next >> 6 != 2)
            {
                throw new InvalidDataException("The FLAC file has a frame header with a malformed number.");
            }

            number = (number << 6) | (next & 0x3F);
        }

        return number;
    }
}
