using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>A picture that stands in the page itself.</summary>
public sealed class ReportPicture
{
    /// <summary>The signature, and the first chunk with the picture's size.</summary>
    private const int ShortestFile = 33;

    /// <summary>Pictures whose longer side has no more pixels are shown larger, with hard edges.</summary>
    private const int SmallSide = 96;

    private static readonly byte[] s_signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Makes a picture of a report.</summary>
    /// <param name="png">The bytes of a PNG file.</param>
    /// <param name="description">What the picture is; shown where pictures are not.</param>
    /// <exception cref="ArgumentException">The bytes are no PNG file.</exception>
    public ReportPicture(ReadOnlyMemory<byte> png, string description)
    {
        ArgumentNullException.ThrowIfNull(description);
        if (png.Length < ShortestFile || !png.Span.StartsWith(s_signature))
        {
            throw new ArgumentException(
                $"The {png.Length} bytes of '{description}' are no PNG file; encode the picture as PNG first.", nameof(png));
        }

        Png = png;
        Description = description;
        Width = BinaryPrimitives.ReadUInt32BigEndian(png.Span[16..]);
        Height = BinaryPrimitives.ReadUInt32BigEndian(png.Span[20..]);
    }

    /// <summary>The bytes of the file.</summary>
    public ReadOnlyMemory<byte> Png { get; }

    /// <summary>What the picture is.</summary>
    public string Description { get; }

    /// <summary>Columns, as the file says.</summary>
    public long Width { get; }

    /// <summary>Rows, as the file says.</summary>
    public long Height { get; }

    internal void Write(StringBuilder html)
    {
        long side = Math.Max(Width, Height);
        long scale = side is > 0 and <= SmallSide ? Math.Max(1, 2 * SmallSide / side) : 1;
        html.Append(scale > 1 ? "<img class=\"small\"" : "<img");
        html.Append(CultureInfo.InvariantCulture, $" width=\"{Width * scale}\" alt=\"").AppendText(Description);
        html.Append("\" title=\"").AppendText(Description).Append("\" src=\"data:image/png;base64,");
        html.Append(Convert.ToBase64String(Png.Span)).Append("\">\n");
    }
}
