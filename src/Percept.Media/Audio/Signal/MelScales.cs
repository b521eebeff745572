namespace Percept.Media;

/// <summary>Turns frequencies into mels and back.</summary>
/// <remarks>Source: transformers, <c>audio_utils.py</c>, <c>hertz_to_mel</c> and <c>mel_to_hertz</c>.</remarks>
public static class MelScales
{
    private const double BreakHertz = 1000;
    private const double BreakMel = 15;

    private static readonly double s_logStep = Math.Log(6.4) / 27;

    /// <summary>Hertz to mels.</summary>
    /// <param name="scale">The scale.</param>
    /// <param name="hertz">The frequency, hertz.</param>
    public static double FromHertz(this MelScale scale, double hertz) => scale switch
    {
        MelScale.Htk => 2595 * Math.Log10(1 + (hertz / 700)),
        MelScale.Kaldi => 1127 * Math.Log(1 + (hertz / 700)),
        MelScale.Slaney when hertz >= BreakHertz => BreakMel + (Math.Log(hertz / BreakHertz) / s_logStep),
        MelScale.Slaney => 3 * hertz / 200,
        _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "There is no such mel scale."),
    };

    /// <summary>Mels to hertz.</summary>
    /// <param name="scale">The scale.</param>
    /// <param name="mel">The mels.</param>
    public static double ToHertz(this MelScale scale, double mel) => scale switch
    {
        MelScale.Htk => 700 * (Math.Pow(10, mel / 2595) - 1),
        MelScale.Kaldi => 700 * (Math.Exp(mel / 1127) - 1),
        MelScale.Slaney when mel >= BreakMel => BreakHertz * Math.Exp(s_logStep * (mel - BreakMel)),
        MelScale.Slaney => 200 * mel / 3,
        _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "There is no such mel scale."),
    };
}
