using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>What the STREAMINFO block of a FLAC file says, and where the frames begin.</summary>
/// <param name="MinBlock">The fewest samples of a frame.</param>
/// <param name="MaxBlock">The most samples of a frame.</param>
/// <param name="SampleRate">Samples a second.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Bits">Bits of a sample.</param>
/// <param name="Total">Samples of each channel; 0 when unknown.</param>
/// <param name="Md5At">Where the MD5 of the samples lies in the file.</param>
/// <param name="FramesAt">Where the first frame begins.</param>
internal readonly record struct FlacStreamInfo(
    int MinBlock, int MaxBlock, int SampleRate, int Channels, int Bits, long Total, int Md5At, int FramesAt)
{
    private const int BlockBytes = 34;

    /// <summary>Reads all metadata blocks; only STREAMINFO counts.</summary>
    internal static FlacStreamInfo Read(ReadOnlySpan<byte> data)
    {
        int at = Id3.Skip(data);
        if (!data[at..].StartsWith("fLaC"u8))
        {
            throw new InvalidDataException("The file does not begin like FLAC.");
        }

        at += 4;
        FlacStreamInfo info = default;
        for (bool first = true, last = false; !last; first = false)
        {
            if (data.Length - at < 4)
            {
                throw new InvalidDataException("The FLAC file ends inside its metadata.");
            }

            last = (data[at] & 0x80) != 0;
            int type = data[at] & 0x7F;
            int length = (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
            at += 4;
            if (length > data.Length - at)
            {
                throw new InvalidDataException(
                    $"The FLAC file has a metadata block of {length} bytes, but {data.Length - at} are left.");
            }

            if (first != (type == 0) || type == 127)
            {
                throw new InvalidDataException(first
                    ? "The FLAC file does not begin with a STREAMINFO block."
                    : $"The FLAC file has a metadata block of type {type}, which must not be there.");
            }

            if (first)
            {
                info = ReadStreamInfo(data.Slice(at, length), at);
            }

            at += length;
        }

        return info with { FramesAt = at };
    }

    private static FlacStreamInfo ReadStreamInfo(ReadOnlySpan<byte> block, int at)
    {
        if (block.Length != BlockBytes)
        {
            throw new InvalidDataException($"The FLAC file's STREAMINFO has {block.Length} bytes, expected {BlockBytes}.");
        }

        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(block[10..]);
        var info = new FlacStreamInfo(
            BinaryPrimitives.ReadUInt16BigEndian(block),
            BinaryPrimitives.ReadUInt16BigEndian(block[2..]),
            (int)(packed >> 44),
            (int)((packed >> 41) & 7) + 1,
            (int)((packed >> 36) & 31) + 1,
            (long)(packed & 0xF_FFFF_FFFF),
            at + 18,
            0);
        if (info.SampleRate == 0)
        {
            throw new InvalidDataException("The FLAC file says that it has 0 samples a second.");
        }

        if (info.Bits < 4)
        {
            throw new InvalidDataException($"The FLAC file says that it has {info.Bits} bits a sample, expected 4 to 32.");
        }

        if (info.MaxBlock < info.MinBlock || info.MaxBlock < 1)
        {
            throw new InvalidDataException(
                $"The FLAC file says that its blocks have {info.MinBlock} to {info.MaxBlock} samples.");
        }

        return info;
    }
}
