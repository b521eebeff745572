using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>
/// Reads the orientation out of EXIF blocks. A broken block never fails the picture: it has orientation 1.
/// </summary>
/// <remarks>
/// An EXIF block is a TIFF header with a directory of tags. Only the first directory is read, every entry once, so that
/// the time is bounded by the block's length whatever its offsets and counts say.
/// </remarks>
internal static class ExifOrientation
{
    /// <summary>The orientation of a picture that says nothing: rows from the top, pixels from the left.</summary>
    internal const int Upright = 1;

    private const int Tag = 0x0112;
    private const int HeaderBytes = 8;
    private const int EntryBytes = 12;

    private static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>The orientation that an EXIF block gives.</summary>
    /// <param name="exif">
    /// The block: a TIFF header (as in PNG's eXIf chunk), or one behind the letters <c>Exif</c> and two zeros (as in
    /// JPEG's APP1 segment and in some WebP files).
    /// </param>
    /// <returns>1 to 8; 1 where the block is broken, has no orientation, or one that does not exist.</returns>
    internal static int Read(ReadOnlySpan<byte> exif) => Find(exif) ?? Upright;

    /// <summary>The orientation that an EXIF block gives; null where it has none that exists.</summary>
    /// <param name="exif">See <see cref="Read"/>.</param>
    internal static int? Find(ReadOnlySpan<byte> exif)
    {
        while (exif.StartsWith(Prefix))
        {
            exif = exif[Prefix.Length..];
        }

        if (exif.Length < HeaderBytes || !ByteOrder(exif, out bool bigEndian))
        {
            return null;
        }

        uint offset = UInt32(exif[4..], bigEndian);
        if (offset > (uint)exif.Length - 2)
        {
            return null;
        }

        ReadOnlySpan<byte> directory = exif[(int)offset..];
        int count = UInt16(directory, bigEndian);
        directory = directory[2..];
        long? found = null;
        for (int i = 0; i < count && directory.Length >= EntryBytes; i++)
        {
            // As with any dictionary of tags, the last of equal tags counts.
            if (UInt16(directory, bigEndian) == Tag && Value(exif, directory, bigEndian) is { } value)
            {
                found = value;
            }

            directory = directory[EntryBytes..];
        }

        return found is >= 1 and <= 8 ? (int)found : null;
    }

    private static bool ByteOrder(ReadOnlySpan<byte> tiff, out bool bigEndian)
    {
        bigEndian = tiff[0] == (byte)'M';
        return (tiff[0] == (byte)'M' || tiff[0] == (byte)'I') && tiff[1] == tiff[0]
            && ((tiff[2] == 0 && tiff[3] == 42) || (tiff[2] == 42 && tiff[3] == 0));
    }

    /// <summary>
    /// The first number of an entry of a whole-number type; null for other types and values out of the block.
    /// </summary>
    private static long? Value(ReadOnlySpan<byte> tiff, ReadOnlySpan<byte> entry, bool bigEndian)
    {
        int bytes = UInt16(entry[2..], bigEndian) switch
        {
            3 or 8 => 2,
            4 or 9 => 4,
            _ => 0,
        };
        uint count = UInt32(entry[4..], bigEndian);
        if (bytes == 0 || count == 0)
        {
            return null;
        }

        ReadOnlySpan<byte> value = entry[8..];
        if ((long)count * bytes > 4)
        {
            uint offset = UInt32(value, bigEndian);
            if (offset > tiff.Length || tiff.Length - offset < (long)count * bytes)
            {
                return null;
            }

            value = tiff[(int)offset..];
        }

        return bytes == 2 ? UInt16(value, bigEndian) : UInt32(value, bigEndian);
    }

    private static ushort UInt16(ReadOnlySpan<byte> data, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(data) : BinaryPrimitives.ReadUInt16LittleEndian(data);

    private static uint UInt32(ReadOnlySpan<byte> data, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(data) : BinaryPrimitives.ReadUInt32LittleEndian(data);
}
