using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>A frame in a WebP file: where it is put and where its streams lie.</summary>
internal sealed record WebPFrame
{
    internal int X { get; init; }

    internal int Y { get; init; }

    internal int Width { get; init; }

    internal int Height { get; init; }

    internal int DurationMilliseconds { get; init; }

    /// <summary>Whether its place becomes transparent before the next frame.</summary>
    internal bool Clears { get; init; }

    /// <summary>Whether it is laid over what is there; else it replaces it.</summary>
    internal bool Blends { get; init; }

    internal bool Lossless { get; init; }

    internal bool HasAlpha { get; init; }

    /// <summary>The lossy or lossless stream.</summary>
    internal Range Image { get; init; }

    /// <summary>The alpha stream beside a lossy one; empty when there is none.</summary>
    internal Range Alpha { get; init; }
}

/// <summary>The container of a WebP file.</summary>
/// <remarks>
/// Source: RFC 9649, section 2. What libwebp's demuxer refuses is refused: chunks that reach over their container, wrong
/// order, frames outside the canvas. Data behind the container are ignored.
/// </remarks>
internal sealed class WebPFile
{
    private const int ChunkHeader = 8;
    private const int RiffHeader = 12;
    private const int ExtendedBytes = 10;
    private const int AnimationBytes = 6;
    private const int FrameBytes = 16;
    private const int AnimationFlag = 0x02;
    private const int ExifFlag = 0x08;
    private const int AlphaFlag = 0x10;

    private readonly List<WebPFrame> _frames = [];

    private WebPFile()
    {
    }

    internal int Width { get; private set; }

    internal int Height { get; private set; }

    internal bool HasAlpha { get; private set; }

    internal bool IsAnimated { get; private set; }

    internal IReadOnlyList<WebPFrame> Frames => _frames;

    internal int Orientation { get; private set; } = 1;

    internal static bool Matches(ReadOnlySpan<byte> data) =>
        data.Length >= RiffHeader && data.StartsWith("RIFF"u8) && data[8..12].SequenceEqual("WEBP"u8);

    /// <summary>Reads the container.</summary>
    /// <exception cref="InvalidDataException">It is broken or cut off.</exception>
    internal static WebPFile Parse(ReadOnlySpan<byte> data)
    {
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
        if (size + (long)ChunkHeader > data.Length)
        {
            throw new InvalidDataException(
                $"The WebP file says that it has {size + (long)ChunkHeader} bytes and has {data.Length}; it is cut off.");
        }

        data = data[..(int)(size + ChunkHeader)];
        var file = new WebPFile();
        int at = RiffHeader;
        string first = Name(data, at);
        if (first == "VP8X")
        {
            file.ReadExtended(data, at);
        }
        else if (first is "VP8 " or "VP8L")
        {
            WebPFrame frame = ReadFrame(data, ref at, data.Length, new WebPFrame { Alpha = ..0 });
            file.Width = frame.Width;
            file.Height = frame.Height;
            file.HasAlpha = frame.HasAlpha && frame.Lossless;
            file._frames.Add(frame);
        }
        else
        {
            throw Broken($"it begins with a chunk '{Printable(first)}', expected 'VP8 ', 'VP8L' or 'VP8X'");
        }

        return file;
    }

    private void ReadExtended(ReadOnlySpan<byte> data, int at)
    {
        Range payload = Payload(data, ref at, data.Length);
        ReadOnlySpan<byte> head = data[payload];
        if (head.Length < ExtendedBytes)
        {
            throw Broken($"its head has {head.Length} bytes, expected {ExtendedBytes}");
        }

        int flags = head[0];
        IsAnimated = (flags & AnimationFlag) != 0;
        HasAlpha = (flags & AlphaFlag) != 0;
        Width = 1 + Number24(head[4..]);
        Height = 1 + Number24(head[7..]);
        bool announced = false;
        while (at < data.Length)
        {
            int begin = at;
            string name = Name(data, at);
            payload = Payload(data, ref at, data.Length);
            switch (name)
            {
                case "VP8X":
                    throw Broken("it has two heads");
                case "ALPH" or "VP8 " or "VP8L":
                    if (announced || IsAnimated || _frames.Count > 0)
                    {
                        throw Broken("it has a picture beside its frames");
                    }

                    at = begin;
                    AddFrame(ReadFrame(data, ref at, data.Length, new WebPFrame { Alpha = ..0 }));
                    break;
                case "ANIM":
                    announced = data[payload].Length >= AnimationBytes
                        ? true
                        : throw Broken("the head of its frames is too short");
                    break;
                case "ANMF":
                    ReadAnimationFrame(data, payload, announced);
                    break;
                case "EXIF" when (flags & ExifFlag) != 0:
                    Orientation = ExifOrientation.Read(data[payload]);
                    break;
            }
        }

        if (_frames.Count == 0)
        {
            throw Broken("it has no picture");
        }
    }

