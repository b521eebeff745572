using Percept.Media;

namespace Percept.TestSupport;

/// <summary>Small JPEG files and EXIF blocks to mutate.</summary>
public static class MediaJpegSeeds
{
    /// <summary>Decoding in fuzzing takes little memory.</summary>
    public const long MaxAllocation = 64L << 20;

    private const string Progressive420Text =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7" +
        "gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8" +
        "fHx8fHx8fHz/wgARCAASABUDASIAAhEBAxEB/8QAGAABAQEBAQAAAAAAAAAAAAAAAAQDBQL/xAAYAQEAAwEAAAAAAAAAAAAAAAAC" +
        "AAEDBP/aAAwDAQACEAMQAAAB53RksY8t3O4tzU1ip//EABsQAAICAwEAAAAAAAAAAAAAAAADAQIhIjEz/9oACAEBAAEFAqwLwLjW" +
        "sHFrjWpfzVz/xAAYEQADAQEAAAAAAAAAAAAAAAAAATEhAv/aAAgBAwEBPwF7g6Ko6p//xAAZEQADAQEBAAAAAAAAAAAAAAAAAQIh" +
        "ETH/2gAIAQIBAT8BrcKpdK9Qj//EABgQAAIDAAAAAAAAAAAAAAAAAAAQARGB/9oACAEBAAY/Ai3L1f/EABwQAAICAgMAAAAAAAAA" +
        "AAAAAAABEDERcSFBgf/aAAgBAQABPyEUSZUjuKB8laiW8KtCw//aAAwDAQACAAMAAAAQNxiA/8QAGREBAAIDAAAAAAAAAAAAAAAA" +
        "AAEhMVGh/9oACAEDAQE/EIU2Ts7mV//EABsRAAIBBQAAAAAAAAAAAAAAAAERABBBcYGx/9oACAECAQE/EFAQ5a2KS7J7P//EABwQ" +
        "AQADAQADAQAAAAAAAAAAAAEAESExQXGxwf/aAAgBAQABPxArMtYyxC3OVB4Pk3IExtdb1r9gGgfc4QkpUuyvOM+Kf//Z";

    private const string ProgressiveGrayText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO" +
        "UlNSMj5aYVpQYEpRUk//wgALCAAJABEBAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABQEE/9oACAEBAAAAARGjYtg//8QAGhAAAgID" +
        "AAAAAAAAAAAAAAAAAAIBAxESM//aAAgBAQABBQJFKcQaiC8j/8QAGxAAAgEFAAAAAAAAAAAAAAAAAAEQAhExceH/2gAIAQEABj8C" +
        "LvCORXpx/8QAHRAAAgEEAwAAAAAAAAAAAAAAAAEhEBExQVFx8P/aAAgBAQABPyHFAqXEi7Og1PK4p//aAAgBAQAAABDD/8QAHhAA" +
        "AgEDBQAAAAAAAAAAAAAAAREAECExUXGhsfD/2gAIAQEAAT8QG7BJ4iWSBE0AGbZpMtg7nh6qf//Z";

    private const string CmykText =
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdo" +
        "Zz5NcXlwZHhcZWdj/8AAFAgACwAMBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIB" +
        "AwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZH" +
        "SElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV" +
        "1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDkLOLpXIWdv+8HFUrCxh+zwf6PHPPMjP8AO4CxKB95u+M/" +
        "TODyMV6BWxFF8grrbK3/ANHXipn055nLW8doi9CrtFFg47KwZsEYPJzz0FFUbMDisKzUeYOKbaSudPlcnmAIsfHQCFnAI7/Nzzn9" +
        "KK14gNgrrLJR9nXit7w5H59ncPJJMW+0yDiZh0OOx/Xv1or/2Q==";

    /// <summary>21×18, three components, progressive with all kinds of scans.</summary>
    public static byte[] Progressive420 => Convert.FromBase64String(Progressive420Text);

