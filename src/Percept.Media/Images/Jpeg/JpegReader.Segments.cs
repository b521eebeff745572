using System.Buffers.Binary;

namespace Percept.Media;

/// <content>The segments that decoding needs.</content>
internal sealed partial class JpegReader
{
    private void ReadFrame(ReadOnlySpan<byte> body, bool progressive, bool arithmetic)
    {
        if (Frame is not null)
        {
            throw new InvalidDataException("The JPEG file has two frame headers.");
        }

        Require(body.Length >= 6 && body.Length == 6 + (3 * body[5]), "SOF", body.Length);
        if (body[0] != 8)
        {
            throw new NotSupportedException(
                $"The JPEG file has {body[0]} bits a sample; 8 are decoded. Save it with 8 bits a sample.");
        }

        int height = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        int width = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (height == 0 && width > 0)
        {
            throw new NotSupportedException(
                "The JPEG file gives its height behind the picture or not at all (DNL), which is not decoded.");
        }

        guard.CheckPicture("JPEG", width, height);
        if (body[5] is not (1 or 3 or 4))
        {
            throw new NotSupportedException($"The JPEG file has {body[5]} components; 1, 3 and 4 are decoded.");
        }

        var components = new JpegComponent[body[5]];
        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> entry = body[(6 + (3 * i))..];
            int h = entry[1] >> 4;
            int v = entry[1] & 15;
            if (h is < 1 or > 4 || v is < 1 or > 4)
            {
                throw new InvalidDataException(
                    $"Component {i} of the JPEG file has the sampling factors {h}×{v}; 1 to 4 exist.");
            }

            // A component alone is never interleaved: its sampling factors mean nothing.
            bool alone = components.Length == 1;
            components[i] = new JpegComponent
            {
                Id = entry[0], Index = i, H = alone ? 1 : h, V = alone ? 1 : v, QuantIndex = entry[2],
            };
        }

        Frame = new JpegFrame
        {
            Progressive = progressive, Arithmetic = arithmetic, Width = width, Height = height, Components = components,
        };
        Frame.Complete();
    }

    private void ReadQuantisation(ReadOnlySpan<byte> body)
    {
        int length = body.Length;
        while (!body.IsEmpty)
        {
            int wide = body[0] >> 4;
            int index = body[0] & 15;
            int bytes = 1 + (wide == 0 ? 64 : 128);
            Require(index < Tables && body.Length >= bytes, "DQT", length);
            ushort[] table = new ushort[64];
            for (int k = 0; k < 64; k++)
            {
                table[JpegZigzag.Natural[k]] =
                    wide == 0 ? body[1 + k] : BinaryPrimitives.ReadUInt16BigEndian(body[(1 + (2 * k))..]);
            }

            _quant[index] = table;
            body = body[bytes..];
        }
    }

    private void ReadHuffman(ReadOnlySpan<byte> body)
    {
        int length = body.Length;
        while (!body.IsEmpty)
        {
            Require(body.Length >= 17, "DHT", length);
            ReadOnlySpan<byte> counts = body[1..17];
            int symbols = 0;
            foreach (byte count in counts)
            {
                symbols += count;
            }

            bool ac = (body[0] & 0x10) != 0;
            int index = body[0] & ~0x10;
            Require(index < Tables && symbols <= 256 && body.Length >= 17 + symbols, "DHT", length);
            (ac ? _acCodes : _dcCodes)[index] =
                new JpegHuffmanCode(counts.ToArray(), body.Slice(17, symbols).ToArray());
            body = body[(17 + symbols)..];
        }
    }

    private void ReadApp1(ReadOnlyMemory<byte> body)
    {
        ReadOnlySpan<byte> exif = "Exif\0"u8;
        ReadOnlySpan<byte> xmp = "http://ns.adobe.com/xap/1.0/\0"u8;
        if (body.Span.StartsWith(exif))
        {
            _exif.Add(body.Length > exif.Length ? body[(exif.Length + 1)..] : default);
        }
        else if (body.Span.StartsWith(xmp))
        {
            _xmpOrientation ??= XmpOrientation.Find(body.Span[xmp.Length..]);
        }
    }

    private void ReadScan(ReadOnlyMemory<byte> segment)
    {
        ReadOnlySpan<byte> body = segment.Span;
        if (Frame is null)
        {
            throw new InvalidDataException("The JPEG file has a scan before its frame header.");
        }

        int count = body.IsEmpty ? 0 : body[0];
        Require(count is >= 1 and <= 4 && body.Length == (2 * count) + 4, "SOS", body.Length);
        var components = new JpegScanComponent[count];
        int blocks = 0;
        for (int i = 0; i < count; i++)
        {
            int id = body[1 + (2 * i)];
            int tables = body[2 + (2 * i)];
            JpegComponent component = Array.Find(
                    Frame.Components,
                    known => known.Id == id && !Array.Exists(components, part => part?.Component == known))
                ?? throw new InvalidDataException(
                    $"A scan of the JPEG file names the component {id}, which the frame does not have or the scan " +
                    "named before.");
            components[i] = new JpegScanComponent(component, tables >> 4, tables & 15);
            blocks += component.H * component.V;
        }

        if (count > 1 && blocks > 10)
        {
            throw new InvalidDataException(
                $"An MCU of the JPEG file has {blocks} blocks; 10 are the most that the standard allows.");
        }

        foreach (JpegScanComponent part in components)
        {
            part.Component.Quant ??= Quantisation(part.Component.QuantIndex);
        }

        int first = body[^3];
        int last = body[^2];
        int high = body[^1] >> 4;
        int low = body[^1] & 15;
        bool right = first == 0 ? last == 0 : first <= last && last < 64 && count == 1;
        if (Frame.Progressive && (!right || (high != 0 && low != high - 1) || low > 13))
        {
            throw new InvalidDataException(
                $"A progressive scan of the JPEG file has coefficients {first} to {last}, bits {high} to {low}, " +
                $"{count} components; there is no such scan.");
        }

        Scan = new JpegScan(components, first, last, high, low);
    }

    /// <summary>A table in memory order; numbers over 15 bits keep their low 16, as the arithmetic does.</summary>
    private short[] Quantisation(int index)
    {
        if (index >= Tables || _quant[index] is not { } table)
        {
            throw new InvalidDataException(
                $"A component of the JPEG file uses the quantisation table {index}, which is not defined.");
        }

        short[] placed = new short[64];
        for (int i = 0; i < 64; i++)
        {
            placed[JpegZigzag.Places[i]] = unchecked((short)table[i]);
        }

        return placed;
    }
}

/// <summary>A Huffman code as DHT gives it.</summary>
/// <param name="Counts">How many codes there are of 1 to 16 bits.</param>
/// <param name="Symbols">The symbols in the order of their codes.</param>
internal sealed record JpegHuffmanCode(byte[] Counts, byte[] Symbols);
