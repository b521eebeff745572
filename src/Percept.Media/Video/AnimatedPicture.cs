namespace Percept.Media;

/// <summary>A GIF, APNG or WebP animation, or any single picture, as a clip.</summary>
internal sealed class AnimatedPicture : IClipSource
{
    private const int SignatureBytes = 4096;

    private readonly byte[] _file;
    private readonly double[] _starts;

    internal AnimatedPicture(string path, DecodeGuard guard)
    {
        _file = MediaFiles.Read(path, guard);
        ImageInfo info = ImageDecoder.Identify(_file, Options(guard), guard.Cancellation);
        var starts = new List<double>();
        double end = 0;

        // Durations stand with the frames; only the numbers are kept.
        foreach (ImageFrame frame in Frames(info, guard))
        {
            guard.Tick();
            starts.Add(end / 1000);
            end += frame.DurationMilliseconds;
        }

        _starts = [.. starts];
        Info = new ClipInfo(
            info.UprightWidth, info.UprightHeight, starts.Count, end > 0 ? starts.Count * 1000 / end : null,
            end > 0 ? end / 1000 : null, 0, false, info.FileFormat.ToString());
    }

    public ClipInfo Info { get; }

    internal static bool Matches(string path, DecodeGuard guard)
    {
        MediaFiles.Check(path);
        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[Math.Min(SignatureBytes, file.Length)];
        file.ReadExactly(start);
        return ImageDecoder.Detect(start) is not null;
    }

    public IEnumerable<Image> Read(IReadOnlyList<int> indices, DecodeGuard guard)
    {
        ImageInfo info = ImageDecoder.Identify(_file, Options(guard), guard.Cancellation);
        int at = 0;
        int next = 0;
        foreach (ImageFrame frame in Frames(info, guard))
        {
            guard.Tick();
            if (at++ != indices[next])
            {
                continue;
            }

            yield return frame.Image.Convert(PixelFormat.Rgb);
            if (++next == indices.Count)
            {
                yield break;
            }
        }
    }

    public double[]? Timestamps(DecodeGuard guard) => _starts;

    public Sound? ReadSound(DecodeGuard guard) => null;

    private static ImageDecodeOptions Options(DecodeGuard guard) => new() { Limits = guard.Limits };

    private IEnumerable<ImageFrame> Frames(ImageInfo info, DecodeGuard guard) => info.Frames > 1
        ? ImageDecoder.DecodeFrames(_file, Options(guard), guard.Cancellation)
        : [new ImageFrame(ImageDecoder.Decode(_file, Options(guard), guard.Cancellation), 0)];
}
