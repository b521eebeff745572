namespace Percept.Media;

/// <summary>Decodes pictures. The format is found by content, never by the file's name.</summary>
/// <remarks>
/// All methods are thread-safe. Broken files give <see cref="InvalidDataException"/>, features that are not decoded
/// <see cref="NotSupportedException"/>, files over the limits <see cref="MediaLimitException"/>.
/// </remarks>
public static class ImageDecoder
{
    /// <summary>Every format that is decoded: one line each.</summary>
    private static readonly ImageCodec[] s_codecs =
    [
        PngDecoder.Codec,
        JpegCodec.Codec,
        GifDecoder.Codec,
        BmpDecoder.Codec,
        WebPDecoder.Codec,
        PnmDecoder.Codec,
        TiffDecoder.Codec,
    ];

    /// <summary>The formats that are decoded.</summary>
    public static IReadOnlyList<ImageFormat> Formats { get; } = [.. s_codecs.Select(codec => codec.Format)];

    /// <summary>The format of a file by its first bytes; null when it is no picture that is decoded here.</summary>
    /// <param name="data">The file.</param>
    public static ImageFormat? Detect(ReadOnlySpan<byte> data)
    {
        foreach (ImageCodec codec in s_codecs)
        {
            if (codec.Matches(data))
            {
                return codec.Format;
            }
        }

        return null;
    }

    /// <summary>
    /// The name of a format of pictures that is known but not decoded: <c>HEIC</c> or <c>AVIF</c>. Null for all other files.
    /// </summary>
    /// <param name="data">The file.</param>
    public static string? DetectUndecoded(ReadOnlySpan<byte> data) => ExternalFormats.PictureOf(data);

    /// <summary>Reads what the header says, without decoding the picture.</summary>
    /// <param name="data">The file.</param>
    /// <param name="options">Limits; <see cref="ImageDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidDataException">It is no picture, or a broken one.</exception>
    public static ImageInfo Identify(
        ReadOnlyMemory<byte> data, ImageDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= ImageDecodeOptions.Default;
        return Find(data, options).Identify(data, new DecodeGuard(options.Limits, cancellationToken));
    }

    /// <summary>Decodes the picture, of a clip its first frame.</summary>
    /// <param name="data">The file.</param>
    /// <param name="options">Limits, orientation, threads; <see cref="ImageDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every row.</param>
    /// <returns>The picture in the format that the file stores (see <see cref="ImageInfo.Format"/>).</returns>
    /// <exception cref="InvalidDataException">It is no picture, or a broken one.</exception>
    /// <exception cref="MediaLimitException">It is greater than the limits allow.</exception>
    public static Image Decode(
        ReadOnlyMemory<byte> data, ImageDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= ImageDecodeOptions.Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        ImageCodec codec = Find(data, options);
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        DecodedPicture picture = codec.Decode(data, guard, options.Threads);
        return options.ApplyOrientation ? picture.Image.Oriented(picture.Orientation) : picture.Image;
    }

    /// <summary>Decodes all frames of a clip, one after the other; a still picture is a clip of one frame.</summary>
    /// <param name="data">The file.</param>
    /// <param name="options">Limits; <see cref="ImageDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static IEnumerable<ImageFrame> DecodeFrames(
        ReadOnlyMemory<byte> data, ImageDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= ImageDecodeOptions.Default;
        ImageCodec codec = Find(data, options);
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        if (codec.Frames is not { } frames)
        {
            throw new NotSupportedException($"{codec.Format} has no frames.");
        }

        int orientation = options.ApplyOrientation ? codec.Identify(data, guard).Orientation : 1;
        return orientation == 1
            ? frames(data, guard)
            : frames(data, guard).Select(frame => frame with { Image = frame.Image.Oriented(orientation) });
    }

    private static ImageCodec Find(ReadOnlyMemory<byte> data, ImageDecodeOptions options)
    {
        if (data.Length > options.Limits.MaxBytes)
        {
            throw new MediaLimitException(
                $"The file has {data.Length} bytes, more than the {options.Limits.MaxBytes} allowed; " +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxBytes)}.");
        }

        ReadOnlySpan<byte> span = data.Span;
        foreach (ImageCodec codec in s_codecs)
        {
            if (codec.Matches(span))
            {
                return codec;
            }
        }

        if (ExternalFormats.PictureOf(span) is { } coded)
        {
            throw new NotSupportedException($"{coded} pictures are not decoded; convert the file to JPEG or PNG first.");
        }

        throw new InvalidDataException(
            data.Length == 0
                ? "The file is empty."
                : $"The file is no picture of a known format; known are {string.Join(", ", Formats)}.");
    }
}
