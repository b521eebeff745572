namespace Percept.Media;

/// <summary>Where the frames of an MP3 file lie.</summary>
/// <param name="First">The first frame's header.</param>
/// <param name="Starts">The first byte of every frame that holds sound.</param>
/// <param name="Lengths">The bytes of each.</param>
/// <param name="Skip">Samples at the start that are the encoder's delay.</param>
/// <param name="Drop">Samples at the end that the encoder filled up with.</param>
internal sealed record Mp3Frames(Mp3FrameHeader First, List<int> Starts, List<int> Lengths, int Skip, int Drop)
{
    /// <summary>A decoder's own delay, which encoders leave out of what they state (LAME's convention).</summary>
    private const int DecoderDelay = 529;

    /// <summary>A signature of a few bits needs company: that many headers in a row.</summary>
    private const int SureFrames = 3;

    /// <summary>How far behind tags the first frame may begin.</summary>
    private const int MostJunk = 4096;

    private const int MostFreeBytes = 8192;

    internal int SamplesPerChannel => Math.Max(0, checked(Starts.Count * First.Samples) - Skip - Drop);

    /// <summary>The place of the first frame; negative when the file is no MP3.</summary>
    internal static int FindFirst(ReadOnlySpan<byte> data)
    {
        int start = Id3.Skip(data);
        int end = Math.Min(data.Length, start + MostJunk);
        for (int at = start; at < end; at++)
        {
            if (Mp3FrameHeader.Read(data[at..]) is { } header && IsStream(data, at, header, at == start))
            {
                return at;
            }
        }

        return -1;
    }

    internal static Mp3Frames Read(ReadOnlySpan<byte> data, DecodeGuard guard)
    {
        int at = FindFirst(data);
        Mp3FrameHeader first = Mp3FrameHeader.Read(data[Math.Max(at, 0)..])
            ?? throw new InvalidDataException("The file has no MPEG Layer III frame.");
        int free = first.IsFree ? FreeBytes(data, at, first) : 0;
        var starts = new List<int>();
        var lengths = new List<int>();
        (int skip, int drop, bool tagged) = (0, 0, false);
        while (at < data.Length)
        {
            if (Mp3FrameHeader.Read(data[at..]) is not { } header || !first.Continues(header))
            {
                at = Resume(data, at, first);
                continue;
            }

            int length = header.FrameBytes ?? free + (header.Padding ? 1 : 0);
            int least = Mp3FrameHeader.Bytes + (header.HasCrc ? 2 : 0) + header.SideBytes;
            if (length < least)
            {
                throw new InvalidDataException($"The MP3 frame at byte {at} has {length} bytes, expected at least {least}.");
            }

            if (length > data.Length - at)
            {
                break;
            }

            if (starts.Count == 0 && !tagged && Mp3Tag.Read(data.Slice(at, length), header) is { } tag)
            {
                (skip, drop, tagged) = (tag.Delay, tag.Padding, true);
            }
            else
            {
                starts.Add(at);
                lengths.Add(length);
                guard.CheckSound("MP3", (long)starts.Count * first.Samples, first.SampleRate, first.Channels);
            }

            at += length;
        }

        if (skip > 0 || drop > 0)
        {
            (skip, drop) = (skip + DecoderDelay, Math.Max(0, drop - DecoderDelay));
        }

        bool fits = (long)skip + drop < (long)starts.Count * first.Samples;
        return new Mp3Frames(first, starts, lengths, fits ? skip : 0, fits ? drop : 0);
    }

    /// <summary>Where frames go on behind something else: tags may stand between and behind frames, nothing else may.</summary>
    private static int Resume(ReadOnlySpan<byte> data, int at, Mp3FrameHeader first)
    {
        int behind = at + Id3.Skip(data[at..]);
        if (behind > at)
        {
            return behind;
        }

        for (int next = at + 1; next < data.Length; next++)
        {
            if (data[next] == 0xFF && Mp3FrameHeader.Read(data[next..]) is { } header && first.Continues(header)
                && IsStream(data, next, header, mayBeShort: false))
            {
                throw new InvalidDataException($"The MP3 file is damaged at byte {at}: frames go on at byte {next}.");
            }
        }

        return data.Length;
    }

    /// <summary>Whether frames follow each other from a place on; a short file may hold fewer than that many.</summary>
    private static bool IsStream(ReadOnlySpan<byte> data, int at, Mp3FrameHeader header, bool mayBeShort)
    {
        int free = header.IsFree ? FreeBytes(data, at, header) : 0;
        if (header.IsFree && free == 0)
        {
            return false;
        }

        for (int i = 0; i < SureFrames; i++)
        {
            if (at == data.Length || (at < data.Length && Id3.IsTrailer(data[at..])))
            {
                return i > 0 && mayBeShort;
            }

            if (at > data.Length || Mp3FrameHeader.Read(data[at..]) is not { } next || !header.Continues(next))
            {
                return false;
            }

            at += next.FrameBytes ?? free + (next.Padding ? 1 : 0);
        }

        return true;
    }

    /// <summary>The bytes of a frame in the free format without padding: up to the next header alike; 0 when there is none.</summary>
    private static int FreeBytes(ReadOnlySpan<byte> data, int at, Mp3FrameHeader first)
    {
        int end = Math.Min(data.Length - Mp3FrameHeader.Bytes, at + MostFreeBytes);
        for (int next = at + Mp3FrameHeader.Bytes + first.SideBytes; next <= end; next++)
        {
            if (data[next] == 0xFF && Mp3FrameHeader.Read(data[next..]) is { } header && first.Continues(header))
            {
                return next - at - (first.Padding ? 1 : 0);
            }
        }

        return 0;
    }
}
