using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Reads the segments of a JPEG file: tables, frame, scans, and what says how colours are stored.</summary>
/// <remarks>
/// What is read and what is refused follows libjpeg: bytes that belong to no segment are passed over, markers that are
/// reserved or belong to processes that are not decoded are refused.
/// </remarks>
internal sealed partial class JpegReader(ReadOnlyMemory<byte> data, DecodeGuard guard)
{
    private const int Tables = 4;

    private readonly ushort[]?[] _quant = new ushort[Tables][];
    private readonly JpegHuffmanCode?[] _dcCodes = new JpegHuffmanCode[Tables];
    private readonly JpegHuffmanCode?[] _acCodes = new JpegHuffmanCode[Tables];
    private readonly List<ReadOnlyMemory<byte>> _exif = [];
    private int? _xmpOrientation;
    private bool _jfif;
    private int? _adobeTransform;
    private int _position = 2;

    /// <summary>The file.</summary>
    internal ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>What SOF says; null before it was met.</summary>
    internal JpegFrame? Frame { get; private set; }

    /// <summary>The last scan that was met.</summary>
    internal JpegScan? Scan { get; private set; }

    /// <summary>What DAC says, of arithmetic-coded files.</summary>
    internal JpegArithmeticConditions ArithmeticConditions { get; } = new();

    /// <summary>The number of MCUs between restart markers; 0 without.</summary>
    internal int RestartInterval { get; private set; }

    /// <summary>
    /// The position of the byte that is read next; behind <see cref="NextScan"/> that of a scan's data.
    /// </summary>
    internal int Position
    {
        get => _position;
        set => _position = value;
    }

    /// <summary>Whether a file begins like a JPEG file.</summary>
    internal static bool Matches(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, 0xFF, ..];

    /// <summary>How colours are stored, by the rules of libjpeg.</summary>
    internal JpegColor Color()
    {
        JpegComponent[] components = Frame!.Components;
        switch (components.Length)
        {
            case 1:
                return JpegColor.Gray;
            case 4:
                return _adobeTransform is null or 0 ? JpegColor.Cmyk : JpegColor.Ycck;
            default:
                if (_jfif)
                {
                    return JpegColor.YCbCr;
                }

                bool named = components[0].Id == 'R' && components[1].Id == 'G' && components[2].Id == 'B';
                return _adobeTransform is { } transform
                    ? transform == 0 ? JpegColor.Rgb : JpegColor.YCbCr
                    : named ? JpegColor.Rgb : JpegColor.YCbCr;
        }
    }

    /// <summary>EXIF's orientation, or that of XMP where EXIF has none; 1 when there is none at all.</summary>
    internal int Orientation()
    {
        // A block that does not fit into one segment goes on in the next.
        ReadOnlyMemory<byte> exif = _exif.Count == 1 ? _exif[0] : Join(_exif);
        return ExifOrientation.Find(exif.Span) ?? _xmpOrientation ?? ExifOrientation.Upright;
    }

    /// <summary>
    /// The Huffman code of a number, of sequential files the standard one where the file defines none.
    /// </summary>
    /// <exception cref="InvalidDataException">It was never defined.</exception>
    internal JpegHuffmanCode HuffmanCode(bool dc, int index)
    {
        JpegHuffmanCode? code = index >= Tables ? null : (dc ? _dcCodes : _acCodes)[index];
        if (code is null && index < 2 && !Frame!.Progressive)
        {
            code = JpegStandardTables.Code(dc, index);
        }

        return code ?? throw new InvalidDataException(
            $"A scan of the JPEG file uses the Huffman table {index} for {(dc ? "DC" : "AC")}, which is not defined.");
    }

    /// <summary>Reads segments up to the data of the next scan.</summary>
    /// <returns>False when the file's end marker came.</returns>
    /// <exception cref="InvalidDataException">A segment is broken, or the file ends.</exception>
    /// <exception cref="NotSupportedException">It is a JPEG process that is not decoded.</exception>
    internal bool NextScan()
    {
        if (!Matches(Data.Span))
        {
            throw new InvalidDataException("The file does not begin like a JPEG file.");
        }

        while (true)
        {
            guard.Tick();
            int marker = NextMarker();
            switch (marker)
            {
                case 0xD9:
                    return false;
                case 0x01 or (>= 0xD0 and <= 0xD7):
                    break;
                case 0xDA:
                    ReadScan(Segment(marker));
                    return true;
                default:
                    ReadSegment(marker, Segment(marker));
                    break;
            }
        }
    }

