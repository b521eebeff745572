namespace Percept.Media;

/// <summary>Decodes sounds. The format is found by content, never by the file's name.</summary>
/// <remarks>
/// All methods are thread-safe. Broken files give <see cref="InvalidDataException"/>, features that are not decoded
/// <see cref="NotSupportedException"/>, files over the limits <see cref="MediaLimitException"/>.
/// </remarks>
public static class AudioDecoder
{
    /// <summary>Every format that is decoded here: one line each. MP3 is last: it has the weakest signature.</summary>
    private static readonly AudioCodec[] s_codecs =
    [
        new(AudioFormat.Wav, WavReader.Matches, WavReader.Identify, WavReader.Decode),
        new(AudioFormat.Flac, FlacReader.Matches, FlacReader.Identify, FlacReader.Decode),
        new(AudioFormat.Mp3, Mp3Reader.Matches, Mp3Reader.Identify, Mp3Reader.Decode),
    ];

    /// <summary>The formats that are decoded without any other program.</summary>
    public static IReadOnlyList<AudioFormat> Formats { get; } = [.. s_codecs.Select(codec => codec.Format)];

    /// <summary>The format of a file by its first bytes; null when it is no sound that is known here.</summary>
    /// <param name="data">The file.</param>
    public static AudioFormat? Detect(ReadOnlySpan<byte> data)
    {
        foreach (AudioCodec codec in s_codecs)
        {
            if (codec.Matches(data))
            {
                return codec.Format;
            }
        }

        return ExternalFormats.Matches(data) ? AudioFormat.External : null;
    }

    /// <summary>
    /// The name of the container of a file that the FFmpeg program decodes: <c>Ogg</c>, <c>MP4</c> and others. Null when it is none.
    /// </summary>
    /// <param name="data">The file.</param>
    public static string? DetectContainer(ReadOnlySpan<byte> data) => ExternalFormats.NameOf(data);

    /// <summary>Reads what the header says, without decoding the sound.</summary>
    /// <param name="data">The file, of one of <see cref="Formats"/>.</param>
    /// <param name="options">Limits; <see cref="AudioDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidDataException">It is no sound, or a broken one.</exception>
    /// <exception cref="NotSupportedException">The format is <see cref="AudioFormat.External"/>.</exception>
    public static AudioInfo Identify(
        ReadOnlyMemory<byte> data, AudioDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= AudioDecodeOptions.Default;
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        guard.CheckBytes(data.Length);
        AudioCodec codec = Find(data.Span) ?? throw (ExternalFormats.Matches(data.Span)
            ? (Exception)new NotSupportedException("Headers of this format are not read here; decode the file.")
            : Unknown(data.Length));
        return codec.Identify(data, guard);
    }

    /// <summary>Decodes a sound.</summary>
    /// <param name="data">The file.</param>
    /// <param name="options">Limits and checks; <see cref="AudioDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every block.</param>
    /// <exception cref="InvalidDataException">It is no sound, or a broken one.</exception>
    /// <exception cref="MediaLimitException">It is greater than the limits allow.</exception>
    /// <exception cref="NotSupportedException">It needs the FFmpeg program, which is not installed.</exception>
    public static Sound Decode(
        ReadOnlyMemory<byte> data, AudioDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= AudioDecodeOptions.Default;
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        guard.CheckBytes(data.Length);
        if (Find(data.Span) is { } codec)
        {
            return codec.Decode(data, guard, options.VerifyChecksum);
        }

        return ExternalFormats.Matches(data.Span)
            ? FfmpegAudio.Decode(data, options.Ffmpeg ?? FfmpegProgram.Find(), guard)
            : throw Unknown(data.Length);
    }

    /// <summary>Decodes a sound file, or the first sound track of a clip.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and checks; <see cref="AudioDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every block.</param>
    /// <exception cref="InvalidDataException">It is no sound, or a broken one.</exception>
    /// <exception cref="MediaLimitException">It is greater than the limits allow.</exception>
    /// <exception cref="NotSupportedException">It needs the FFmpeg program, which is not installed.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static Sound DecodeFile(
        string path, AudioDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= AudioDecodeOptions.Default;
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        byte[] data = MediaFiles.Read(path, guard);
        return Find(data) is null && ExternalFormats.Matches(data)
            ? FfmpegAudio.Decode(path, options.Ffmpeg ?? FfmpegProgram.Find(), guard)
            : Decode(data, options, cancellationToken);
    }

    private static AudioCodec? Find(ReadOnlySpan<byte> data)
    {
        foreach (AudioCodec codec in s_codecs)
        {
            if (codec.Matches(data))
            {
                return codec;
            }
        }

        return null;
    }

    private static InvalidDataException Unknown(int length) => new(
        length == 0
            ? "The file is empty."
            : $"The file is no sound of a known format; known are {string.Join(", ", Formats)}, and what the FFmpeg program reads.");
}
