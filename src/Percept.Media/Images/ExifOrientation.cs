using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Finds the orientation in EXIF data, which has the structure of a TIFF file.</summary>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private const int EntryBytes = 12;

    /// <summary>The orientation 1 to 8; 1 when there is none or the data are broken: they never break a picture.</summary>
    /// <param name="exif">The data from the byte order mark on, or with <c>Exif\0\0</c> in front.</param>
    internal static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
        {
            exif = exif[6..];
        }

        if (exif.Length < 8)
        {
            return 1;
        }

        bool little = exif.StartsWith("II"u8);
        if ((!little && !exif.StartsWith("MM"u8)) || Short(exif, 2, little) != 42)
        {
            return 1;
        }

        uint directory = Long(exif, 4, little);
        if (directory > exif.Length - 2)
        {
            return 1;
        }

        int count = Short(exif, (int)directory, little);
        for (long at = directory + 2L, i = 0; i < count && at + EntryBytes <= exif.Length; at += EntryBytes, i++)
        {
            if (Short(exif, (int)at, little) == Tag)
            {
                return Value(exif.Slice((int)at, EntryBytes), little);
            }
        }

        return 1;
    }

    private static int Value(ReadOnlySpan<byte> entry, bool little)
    {
        if (Long(entry, 4, little) != 1)
        {
            return 1;
        }

        // BYTE, SHORT or LONG.
        uint value = Short(entry, 2, little) switch
        {
            1 => entry[8],
            3 => (uint)Short(entry, 8, little),
            4 => Long(entry, 8, little),
            _ => 1,
        };
        return value is >= 1 and <= 8 ? (int)value : 1;
    }

    private static int Short(ReadOnlySpan<byte> data, int at, bool little) => little
        ? BinaryPrimitives.ReadUInt16LittleEndian(data[at..])
        : BinaryPrimitives.ReadUInt16BigEndian(data[at..]);

    private static uint Long(ReadOnlySpan<byte> data, int at, bool little) => little
        ? BinaryPrimitives.ReadUInt32LittleEndian(data[at..])
        : BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
}
