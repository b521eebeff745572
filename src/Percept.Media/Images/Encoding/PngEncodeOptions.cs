using System.IO.Compression;

namespace Percept.Media;

/// <summary>How PNG files are written.</summary>
public sealed record PngEncodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static PngEncodeOptions Default { get; } = new();

    /// <summary>How hard the compressor tries. Default: a good size in reasonable time.</summary>
    public CompressionLevel Level { get; init; } = CompressionLevel.Optimal;

    /// <summary>
    /// Whether each row gets the filter that makes its bytes smallest. Default: yes; without, rows are only compared with
    /// the row above, which is faster. Pictures with a palette or fewer than 8 bits are never filtered.
    /// </summary>
    public bool ChoosesFilters { get; init; } = true;

    /// <summary>How often an animation is shown; 0 for without end.</summary>
    public int Loops { get; init; }
}
