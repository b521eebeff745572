namespace Percept.Media;

/// <summary>How a mel spectrogram is computed. The steps are done in the order of the properties.</summary>
public sealed record MelSpectrogramOptions
{
    /// <summary>The window; its length is that of a frame.</summary>
    public required double[] Window { get; init; }

    /// <summary>The filters; their bins say the FFT size: (bins − 1) · 2, unless <see cref="FftSize"/> does.</summary>
    public required MelFilterBank Filters { get; init; }

    /// <summary>Samples from one frame to the next.</summary>
    public required int HopLength { get; init; }

    /// <summary>The FFT size; 0 for (bins − 1) · 2. A shorter window is followed by zeros.</summary>
    public int FftSize { get; init; }

    /// <summary>
    /// How far the signal is extended on both sides: 0 for none, FFT size / 2 for <c>torch.stft(center=True)</c>.
    /// </summary>
    public int Extend { get; init; }

    /// <summary>What the extension holds.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Reflect;

    /// <summary>
    /// The samples from one frame's first to the end of what must lie within the extended signal; 0 for the window's length.
    /// <c>torch.stft</c> demands the whole FFT size, with a shorter window in its middle.
    /// </summary>
    public int FrameSpan { get; init; }

    /// <summary>Where the window begins within <see cref="FrameSpan"/>.</summary>
    public int WindowOffset { get; init; }

    /// <summary>What samples are multiplied with.</summary>
    public double InputScale { get; init; } = 1;

    /// <summary>Whether each frame's mean is taken off.</summary>
    public bool RemoveDcOffset { get; init; }

    /// <summary>
    /// The pre-emphasis within each frame: x[i] − p·x[i − 1], and x[0]·(1 − p) for the first; 0 for none.
    /// </summary>
    public double Preemphasis { get; init; }

    /// <summary>Whether magnitudes are squared before they are filtered.</summary>
    public bool Squared { get; init; } = true;

    /// <summary>What is added to every band before the logarithm.</summary>
    public double Offset { get; init; }

    /// <summary>The least value of a band before the logarithm.</summary>
    public double Floor { get; init; } = double.NegativeInfinity;

    /// <summary>The logarithm.</summary>
    public MelLog Log { get; init; }

    /// <summary>How far values may lie below the greatest one of the clip; what is lower is raised. Infinity for no limit.</summary>
    public double Range { get; init; } = double.PositiveInfinity;

    /// <summary>What is added in the end.</summary>
    public double Shift { get; init; }

    /// <summary>What values are multiplied with in the very end.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether frames are rows, <c>[frames, mels]</c>, rather than bands, <c>[mels, frames]</c>.</summary>
    public bool FramesAreRows { get; init; }

    /// <summary>Whether everything is computed in float64, as numpy does, rather than in float32, as torch does.</summary>
    public bool Double { get; init; }
}
