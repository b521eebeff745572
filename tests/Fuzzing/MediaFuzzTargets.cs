namespace Percept.TestSupport;

/// <summary>The parsers of pictures and sounds.</summary>
public static class MediaFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("jpeg baseline", MediaJpegSeeds.Baseline, MediaJpegSeeds.Decode, MediaJpegSeeds.MaxAllocation),
        new("jpeg progressive", MediaJpegSeeds.Progressive, MediaJpegSeeds.Decode, MediaJpegSeeds.MaxAllocation),
        new("exif", MediaJpegSeeds.Exif, MediaJpegSeeds.DecodeWithExif, MediaJpegSeeds.MaxAllocation),
        .. MediaRasterSeeds.Targets,
    ];
}
