namespace Percept.Media;

/// <summary>How a WAV file stores a sample.</summary>
public enum WavEncoding
{
    /// <summary>One byte, 128 is silence.</summary>
    Unsigned8,

    /// <summary>A 16-bit integer.</summary>
    Signed16,

    /// <summary>A 24-bit integer in three bytes.</summary>
    Signed24,

    /// <summary>A 32-bit integer.</summary>
    Signed32,

    /// <summary>A 64-bit integer.</summary>
    Signed64,

    /// <summary>A float32.</summary>
    Float32,

    /// <summary>A float64.</summary>
    Float64,

    /// <summary>G.711 A-law.</summary>
    ALaw,

    /// <summary>G.711 µ-law.</summary>
    MuLaw,
}
