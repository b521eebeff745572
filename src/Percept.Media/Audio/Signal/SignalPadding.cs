namespace Percept.Media;

/// <summary>What stands in for samples before the first and behind the last.</summary>
public enum SignalPadding
{
    /// <summary>Zeros.</summary>
    Constant,

    /// <summary>The signal mirrored, its first and last sample not repeated.</summary>
    Reflect,

    /// <summary>The first and the last sample, repeated.</summary>
    Edge,

    /// <summary>The signal mirrored, its first and last sample repeated (Kaldi's rule).</summary>
    Symmetric,
}