    /// <summary>17×9, one component, progressive.</summary>
    public static byte[] ProgressiveGray => Convert.FromBase64String(ProgressiveGrayText);

    /// <summary>12×11, four inks.</summary>
    public static byte[] Cmyk => Convert.FromBase64String(CmykText);

    /// <summary>Baseline files of several kinds.</summary>
    public static IReadOnlyList<byte[]> Baseline() =>
    [
        JpegEncoder.Encode(Picture(21, 18), new JpegEncodeOptions { Quality = 60 }),
        JpegEncoder.Encode(Picture(33, 9), new JpegEncodeOptions { Quality = 90, Subsampling = JpegSubsampling.Half }),
        JpegEncoder.Encode(
            Picture(40, 24),
            new JpegEncodeOptions { Subsampling = JpegSubsampling.Full, RestartInterval = 3, OptimizeHuffman = true }),
        JpegEncoder.Encode(Picture(19, 23).Convert(PixelFormat.Gray)),
        Cmyk,
    ];

    /// <summary>Progressive files.</summary>
    public static IReadOnlyList<byte[]> Progressive() => [Progressive420, ProgressiveGray];

    /// <summary>EXIF blocks of both byte orders.</summary>
    public static IReadOnlyList<byte[]> Exif() => [ExifBlock(6, bigEndian: true), ExifBlock(3, bigEndian: false)];

    /// <summary>Decodes with small limits.</summary>
    public static void Decode(byte[] file) => ImageDecoder.Decode(
        file, new ImageDecodeOptions { Limits = new MediaLimits { MaxPixels = 4_000_000 } });

    /// <summary>Reads an EXIF block in a JPEG file around it, and decodes the file upright.</summary>
    public static void DecodeWithExif(byte[] block)
    {
        byte[] file = JpegEncoder.Encode(Picture(9, 7));
        Image image = ImageDecoder.Decode(WithSegment(file, 0xE1, block));
        if (image.Width * image.Height != 63)
        {
            throw new InvalidOperationException($"The picture has {image.Width}×{image.Height} pixels.");
        }
    }

    /// <summary>A file with one more segment behind its first marker.</summary>
    public static byte[] WithSegment(byte[] file, byte marker, ReadOnlySpan<byte> body)
    {
        int length = Math.Min(body.Length, 65533);
        return
        [
            .. file.AsSpan(0, 2), 0xFF, marker, (byte)((length + 2) >> 8), (byte)(length + 2), .. body[..length],
            .. file.AsSpan(2),
        ];
    }

    /// <summary>An EXIF block as it stands in APP1.</summary>
    public static byte[] ExifBlock(int orientation, bool bigEndian)
    {
        byte[] order = bigEndian ? [(byte)'M', (byte)'M'] : [(byte)'I', (byte)'I'];
        return
        [
            .. "Exif\0\0"u8, .. order, .. Number(42, 2), .. Number(8, 4), .. Number(2, 2),
            .. Number(0x010F, 2), .. Number(2, 2), .. Number(3, 4), (byte)'a', (byte)'b', 0, 0,
            .. Number(0x0112, 2), .. Number(3, 2), .. Number(1, 4), .. Number(orientation, 2), 0, 0, .. Number(0, 4),
        ];

        byte[] Number(int value, int bytes)
        {
            byte[] number = new byte[bytes];
            for (int i = 0; i < bytes; i++)
            {
                number[bigEndian ? bytes - 1 - i : i] = (byte)(value >> (8 * i));
            }

            return number;
        }
    }

    /// <summary>A picture of patterns and gradients.</summary>
    public static Image Picture(int width, int height)
    {
        var image = new Image(width, height, PixelFormat.Rgb);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = 0; x < width; x++)
            {
                row[3 * x] = (byte)((x * 7) + (y * 3));
                row[(3 * x) + 1] = (byte)(((x * x) + (y * 5)) % 251);
                row[(3 * x) + 2] = (byte)((x * y * 11) + 40);
            }
        }

        return image;
    }
}
