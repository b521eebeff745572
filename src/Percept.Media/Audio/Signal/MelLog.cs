namespace Percept.Media;

/// <summary>The logarithm of a mel spectrogram.</summary>
public enum MelLog
{
    /// <summary>None.</summary>
    None,

    /// <summary>The natural logarithm.</summary>
    Natural,

    /// <summary>The logarithm to base 10.</summary>
    Base10,

    /// <summary>10 times the logarithm to base 10.</summary>
    Decibel,
}
