using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Orientation out of EXIF and XMP, and blocks that say nonsense.</summary>
public class ExifOrientationTests
{
    [Fact]
    public void BothByteOrdersAreRead()
    {
        for (int orientation = 0; orientation < 12; orientation++)
        {
            foreach (bool bigEndian in new[] { false, true })
            {
                byte[] block = MediaJpegSeeds.ExifBlock(orientation, bigEndian);
                int wanted = orientation is >= 1 and <= 8 ? orientation : 1;
                Assert.Equal(wanted, ExifOrientation.Read(block));
                Assert.Equal(wanted, ExifOrientation.Read(block.AsSpan(6)));
            }
        }
    }

    [Fact]
    public void PicturesAreTurned()
    {
        byte[] file = JpegTestPictures.Encode(MediaJpegSeeds.Picture(9, 7));
        byte[] turned = MediaJpegSeeds.WithSegment(file, 0xE1, MediaJpegSeeds.ExifBlock(6, bigEndian: true));
        Image upright = JpegTestPictures.Decode(turned);
        Assert.Equal((7, 9), (upright.Width, upright.Height));
        Image stored = JpegTestPictures.Decode(turned, new ImageDecodeOptions { ApplyOrientation = false });
        Assert.Equal((9, 7), (stored.Width, stored.Height));
        Assert.Equal(6, JpegTestPictures.Identify(turned).Orientation);

        // The stored picture's left column from below is the first row.
        for (int x = 0; x < 7; x++)
        {
            Assert.True(stored.Row(6 - x)[..3].SequenceEqual(upright.Row(0).Slice(3 * x, 3)));
        }
    }

    [Fact]
    public void XmpCountsWhereExifSaysNothing()
    {
        byte[] file = JpegTestPictures.Encode(MediaJpegSeeds.Picture(9, 7));
        byte[] attribute = MediaJpegSeeds.WithSegment(
            file, 0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. "<x tiff:Orientation=\"8\"/>"u8]);
        byte[] element = MediaJpegSeeds.WithSegment(
            file, 0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. "<tiff:Orientation>5</tiff:Orientation>"u8]);
        Assert.Equal(8, JpegTestPictures.Identify(attribute).Orientation);
        Assert.Equal(5, JpegTestPictures.Identify(element).Orientation);

        // The first packet that tells it counts, whatever other packets there are.
        byte[] silent = [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. "<x/>"u8];
        Assert.Equal(8, JpegTestPictures.Identify(MediaJpegSeeds.WithSegment(attribute, 0xE1, silent)).Orientation);
        byte[] twice = MediaJpegSeeds.WithSegment(MediaJpegSeeds.WithSegment(file, 0xE1, silent), 0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. "<x tiff:Orientation=\"8\"/>"u8]);
        Assert.Equal(8, JpegTestPictures.Identify(twice).Orientation);
        byte[] both = MediaJpegSeeds.WithSegment(attribute, 0xE1, MediaJpegSeeds.ExifBlock(3, bigEndian: false));
        Assert.Equal(3, JpegTestPictures.Identify(both).Orientation);
    }

    [Fact]
    public void BrokenBlocksAreUpright()
    {
        byte[] block = MediaJpegSeeds.ExifBlock(6, bigEndian: true);
        for (int length = 0; length < block.Length; length++)
        {
            // Only the value and what is before it are needed.
            int found = ExifOrientation.Read(block.AsSpan(0, length));
            Assert.True(found == 1 || (found == 6 && length >= 40), $"{length}: {found}");
        }

        // A directory at its own header, far away, and with more entries than the block has.
        foreach (uint offset in new uint[] { 0, 4, 0x7FFFFFFF, 0xFFFFFFFF, (uint)block.Length - 6 })
        {
            byte[] broken = [.. block];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(broken.AsSpan(10), offset);
            Assert.Equal(1, ExifOrientation.Read(broken));
        }

        byte[] many = [.. block];
        many[14] = 0xFF;
        many[15] = 0xFF;
        Assert.Equal(6, ExifOrientation.Read(many));
        byte[] hugeCount = [.. block];
        hugeCount.AsSpan(32, 4).Fill(0xFF);
        Assert.Equal(1, ExifOrientation.Read(hugeCount));
    }
}
