using Percept.Media;

namespace Percept.TestSupport;

/// <summary>The parsers of pictures and sounds.</summary>
public static class MediaFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("WAV", MediaAudioSeeds.Wav, static data => AudioDecoder.Decode(data), 1 << 20),
        new("FLAC", MediaAudioSeeds.Flac, static data => AudioDecoder.Decode(data), 8 << 20),
        new("MP3", MediaAudioSeeds.Mp3, static data => AudioDecoder.Decode(data), 8 << 20),
        .. MediaRasterSeeds.Targets,
    ];
}
