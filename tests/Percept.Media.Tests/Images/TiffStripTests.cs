using System.Buffers.Binary;
using System.Diagnostics;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>TIFF files whose strips all say that they are nearly the whole file.</summary>
public class TiffStripTests
{
    [Fact]
    public void ReversedBitsAreTurnedOnceForAllStrips()
    {
        byte[] file = Strips(20_000, compression: 32773, fillOrder: 2, [Reversed(0), Reversed(0b10110000), .. new byte[2_000_000]]);
        var watch = Stopwatch.StartNew();
        Image image = ImageDecoder.Decode(file);
        Assert.Equal((8, 20_000), (image.Width, image.Height));
        Assert.Equal([255, 0, 255, 255, 0, 0, 0, 0], image.Row(19_999).ToArray());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(32773)]
    [InlineData(8)]
    [InlineData(3)]
    public void StripsThatMakeNothingEndAtTheLimit(int compression)
    {
        byte[] data = compression switch
        {
            // Nine bits each: nothing but the code that clears the table.
            5 => Nines(256, 4_000_000),
            32773 => Filled(0x80, 4_000_000),
            8 => [0x78, 0x9C, .. Enumerable.Repeat((byte[])[0, 0, 0, 0xFF, 0xFF], 800_000).SelectMany(static block => block)],
            _ => new byte[4_000_000],
        };
        byte[] file = Strips(50_000, compression, fillOrder: 1, data);
        var watch = Stopwatch.StartNew();
        Exception? error = Record.Exception(() => ImageDecoder.Decode(
            file, new ImageDecodeOptions { Limits = MediaLimits.Default with { MaxTime = TimeSpan.FromMilliseconds(150) } }));
        Assert.True(error is MediaLimitException or InvalidDataException, $"{error}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"It took {watch.Elapsed}.");
    }

    private static byte Reversed(byte value)
    {
        int turned = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            turned |= ((value >> bit) & 1) << (7 - bit);
        }

        return (byte)turned;
    }

    private static byte[] Filled(byte value, int count)
    {
        byte[] filled = new byte[count];
        Array.Fill(filled, value);
        return filled;
    }

    private static byte[] Nines(int code, int bytes)
    {
        byte[] packed = new byte[bytes];
        for (int i = 0; (i + 1) * 9 <= bytes * 8; i++)
        {
            for (int bit = 0; bit < 9; bit++)
            {
                int place = (i * 9) + bit;
                packed[place >> 3] |= (byte)(((code >> (8 - bit)) & 1) << (7 - (place & 7)));
            }
        }

        return packed;
    }

    /// <summary>A bilevel picture, 8 pixels wide, a strip a row; every strip is all of the data.</summary>
    private static byte[] Strips(int rows, int compression, int fillOrder, byte[] data)
    {
        const int Entries = 10;
        int directory = 8 + 2 + (12 * Entries) + 4;
        int offsets = directory;
        int counts = offsets + (4 * rows);
        int start = counts + (4 * rows);
        byte[] file = new byte[start + data.Length];
        data.CopyTo(file, start);
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 8);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(8), Entries);
        (int Tag, int Count, int Value)[] entries =
        [
            (256, 1, 8), (257, 1, rows), (258, 1, 1), (259, 1, compression), (262, 1, 1), (266, 1, fillOrder),
            (273, rows, offsets), (277, 1, 1), (278, 1, 1), (279, rows, counts),
        ];
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = file.AsSpan(10 + (12 * i));
            BinaryPrimitives.WriteInt16LittleEndian(entry, (short)entries[i].Tag);
            BinaryPrimitives.WriteInt16LittleEndian(entry[2..], 4);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], entries[i].Count);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], entries[i].Value);
        }

        for (int row = 0; row < rows; row++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offsets + (4 * row)), start);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(counts + (4 * row)), data.Length);
        }

        return file;
    }
}
