namespace Percept.Media;

/// <summary>
/// Decodes chosen frames of clips: GIF, APNG and WebP animations and folders of pictures by code of our own, all others by
/// the FFmpeg program where it is installed.
/// </summary>
/// <remarks>Thread-safe. Holds no file open between calls.</remarks>
public sealed class VideoDecoder
{
    private readonly IClipSource _source;
    private readonly VideoDecodeOptions _options;

    private VideoDecoder(IClipSource source, VideoDecodeOptions options)
    {
        _source = source;
        _options = options;
    }

    /// <summary>What is known of the clip.</summary>
    public ClipInfo Info => _source.Info;

    /// <summary>Opens a clip and reads what its header says.</summary>
    /// <param name="path">A file, or a folder of pictures, which are taken in natural order (2 before 10).</param>
    /// <param name="options">Limits and the program; <see cref="VideoDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidDataException">It is no clip, or a broken one.</exception>
    /// <exception cref="MediaLimitException">It is greater than the limits allow.</exception>
    /// <exception cref="NotSupportedException">It needs the FFmpeg program, which is not installed.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static VideoDecoder Open(
        string path, VideoDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= VideoDecodeOptions.Default;
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        IClipSource source = Directory.Exists(path) ? new FrameFolder(path, options, guard)
            : AnimatedPicture.Matches(path, guard) ? new AnimatedPicture(path, guard)
            : new FfmpegClip(path, options.Ffmpeg ?? FfmpegProgram.Find(), guard);
        return new VideoDecoder(source, options);
    }

    /// <summary>Decodes frames.</summary>
    /// <param name="indices">Their numbers from 0, in any order; a number may stand more than once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The frames in the order asked for, upright, RGB.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="InvalidDataException">The clip is broken, or ends before its header says.</exception>
    /// <exception cref="MediaLimitException">The frames are more or greater than the limits allow.</exception>
    public IReadOnlyList<Image> Read(IReadOnlyList<int> indices, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(indices);
        int[] wanted = [.. indices.Distinct().Order()];
        foreach (int index in wanted)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(indices));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Info.FrameCount, nameof(indices));
        }

        var guard = new DecodeGuard(_options.Limits, cancellationToken);
        for (int i = 0; i < wanted.Length; i++)
        {
            guard.CountFrame(Info.Codec, i, Info.Width, Info.Height);
        }

        var frames = new Dictionary<int, Image>(wanted.Length);
        if (wanted.Length > 0)
        {
            foreach (Image frame in _source.Read(wanted, guard))
            {
                frames.Add(wanted[frames.Count], frame);
            }
        }

        return frames.Count == wanted.Length
            ? [.. indices.Select(index => frames[index])]
            : throw new InvalidDataException(
                $"The clip ends before frame {wanted[frames.Count]}, though its header promises {Info.FrameCount} frames.");
    }

    /// <summary>Decodes the frames that are shown at given times.</summary>
    /// <param name="seconds">The times from the start of the clip, in any order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>For each time the last frame that begins at or before it (the first one for earlier times).</returns>
    /// <exception cref="NotSupportedException">The source has no times.</exception>
    public IReadOnlyList<Image> ReadAt(IReadOnlyList<double> seconds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seconds);
        double[] times = Timestamps(cancellationToken);
        return Read([.. seconds.Select(Index)], cancellationToken);

        int Index(double second)
        {
            int place = Array.BinarySearch(times, second);
            return Math.Clamp(place >= 0 ? place : ~place - 1, 0, Math.Max(0, Info.FrameCount - 1));
        }
    }

    /// <summary>When each frame is shown, seconds from the start.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="NotSupportedException">The source has no times.</exception>
    public double[] Timestamps(CancellationToken cancellationToken = default) =>
        _source.Timestamps(new DecodeGuard(_options.Limits, cancellationToken))
        ?? throw new NotSupportedException(
            $"A folder of pictures has no times; state {nameof(VideoDecodeOptions)}.{nameof(VideoDecodeOptions.FolderFramesPerSecond)}.");

    /// <summary>Decodes the clip's first sound track.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The sound; null when the clip has none.</returns>
    public Sound? ReadSound(CancellationToken cancellationToken = default) =>
        _source.ReadSound(new DecodeGuard(_options.Limits, cancellationToken));
}
