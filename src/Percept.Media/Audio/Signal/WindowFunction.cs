namespace Percept.Media;

/// <summary>The shapes of analysis windows.</summary>
public enum WindowFunction
{
    /// <summary>All ones.</summary>
    Rectangular,

    /// <summary>0.5 − 0.5 cos.</summary>
    Hann,

    /// <summary>0.54 − 0.46 cos.</summary>
    Hamming,

    /// <summary>0.42 − 0.5 cos + 0.08 cos of the double angle.</summary>
    Blackman,

    /// <summary>A triangle.</summary>
    Bartlett,

    /// <summary>Hann to the power 0.85 (Kaldi).</summary>
    Povey,
}
