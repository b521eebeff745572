namespace Percept.Media;

/// <summary>A folder of pictures as a clip, in natural order of their names.</summary>
internal sealed class FrameFolder : IClipSource
{
    private static readonly HashSet<string> s_extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".ppm", ".pgm", ".pbm", ".pnm", ".tif", ".tiff",
    };

    private readonly string[] _files;
    private readonly double? _rate;

    internal FrameFolder(string folder, VideoDecodeOptions options, DecodeGuard guard)
    {
        _files = [.. Directory.EnumerateFiles(folder).Where(file => s_extensions.Contains(Path.GetExtension(file)))
            .Take(guard.Limits.MaxFrames + 1)];
        if (_files.Length == 0)
        {
            throw new InvalidDataException($"The folder '{folder}' holds no pictures.");
        }

        if (_files.Length > guard.Limits.MaxFrames)
        {
            throw new MediaLimitException(
                $"The folder '{folder}' holds more than the {guard.Limits.MaxFrames} pictures allowed; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxFrames)}.");
        }

        Array.Sort(_files, static (a, b) => NaturalOrder.Compare(Path.GetFileName(a), Path.GetFileName(b)));
        _rate = options.FolderFramesPerSecond;
        ImageInfo first = ImageDecoder.Identify(Load(_files[0], guard), Options(guard), guard.Cancellation);
        Info = new ClipInfo(
            first.UprightWidth, first.UprightHeight, _files.Length, _rate, _files.Length / _rate, 0, false, "pictures");
    }

    public ClipInfo Info { get; }

    public IEnumerable<Image> Read(IReadOnlyList<int> indices, DecodeGuard guard)
    {
        foreach (int index in indices)
        {
            guard.Tick();
            Image image = ImageDecoder.Decode(Load(_files[index], guard), Options(guard), guard.Cancellation);
            yield return image.Width == Info.Width && image.Height == Info.Height
                ? image.Convert(PixelFormat.Rgb)
                : throw new InvalidDataException(
                    $"The picture '{Path.GetFileName(_files[index])}' has {image.Width}×{image.Height} pixels, the first of the " +
                    $"folder {Info.Width}×{Info.Height}; the frames of a clip have one size.");
        }
    }

    public double[]? Timestamps(DecodeGuard guard) => _rate is { } rate
        ? [.. Enumerable.Range(0, _files.Length).Select(i => i / rate)]
        : null;

    public Sound? ReadSound(DecodeGuard guard) => null;

    private static ImageDecodeOptions Options(DecodeGuard guard) => new() { Limits = guard.Limits };

    private static byte[] Load(string file, DecodeGuard guard) => MediaFiles.Read(file, guard);
}
