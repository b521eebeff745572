namespace Percept.Media;

/// <summary>Settings of Kaldi's filter bank features; the defaults are those of <c>torchaudio.compliance.kaldi.fbank</c>.</summary>
/// <remarks>There is no dither: features are the same in every run.</remarks>
public sealed record KaldiFbankOptions
{
    /// <summary>Samples a second.</summary>
    public int SampleRate { get; init; } = 16000;

    /// <summary>The length of a frame, milliseconds.</summary>
    public double FrameLength { get; init; } = 25;

    /// <summary>From one frame to the next, milliseconds.</summary>
    public double FrameShift { get; init; } = 10;

    /// <summary>The window. Kaldi's "hanning" and "hamming" are the symmetric ones.</summary>
    public WindowFunction Window { get; init; } = WindowFunction.Povey;

    /// <summary>The coefficient of <see cref="WindowFunction.Blackman"/>.</summary>
    public double BlackmanCoefficient { get; init; } = 0.42;

    /// <summary>The number of mel bins, at least 4.</summary>
    public int MelBins { get; init; } = 23;

    /// <summary>Where the first filter begins, hertz.</summary>
    public double LowFrequency { get; init; } = 20;

    /// <summary>Where the last filter ends, hertz; 0 or less counts from the half of the sample rate.</summary>
    public double HighFrequency { get; init; }

    /// <summary>The pre-emphasis, 0 to 1.</summary>
    public double Preemphasis { get; init; } = 0.97;

    /// <summary>Whether each frame's mean is taken off.</summary>
    public bool RemoveDcOffset { get; init; } = true;

    /// <summary>Whether the FFT size is the next power of two rather than the frame's length.</summary>
    public bool RoundToPowerOfTwo { get; init; } = true;

    /// <summary>Whether only frames that lie wholly within the signal count; else the signal is mirrored at its ends.</summary>
    public bool SnipEdges { get; init; } = true;

    /// <summary>Whether each frame's energy is a further column.</summary>
    public bool UseEnergy { get; init; }

    /// <summary>Whether the energy is taken before pre-emphasis and window.</summary>
    public bool RawEnergy { get; init; } = true;

    /// <summary>The least energy; 0 for none.</summary>
    public double EnergyFloor { get; init; } = 1;

    /// <summary>Whether the energy is the last column rather than the first.</summary>
    public bool HtkCompatible { get; init; }

    /// <summary>Whether logarithms are given.</summary>
    public bool UseLog { get; init; } = true;

    /// <summary>Whether the power rather than the magnitude is summed.</summary>
    public bool UsePower { get; init; } = true;

    /// <summary>Whether each column's mean is taken off.</summary>
    public bool SubtractMean { get; init; }

    /// <summary>The warping factor of vocal tract length normalization; 1 for none.</summary>
    public double VtlnWarp { get; init; } = 1;

    /// <summary>The lower cutoff of the warping, hertz.</summary>
    public double VtlnLow { get; init; } = 100;

    /// <summary>The upper cutoff of the warping, hertz; below 0 it counts from the half of the sample rate.</summary>
    public double VtlnHigh { get; init; } = -500;

    /// <summary>What samples are multiplied with first: 32768 where a model wants 16-bit numbers.</summary>
    public double InputScale { get; init; } = 1;
}
