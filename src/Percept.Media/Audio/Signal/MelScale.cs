namespace Percept.Media;

/// <summary>The scales of perceived pitch.</summary>
public enum MelScale
{
    /// <summary>2595 log10(1 + f / 700).</summary>
    Htk,

    /// <summary>1127 ln(1 + f / 700).</summary>
    Kaldi,

    /// <summary>Linear below 1000 Hz (3 f / 200), logarithmic above.</summary>
    Slaney,
}
