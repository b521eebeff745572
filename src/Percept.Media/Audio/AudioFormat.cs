namespace Percept.Media;

/// <summary>The file formats of sounds.</summary>
public enum AudioFormat
{
    /// <summary>RIFF/RIFX/RF64 WAVE: PCM, float, µ-law, A-law.</summary>
    Wav,

    /// <summary>Free Lossless Audio Codec, in its own container.</summary>
    Flac,

    /// <summary>MPEG-1, MPEG-2 and MPEG-2.5 Layer III.</summary>
    Mp3,

    /// <summary>A format that the FFmpeg program decodes, where it is installed: Ogg, MP4, AAC, Matroska, AIFF and others.</summary>
    External,
}
