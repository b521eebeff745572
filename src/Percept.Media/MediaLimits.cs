namespace Percept.Media;

/// <summary>What a decoder accepts at the most. Checked before memory is taken.</summary>
public sealed record MediaLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static MediaLimits Default { get; } = new();

    /// <summary>The greatest size of a file, bytes. Default: 256 MiB.</summary>
    public long MaxBytes { get; init; } = 256L << 20;

    /// <summary>The greatest number of pixels of one picture or frame. Default: 50 million.</summary>
    public long MaxPixels { get; init; } = 50_000_000;

    /// <summary>The greatest number of pixels of all frames of a clip together. Default: 800 million.</summary>
    public long MaxTotalPixels { get; init; } = 800_000_000;

    /// <summary>The greatest number of frames of a clip. Default: 4096.</summary>
    public int MaxFrames { get; init; } = 4096;

    /// <summary>The greatest length of a sound or clip, seconds. Default: 30 minutes.</summary>
    public double MaxSeconds { get; init; } = 30 * 60;

    /// <summary>The greatest number of samples of all channels of a sound together. Default: 250 million (1 GB of float32).</summary>
    public long MaxSamples { get; init; } = 250_000_000;

    /// <summary>The longest time that one call may take. Default: 60 seconds.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>These limits with pictures and frames of up to so many pixels.</summary>
    /// <param name="pixels">The greatest number of pixels of one picture or frame, at least 1. A clip may have as many in total.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public MediaLimits WithPixels(long pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pixels, 1);
        return this with { MaxPixels = pixels, MaxTotalPixels = Math.Max(pixels, MaxTotalPixels) };
    }
}
