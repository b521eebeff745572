namespace Percept.Tensors;

/// <summary>Which channels rotary position embedding turns together.</summary>
public enum RopeLayout
{
    /// <summary>Channel i with channel i + R/2 ("rotate half").</summary>
    Halves,

    /// <summary>Channel 2i with channel 2i + 1 ("interleaved").</summary>
    Interleaved,

    /// <summary>Channels 2i and 2i + 1, written to i and i + R/2 (DeepSeek).</summary>
    InterleavedToHalves,
}