    private static ReadOnlyMemory<byte> Join(List<ReadOnlyMemory<byte>> parts)
    {
        byte[] all = new byte[parts.Sum(part => part.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.CopyTo(all.AsMemory(at));
            at += part.Length;
        }

        return all;
    }

    private void ReadSegment(int marker, ReadOnlyMemory<byte> body)
    {
        switch (marker)
        {
            case 0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA:
                ReadFrame(body.Span, progressive: marker is 0xC2 or 0xCA, arithmetic: marker is 0xC9 or 0xCA);
                break;
            case 0xC4:
                ReadHuffman(body.Span);
                break;
            case 0xDB:
                ReadQuantisation(body.Span);
                break;
            case 0xDD:
                Require(body.Length == 2, "DRI", body.Length);
                RestartInterval = BinaryPrimitives.ReadUInt16BigEndian(body.Span);
                break;
            case 0xE0:
                _jfif |= body.Length >= 14 && body.Span.StartsWith("JFIF\0"u8);
                break;
            case 0xE1:
                ReadApp1(body);
                break;
            case 0xEE:
                if (body.Length >= 12 && body.Span.StartsWith("Adobe"u8))
                {
                    _adobeTransform = body.Span[11];
                }

                break;
            case (>= 0xE2 and <= 0xEF) or 0xFE or 0xDC:
                break;
            case 0xCC:
                Require(ArithmeticConditions.Read(body.Span), "DAC", body.Length);
                break;
            case 0xC3 or 0xC5 or 0xC6 or 0xC7 or 0xCB or (>= 0xCD and <= 0xCF):
                throw new NotSupportedException(
                    $"The JPEG file is {(marker is 0xC3 or 0xCB ? "lossless" : "hierarchical")}, which is not " +
                    "decoded; save it as baseline or progressive.");
            case 0xD8:
                throw new InvalidDataException($"The JPEG file begins anew before byte {_position}: it is damaged.");
            default:
                throw new InvalidDataException(
                    $"The JPEG file has the marker 0xFF{marker:X2} before byte {_position}, which has no " +
                    "meaning there.");
        }
    }

    /// <summary>The next marker's second byte. Bytes before it that belong to nothing are passed over.</summary>
    private int NextMarker()
    {
        ReadOnlySpan<byte> span = Data.Span;
        while (_position < span.Length)
        {
            int step = span[_position..].IndexOf((byte)0xFF);
            if (step < 0)
            {
                break;
            }

            _position += step;
            while (_position < span.Length && span[_position] == 0xFF)
            {
                _position++;
            }

            if (_position < span.Length && span[_position++] is not 0 and var marker)
            {
                return marker;
            }
        }

        throw new InvalidDataException("The JPEG file ends before its end marker: it was cut.");
    }

    /// <summary>The body of the segment whose length stands at the position.</summary>
    private ReadOnlyMemory<byte> Segment(int marker)
    {
        ReadOnlyMemory<byte> rest = Data[_position..];
        int length = rest.Length < 2 ? -1 : BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
        if (length > rest.Length || length == -1)
        {
            throw new InvalidDataException(
                $"The JPEG file ends inside the segment at byte {_position}: it was cut.");
        }

        // Comments and application data may say nonsense: they have no body then.
        if (length < 2 && (marker == 0xFE || marker is >= 0xE0 and <= 0xEF))
        {
            _position += 2;
            return default;
        }

        if (length < 2)
        {
            throw new InvalidDataException(
                $"The segment at byte {_position} of the JPEG file says that it has {length} bytes; 2 are the least.");
        }

        _position += length;
        return rest[2..length];
    }

    private void Require(bool condition, string segment, int length)
    {
        if (!condition)
        {
            throw new InvalidDataException(
                $"The {segment} segment before byte {_position} of the JPEG file has {length} bytes, which " +
                "does not fit what it says.");
        }
    }
}
