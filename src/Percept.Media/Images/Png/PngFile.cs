using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>The chunks of a PNG file, checked and sorted; pixels stay compressed.</summary>
/// <remarks>Stricter than many readers: the CRC of every chunk up to IEND counts, those of pixel data too.</remarks>
internal sealed class PngFile
{
    private const int ChunkFrame = 12;

    private uint _sequence;

    private PngFile(PngHeader header)
    {
        Header = header;
    }

    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    internal PngHeader Header { get; }

    /// <summary>PLTE; empty when there is none.</summary>
    internal byte[] Colors { get; private set; } = [];

    /// <summary>tRNS; empty when there is none.</summary>
    internal byte[] Transparency { get; private set; } = [];

    /// <summary>The compressed pixels of the still picture: parts of the file.</summary>
    internal List<Range> Data { get; } = [];

    /// <summary>EXIF's orientation.</summary>
    internal int Orientation { get; private set; } = 1;

    /// <summary>The number of frames that acTL announces; 0 for still pictures.</summary>
    internal int AnnouncedFrames { get; private set; }

    /// <summary>The frames of the animation.</summary>
    internal List<PngFrameControl> Frames { get; } = [];

    /// <summary>Whether the still picture is no frame of the animation.</summary>
    internal bool HasDefaultImage { get; private set; }

    /// <summary>Whether there is an animation; a broken announcement leaves the still picture.</summary>
    internal bool IsAnimated => AnnouncedFrames > 0 && Frames.Count > 0;

    /// <summary>Reads all chunks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="guard">The limits.</param>
    /// <param name="checksPixels">Whether the CRC of pixel data is checked, which takes as long as reading all of them.</param>
    internal static PngFile Read(ReadOnlySpan<byte> file, DecodeGuard guard, bool checksPixels = true)
    {
        if (!file.StartsWith(Signature))
        {
            throw new InvalidDataException("The file does not begin like a PNG file.");
        }

        int at = Signature.Length;
        Range first = Next(file, ref at, true, out ReadOnlySpan<byte> type);
        if (!type.SequenceEqual("IHDR"u8))
        {
            throw new InvalidDataException("The PNG file's first chunk is not IHDR.");
        }

        var png = new PngFile(PngHeader.Read(file[first]));
        guard.CheckPicture("PNG", png.Header.Width, png.Header.Height);
        bool ended = false;
        bool dataEnded = false;
        while (!ended && at < file.Length)
        {
            guard.Tick();
            Range range = Next(file, ref at, checksPixels, out type);
            bool isData = type.SequenceEqual("IDAT"u8);
            dataEnded |= png.Data.Count > 0 && !isData;
            if (isData && dataEnded)
            {
                throw new InvalidDataException("The PNG file's IDAT chunks do not follow each other.");
            }

            ended = type.SequenceEqual("IEND"u8);
            if (!ended)
            {
                png.Add(type, range, file);
            }
        }

        png.CheckWhole();
        return png;
    }

    /// <summary>The next chunk's data; checks its length, name and CRC.</summary>
    private static Range Next(ReadOnlySpan<byte> file, ref int at, bool checksPixels, out ReadOnlySpan<byte> type)
    {
        ReadOnlySpan<byte> rest = file[at..];
        if (rest.Length < ChunkFrame)
        {
            throw new InvalidDataException("The PNG file ends inside a chunk; it is cut off.");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        type = rest.Slice(4, 4);
        foreach (byte letter in type)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new InvalidDataException($"The PNG file has a chunk at byte {at} whose name is not letters.");
            }
        }

        if (length > rest.Length - ChunkFrame)
        {
            throw new InvalidDataException(
                $"The PNG file has a {Name(type)} chunk of {length} bytes, but {rest.Length - ChunkFrame} are left; it is cut off.");
        }

        if (checksPixels || !(type.SequenceEqual("IDAT"u8) || type.SequenceEqual("fdAT"u8)))
        {
            CheckCrc(rest[..(ChunkFrame + (int)length)], at);
        }