    private void ReadAnimationFrame(ReadOnlySpan<byte> data, Range payload, bool announced)
    {
        (int at, int length) = payload.GetOffsetAndLength(data.Length);
        if (!announced || length < FrameBytes)
        {
            throw Broken(announced ? "the head of a frame is too short" : "it has a frame before their head");
        }

        ReadOnlySpan<byte> head = data[payload];
        int end = at + length + (length & 1);
        at += FrameBytes;
        WebPFrame frame = ReadFrame(data, ref at, end, new WebPFrame
        {
            X = 2 * Number24(head),
            Y = 2 * Number24(head[3..]),
            DurationMilliseconds = Number24(head[12..]),
            Clears = (head[15] & 1) != 0,
            Blends = (head[15] & 2) == 0,
            Alpha = ..0,
        });
        if (IsAnimated)
        {
            AddFrame(frame);
        }
    }

    private void AddFrame(WebPFrame frame)
    {
        bool fits = IsAnimated
            ? frame.X + (long)frame.Width <= Width && frame.Y + (long)frame.Height <= Height
            : frame.Width == Width && frame.Height == Height;
        _frames.Add(fits
            ? frame
            : throw Broken($"a picture of {frame.Width}×{frame.Height} does not fit the canvas of {Width}×{Height}"));
    }

    /// <summary>Reads the streams of one picture: a lossless one, or a lossy one that may follow alpha.</summary>
    private static WebPFrame ReadFrame(ReadOnlySpan<byte> data, ref int at, int end, WebPFrame frame)
    {
        bool found = false;
        while (at < end)
        {
            int begin = at;
            string name = Name(data, at);
            Range payload = Payload(data, ref at, end);
            if (name == "ALPH" && !frame.HasAlpha && !found)
            {
                frame = frame with { Alpha = payload, HasAlpha = true };
            }
            else if (name is "VP8 " or "VP8L" && !found)
            {
                found = true;
                frame = WithImage(frame, data, payload, name == "VP8L");
            }
            else
            {
                at = begin;
                break;
            }
        }

        return found ? frame : throw Broken("a frame has no picture");
    }

    private static WebPFrame WithImage(WebPFrame frame, ReadOnlySpan<byte> data, Range payload, bool lossless)
    {
        ReadOnlySpan<byte> stream = data[payload];
        if (!lossless)
        {
            Vp8Header lossy = Vp8Header.ReadTag(stream);
            return frame with { Image = payload, Width = lossy.Width, Height = lossy.Height };
        }

        if (frame.HasAlpha)
        {
            throw Broken("a lossless picture has an alpha stream beside it");
        }

        Vp8LDecoder.Header header = Vp8LDecoder.ReadHeader(stream);
        return frame with
        {
            Image = payload, Width = header.Width, Height = header.Height, Lossless = true, HasAlpha = header.HasAlpha,
        };
    }

    private static string Name(ReadOnlySpan<byte> data, int at) => at + ChunkHeader <= data.Length
        ? System.Text.Encoding.Latin1.GetString(data.Slice(at, 4))
        : throw Broken($"it ends in the head of a chunk at {at}");

    /// <summary>The content of the chunk; moves behind it and its padding.</summary>
    private static Range Payload(ReadOnlySpan<byte> data, ref int at, int end)
    {
        uint size = at + ChunkHeader <= end
            ? BinaryPrimitives.ReadUInt32LittleEndian(data[(at + 4)..])
            : throw Broken($"it ends in the head of a chunk at {at}");
        int begin = at + ChunkHeader;
        long next = begin + (long)size + (size & 1);
        if (next > end)
        {
            throw Broken($"the chunk '{Printable(Name(data, at))}' at {at} has {size} bytes, {end - begin} are left");
        }

        at = (int)next;
        return begin..(begin + (int)size);
    }

    private static int Number24(ReadOnlySpan<byte> data) => data[0] | (data[1] << 8) | (data[2] << 16);

    private static string Printable(string name) => string.Concat(name.Select(c => c is >= ' ' and <= '~' ? c : '?'));

    /// <summary>The error of a broken file.</summary>
    internal static InvalidDataException Broken(string what) => new($"The WebP file is damaged: {what}.");
}
