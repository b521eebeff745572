namespace Percept.Media;

/// <summary>How a picture is written as JPEG.</summary>
public sealed record JpegEncodeOptions
{
    /// <summary>The options used where none are given.</summary>
    public static JpegEncodeOptions Default { get; } = new();

    /// <summary>1 (worst) to 100, by the scale of the Independent JPEG Group. Default: 75, as Pillow's.</summary>
    public int Quality { get; init; } = 75;

    /// <summary>What is kept of the colour differences. Default: a quarter, as Pillow's.</summary>
    public JpegSubsampling Subsampling { get; init; } = JpegSubsampling.Quarter;

    /// <summary>
    /// Whether Huffman tables are made for the picture: some percent smaller, about twice the time. Default: no.
    /// </summary>
    public bool OptimizeHuffman { get; init; }

    /// <summary>The number of MCUs between restart markers, up to 65535; 0 (default) for none.</summary>
    public int RestartInterval { get; init; }
}
