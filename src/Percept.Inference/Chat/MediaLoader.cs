using Percept.Media;
using Percept.Models;

namespace Percept.Inference;

/// <summary>Reads media for a conversation; what a file is, is found by its content.</summary>
public static class MediaLoader
{
    /// <summary>Frames that a clip is shown by, where nobody says another number.</summary>
    public const int DefaultFrames = 8;

    /// <summary>Reads a picture, or a clip of which frames are taken evenly.</summary>
    /// <param name="path">The file, or a folder of frames.</param>
    /// <param name="frames">How many frames of a clip.</param>
    /// <param name="limits">What is accepted at the most; null for <see cref="MediaLimits.Default"/>, pictures of 50 million pixels.</param>
    /// <param name="cancellation">Stops decoding of clips.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or begins like no picture or clip.</exception>
    /// <exception cref="MediaLimitException">The file asks for more than the limits allow.</exception>
    /// <exception cref="NotSupportedException">The file is of a kind that is not read.</exception>
    public static MediaContent Load(
        string path, int frames = DefaultFrames, MediaLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Path.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}'. Check the path.", path);
        }

        bool isKnown = true;
        if (File.Exists(path))
        {
            byte[] data = File.ReadAllBytes(path);
            if (ImageDecoder.Detect(data) is { } && ImageDecoder.Identify(data, Images(limits)).Frames <= 1)
            {
                return Picture(data, limits);
            }

            isKnown = ImageDecoder.Detect(data) is not null || ImageDecoder.DetectUndecoded(data) is not null
                || AudioDecoder.Detect(data) is not null;
        }

        try
        {
            return Clip(path, frames, limits ?? MediaLimits.Default, cancellation);
        }
        catch (NotSupportedException) when (!isKnown && FfmpegProgram.TryFind() is null)
        {
            // The program would not make a picture of, say, a page of text; asking for it sends people the wrong way.
            throw new InvalidDataException(
                $"'{path}' begins like no picture or clip of a known format. Check what it is; pictures are read as " +
                $"{string.Join(", ", ImageDecoder.Formats)}, and with the FFmpeg program, which is not installed, more kinds of clips.");
        }
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="limits">What is accepted at the most; null for <see cref="MediaLimits.Default"/>.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    /// <exception cref="MediaLimitException">The picture asks for more than the limits allow.</exception>
    /// <exception cref="NotSupportedException">They are of a kind that is not read.</exception>
    public static MediaContent Picture(ReadOnlyMemory<byte> data, MediaLimits? limits = null) =>
        MediaContent.Of(ImageDecoder.Decode(data, Images(limits)));

    private static ImageDecodeOptions Images(MediaLimits? limits) =>
        limits is null ? ImageDecodeOptions.Default : new ImageDecodeOptions { Limits = limits };

    private static MediaContent Clip(string path, int frames, MediaLimits limits, CancellationToken cancellation)
    {
        // A folder of frames has no times; any rate chooses the same frames.
        bool hasTimes = !Directory.Exists(path);
        var options = new VideoDecodeOptions { Limits = limits, FolderFramesPerSecond = hasTimes ? null : 1 };
        VideoDecoder decoder = VideoDecoder.Open(path, options, cancellation);
        double[] times = decoder.Timestamps(cancellation);
        int[] chosen = FrameSampling.EndToEnd(new ClipFrames(times.Length, decoder.Info.FramesPerSecond ?? 1), Math.Min(frames, times.Length));
        return MediaContent.Clip(decoder.Read(chosen, cancellation), hasTimes ? [.. chosen.Select(i => times[i])] : null);
    }
}
