using Percept.Media;

namespace Percept.TestSupport;

/// <summary>The parsers of pictures and sounds.</summary>
public static class MediaFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("jpeg baseline", MediaJpegSeeds.Baseline, MediaJpegSeeds.Decode, MediaJpegSeeds.MaxAllocation),
        new("jpeg progressive", MediaJpegSeeds.Progressive, MediaJpegSeeds.Decode, MediaJpegSeeds.MaxAllocation),
        new("jpeg arithmetic", MediaJpegArithmeticSeeds.All, MediaJpegSeeds.Decode, MediaJpegSeeds.MaxAllocation),
        new("exif", MediaJpegSeeds.Exif, MediaJpegSeeds.DecodeWithExif, MediaJpegSeeds.MaxAllocation),
        .. MediaWebPSeeds.Targets,
        .. MediaRasterSeeds.Targets,
        new("WAV", MediaAudioSeeds.Wav, static data => AudioDecoder.Decode(data), 1 << 20),
        new("FLAC", MediaAudioSeeds.Flac, static data => AudioDecoder.Decode(data), 8 << 20),
        new("MP3", MediaAudioSeeds.Mp3, static data => AudioDecoder.Decode(data), 8 << 20),
    ];
}
