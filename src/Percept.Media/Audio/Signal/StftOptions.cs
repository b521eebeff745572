namespace Percept.Media;

/// <summary>How a short-time Fourier transform is computed; the names and rules are those of <c>torch.stft</c>.</summary>
public sealed record StftOptions
{
    /// <summary>The FFT size.</summary>
    public required int FftSize { get; init; }

    /// <summary>Samples from one frame to the next; 0 for FFT size / 4.</summary>
    public int HopLength { get; init; }

    /// <summary>The window; null for ones. A shorter window stands in the middle of the FFT.</summary>
    public double[]? Window { get; init; }

    /// <summary>Whether the signal is extended by FFT size / 2 on both sides. Default: yes.</summary>
    public bool Center { get; init; } = true;

    /// <summary>What the extension holds.</summary>
    public SignalPadding Padding { get; init; } = SignalPadding.Reflect;

    /// <summary>Whether only the frequencies from 0 to the half are given. Default: yes.</summary>
    public bool Onesided { get; init; } = true;

    /// <summary>Whether the spectrum is divided by the root of the FFT size.</summary>
    public bool Normalized { get; init; }
}
