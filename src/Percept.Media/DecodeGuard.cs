namespace Percept.Media;

/// <summary>Holds one decoding call to its limits: sizes before memory is taken, time and cancellation while it runs.</summary>
internal sealed class DecodeGuard(MediaLimits limits, CancellationToken cancellation)
{
    private readonly long _end = Environment.TickCount64 + (long)Math.Min(limits.MaxTime.TotalMilliseconds, int.MaxValue);
    private long _totalPixels;

    internal MediaLimits Limits { get; } = limits;

    internal CancellationToken Cancellation { get; } = cancellation;

    /// <summary>The time that is left until the limit.</summary>
    internal TimeSpan TimeLeft => TimeSpan.FromMilliseconds(Math.Max(0, _end - Environment.TickCount64));

    /// <summary>Checks the size of a picture before its memory is taken.</summary>
    /// <exception cref="InvalidDataException">A side is below 1.</exception>
    /// <exception cref="MediaLimitException">It has more pixels than allowed.</exception>
    internal void CheckPicture(string kind, long width, long height)
    {
        if (width < 1 || height < 1)
        {
            throw new InvalidDataException($"The {kind} picture says that it has {width}×{height} pixels.");
        }

        if (width > int.MaxValue || height > int.MaxValue || width > Limits.MaxPixels / height)
        {
            throw new MediaLimitException(
                $"The {kind} picture has {width}×{height} pixels, more than the {Limits.MaxPixels} allowed; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxPixels)} or shrink the picture first.",
                nameof(MediaLimits.MaxPixels));
        }
    }

    /// <summary>Counts a frame of a clip before its memory is taken.</summary>
    internal void CountFrame(string kind, int index, long width, long height)
    {
        CheckPicture(kind, width, height);
        _totalPixels += width * height;
        if (index >= Limits.MaxFrames)
        {
            throw new MediaLimitException(
                $"The {kind} clip has more than the {Limits.MaxFrames} frames allowed; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxFrames)} or cut the clip first.");
        }

        if (_totalPixels > Limits.MaxTotalPixels)
        {
            throw new MediaLimitException(
                $"The frames of the {kind} clip have more than the {Limits.MaxTotalPixels} pixels allowed in total; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxTotalPixels)} or cut the clip first.");
        }
    }

    /// <summary>Checks the size of a file before anything of it is read.</summary>
    internal void CheckBytes(long bytes)
    {
        if (bytes > Limits.MaxBytes)
        {
            throw new MediaLimitException(
                $"The file has {bytes} bytes, more than the {Limits.MaxBytes} allowed; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxBytes)}.");
        }
    }

    /// <summary>Checks the number of samples of a sound before their memory is taken.</summary>
    internal void CheckSound(string kind, long samplesPerChannel, int sampleRate, int channels)
    {
        if (samplesPerChannel > Limits.MaxSeconds * sampleRate)
        {
            throw new MediaLimitException(FormattableString.Invariant(
                $"The {kind} sound lasts {samplesPerChannel / (double)sampleRate:f0} s, more than the {Limits.MaxSeconds:f0} s allowed; ") +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxSeconds)} or cut it first.");
        }

        long most = Math.Min(Limits.MaxSamples, Array.MaxLength);
        if (samplesPerChannel > most / channels)
        {
            throw new MediaLimitException(
                $"The {kind} sound has {samplesPerChannel} samples in each of {channels} channels, more than the {most} allowed; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxSamples)} or cut it first.");
        }
    }

    /// <summary>To be called for every row or block: honours cancellation and the time limit.</summary>
    internal void Tick()
    {
        Cancellation.ThrowIfCancellationRequested();
        if (Environment.TickCount64 > _end)
        {
            throw new MediaLimitException(FormattableString.Invariant(
                $"Decoding took longer than the {Limits.MaxTime.TotalSeconds:g} s allowed; ") +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxTime)}.");
        }
    }
}
