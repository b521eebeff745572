namespace Percept.Media;

/// <summary>The window over the sinc of a resampling filter.</summary>
public enum SincResampleMethod
{
    /// <summary>A Hann window (torchaudio's <c>sinc_interp_hann</c>).</summary>
    Hann,

    /// <summary>A Kaiser window (torchaudio's <c>sinc_interp_kaiser</c>).</summary>
    Kaiser,
}