        int start = at + 8;
        at = start + (int)length + 4;
        return start..(start + (int)length);
    }

    private static void CheckCrc(ReadOnlySpan<byte> chunk, int at)
    {
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]);
        uint computed = Crc32.Compute(chunk[4..^4]);
        if (stored != computed)
        {
            throw new InvalidDataException(
                $"The PNG file's {Name(chunk.Slice(4, 4))} chunk at byte {at} is damaged: its CRC is {stored:x8}, " +
                $"expected {computed:x8}.");
        }
    }

    private void Add(ReadOnlySpan<byte> type, Range range, ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> data = file[range];
        switch (Name(type))
        {
            case "IDAT":
                Data.Add(range);
                if (Frames.Count > 0)
                {
                    Frames[0].Data.Add(range);
                }
                else
                {
                    HasDefaultImage = AnnouncedFrames > 0;
                }

                break;
            case "PLTE":
                AddPalette(data);
                break;
            case "tRNS" when Data.Count == 0:
                Transparency = data.ToArray();
                break;
            case "eXIf":
                Orientation = ExifOrientation.Read(data);
                break;
            case "acTL":
                Announce(data);
                break;
            case "fcTL" when AnnouncedFrames > 0:
                CheckSequence(data);
                Frames.Add(PngFrameControl.Read(data, Header));
                break;
            case "fdAT" when AnnouncedFrames > 0:
                AddFrameData(data, range);
                break;
            case "IHDR":
                throw new InvalidDataException("The PNG file has a second IHDR.");
            case var name when char.IsAsciiLetterUpper(name[0]):
                throw new InvalidDataException($"The PNG file has a {name} chunk that must be understood and is not.");
            default:
                break;
        }
    }

    private void AddPalette(ReadOnlySpan<byte> data)
    {
        if (Header.Color != PngColor.Palette)
        {
            return;
        }

        if (Data.Count > 0 || Colors.Length > 0)
        {
            throw new InvalidDataException("The PNG file has a palette behind its pixels, or a second one.");
        }

        if (data.Length == 0 || data.Length % 3 != 0 || data.Length > 256 * 3)
        {
            throw new InvalidDataException(
                $"The PNG file's palette has {data.Length} bytes, expected 3 for each of 1 to 256 colours.");
        }

        Colors = data.ToArray();
    }

    private void Announce(ReadOnlySpan<byte> data)
    {
        // Behind the pixels, twice or without frames it does not make an animation; the still picture is whole.
        uint frames = data.Length < 8 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(data);
        AnnouncedFrames = Data.Count > 0 || AnnouncedFrames > 0 || frames > int.MaxValue ? 0 : (int)frames;
    }

    private void AddFrameData(ReadOnlySpan<byte> data, Range range)
    {
        CheckSequence(data);
        if (Frames.Count == 0 || (Frames.Count == 1 && !HasDefaultImage))
        {
            throw new InvalidDataException("The animated PNG file has frame data where none can be.");
        }

        Frames[^1].Data.Add((range.Start.Value + 4)..range.End);
    }

    private void CheckSequence(ReadOnlySpan<byte> data)
    {
        uint number = data.Length < 4 ? uint.MaxValue : BinaryPrimitives.ReadUInt32BigEndian(data);
        if (number != _sequence)
        {
            throw new InvalidDataException(
                $"The animated PNG file has a part numbered {number}, expected {_sequence}: parts are missing.");
        }

        _sequence++;
    }

    private void CheckWhole()
    {
        if (Data.Count == 0)
        {
            throw new InvalidDataException("The PNG file has no pixels (no IDAT chunk).");
        }

        if (Header.Color == PngColor.Palette && Colors.Length == 0)
        {
            throw new InvalidDataException("The PNG file has palette indices and no palette (no PLTE chunk).");
        }

        int needed = Header.Color switch
        {
            PngColor.Gray => 2,
            PngColor.Rgb => 6,
            _ => 0,
        };
        if (Transparency.Length > 0 && Transparency.Length < needed)
        {
            throw new InvalidDataException(
                $"The PNG file's transparent colour has {Transparency.Length} bytes, expected {needed}.");
        }
    }

    private static string Name(ReadOnlySpan<byte> type) => System.Text.Encoding.ASCII.GetString(type);
}
