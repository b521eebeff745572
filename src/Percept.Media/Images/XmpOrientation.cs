namespace Percept.Media;

/// <summary>
/// Reads the orientation out of XMP packets, for files whose EXIF block has none: <c>tiff:Orientation="6"</c> as an
/// attribute, <c>&lt;tiff:Orientation&gt;6</c> as an element.
/// </summary>
internal static class XmpOrientation
{
    private static ReadOnlySpan<byte> Name => "tiff:Orientation"u8;

    /// <summary>The orientation that a packet gives; null where it has none that exists.</summary>
    /// <param name="packet">The packet, UTF-8.</param>
    internal static int? Find(ReadOnlySpan<byte> packet)
    {
        while (packet.IndexOf(Name) is >= 0 and var at)
        {
            packet = packet[(at + Name.Length)..];
            ReadOnlySpan<byte> rest = packet.StartsWith("=\""u8) ? packet[2..]
                : packet.StartsWith(">"u8) ? packet[1..]
                : [];
            if (rest.Length > 0 && rest[0] is >= (byte)'0' and <= (byte)'9')
            {
                return rest[0] is >= (byte)'1' and <= (byte)'8' ? rest[0] - '0' : null;
            }
        }

        return null;
    }
}
