using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Reads RIFF, RIFX (big-endian) and RF64/BW64 WAVE files.</summary>
/// <remarks>
/// Source: Microsoft "Multiple Channel Audio Data and WAVE Files", EBU Tech 3306 (RF64). Integers become
/// value / 2^(container bits − 1); 8-bit samples are unsigned. Like libsndfile, a data chunk that is longer than the file
/// gives the whole frames that are there.
/// </remarks>
internal static class WavReader
{
    private const int PcmTag = 1;
    private const int FloatTag = 3;
    private const int ALawTag = 6;
    private const int MuLawTag = 7;
    private const int ExtensibleTag = 0xFFFE;
    private const int MostChannels = 1024;
    private const uint Unknown = uint.MaxValue;

    /// <summary>
    /// The last 8 bytes of every subformat that stands for a plain format tag; the three numbers before them follow the
    /// byte order of the file.
    /// </summary>
    private static ReadOnlySpan<byte> SubformatTail => [0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    internal static bool Matches(ReadOnlySpan<byte> data) =>
        data.Length >= 12 && data[8..12].SequenceEqual("WAVE"u8)
        && (data.StartsWith("RIFF"u8) || data.StartsWith("RIFX"u8) || data.StartsWith("RF64"u8) || data.StartsWith("BW64"u8));

    internal static AudioInfo Identify(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        Header header = ReadHeader(data.Span);
        return new AudioInfo(
            AudioFormat.Wav, header.Channels, header.SampleRate, header.Bits, header.DataLength / header.FrameBytes);
    }

    internal static Sound Decode(ReadOnlyMemory<byte> data, DecodeGuard guard, bool verify)
    {
        Header header = ReadHeader(data.Span);
        long frames = header.DataLength / header.FrameBytes;
        guard.CheckSound("WAV", frames, header.SampleRate, header.Channels);
        Sound sound = Sound.Uninitialized(header.Channels, (int)frames, header.SampleRate);
        ReadOnlySpan<byte> samples = data.Span.Slice(header.DataStart, (int)(frames * header.FrameBytes));
        for (int c = 0; c < header.Channels && frames > 0; c++)
        {
            guard.Tick();
            WavSamples.Read(
                samples[(c * header.SampleBytes)..], header.FrameBytes, header.Encoding, header.BigEndian, sound.Channel(c));
        }

        return sound;
    }

    private static Header ReadHeader(ReadOnlySpan<byte> data)
    {
        bool big = data.StartsWith("RIFX"u8);
        bool wide = data.StartsWith("RF64"u8) || data.StartsWith("BW64"u8);
        bool open = U32(data, 4, big) is 0;
        long wideLength = -1;
        Header? format = null;
        for (long at = 12; at + 8 <= data.Length;)
        {
            ReadOnlySpan<byte> id = data.Slice((int)at, 4);
            uint length = U32(data, (int)at + 4, big);
            int body = (int)at + 8;
            int left = data.Length - body;
            if (id.SequenceEqual("data"u8))
            {
                Header header = format
                    ?? throw new InvalidDataException("The WAV file has its 'data' chunk before the 'fmt ' chunk.");
                long bytes = wide && length == Unknown && wideLength >= 0 ? wideLength
                    : length == Unknown || (length == 0 && open) ? left
                    : length;
                return header with { DataStart = body, DataLength = (int)Math.Min(bytes, left) };
            }

            if (id.SequenceEqual("fmt "u8))
            {
                if (length > left)
                {
                    throw new InvalidDataException(
                        $"The WAV file's 'fmt ' chunk says that it has {length} bytes, but {left} are left.");
                }

                format = ReadFormat(data.Slice(body, (int)length), big);
            }
            else if (id.SequenceEqual("ds64"u8) && length >= 16 && left >= 16)
            {
                ulong bytes = U64(data, body + 8, big);
                wideLength = (long)Math.Min(bytes, long.MaxValue);
            }

            at = body + (long)length + (length & 1);
        }

        throw new InvalidDataException(
            format is null ? "The WAV file has no 'fmt ' chunk." : "The WAV file has no 'data' chunk.");
    }

    private static Header ReadFormat(ReadOnlySpan<byte> chunk, bool big)
    {
        if (chunk.Length < 16)
        {
            throw new InvalidDataException($"The WAV file's 'fmt ' chunk has {chunk.Length} bytes, expected at least 16.");
        }

        int tag = U16(chunk, 0, big);
        int channels = U16(chunk, 2, big);
        uint rate = U32(chunk, 4, big);
        int frameBytes = U16(chunk, 12, big);
        int bits = U16(chunk, 14, big);
        if (channels == 0 || rate is 0 or > int.MaxValue || bits == 0)
        {
            throw new InvalidDataException(
                $"The WAV file says that it has {channels} channels, {rate} samples a second and {bits} bits a sample.");
        }

        if (channels > MostChannels)
        {
            throw new NotSupportedException($"The WAV file has {channels} channels; at most {MostChannels} are supported.");
        }

        if (tag == ExtensibleTag)
        {
            if (chunk.Length < 40)
            {
                throw new InvalidDataException(
                    $"The WAV file's extensible 'fmt ' chunk has {chunk.Length} bytes, expected at least 40.");
            }

            uint subformat = U32(chunk, 24, big);
            tag = (int)Math.Min(subformat, ushort.MaxValue);
            if (U16(chunk, 28, big) != 0 || U16(chunk, 30, big) != 0x10 || !chunk.Slice(32, 8).SequenceEqual(SubformatTail))
            {
                throw new NotSupportedException("The WAV file has a subformat that is neither PCM nor float; convert it first.");
            }
        }

        // The container's size follows from the block alignment; files that leave it out or get it wrong follow the bits.
        int least = (bits + 7) / 8;
        int sampleBytes = frameBytes % channels == 0 && frameBytes / channels is var stated && stated >= least && stated <= 8
            ? frameBytes / channels
            : least;
        return new Header(
            channels, (int)rate, bits, sampleBytes, channels * sampleBytes, Encoding(tag, bits, sampleBytes), big, 0, 0);
    }

    private static WavEncoding Encoding(int tag, int bits, int sampleBytes) => (tag, sampleBytes) switch
    {
        (PcmTag, 1) => WavEncoding.Unsigned8,
        (PcmTag, 2) => WavEncoding.Signed16,
        (PcmTag, 3) => WavEncoding.Signed24,
        (PcmTag, 4) => WavEncoding.Signed32,
        (PcmTag, 8) => WavEncoding.Signed64,
        (FloatTag, 4) => WavEncoding.Float32,
        (FloatTag, 8) => WavEncoding.Float64,
        (ALawTag, 1) => WavEncoding.ALaw,
        (MuLawTag, 1) => WavEncoding.MuLaw,
        (PcmTag or FloatTag or ALawTag or MuLawTag, _) => throw new NotSupportedException(
            $"The WAV file has samples of {bits} bits in {sampleBytes} bytes (format {tag}), which is not supported; " +
            "convert it to 16-bit PCM first."),
        _ => throw new NotSupportedException(
            $"The WAV file has the format 0x{tag:X4}; PCM, float, A-law and µ-law are supported. Convert it to 16-bit PCM first."),
    };

    private static int U16(ReadOnlySpan<byte> data, int at, bool big) => big
        ? BinaryPrimitives.ReadUInt16BigEndian(data[at..])
        : BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);

    private static uint U32(ReadOnlySpan<byte> data, int at, bool big) => big
        ? BinaryPrimitives.ReadUInt32BigEndian(data[at..])
        : BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);

    private static ulong U64(ReadOnlySpan<byte> data, int at, bool big) => big
        ? BinaryPrimitives.ReadUInt64BigEndian(data[at..])
        : BinaryPrimitives.ReadUInt64LittleEndian(data[at..]);

    private readonly record struct Header(
        int Channels, int SampleRate, int Bits, int SampleBytes, int FrameBytes, WavEncoding Encoding, bool BigEndian,
        int DataStart, int DataLength);
}
