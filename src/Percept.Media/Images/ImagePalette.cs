namespace Percept.Media;

/// <summary>The colours of a palette picture.</summary>
public sealed class ImagePalette
{
    private readonly byte[] _rgba;

    /// <summary>Makes a palette of colours that are copied.</summary>
    /// <param name="rgba">Red, green, blue, alpha of each entry; at most 256 entries.</param>
    /// <param name="hasAlpha">Whether any entry's alpha came from the file.</param>
    /// <exception cref="ArgumentException">Not 4 bytes an entry, or more than 256 entries.</exception>
    public ImagePalette(ReadOnlySpan<byte> rgba, bool hasAlpha)
    {
        if (rgba.Length % 4 != 0 || rgba.Length > 256 * 4)
        {
            throw new ArgumentException(
                $"A palette has 4 bytes for each of at most 256 entries; {rgba.Length} bytes were given.", nameof(rgba));
        }

        _rgba = rgba.ToArray();
        HasAlpha = hasAlpha;
    }

    /// <summary>The number of entries.</summary>
    public int Count => _rgba.Length / 4;

    /// <summary>Whether any entry's alpha came from the file.</summary>
    public bool HasAlpha { get; }

    /// <summary>Red, green, blue, alpha of each entry.</summary>
    public ReadOnlySpan<byte> Rgba => _rgba;
}
