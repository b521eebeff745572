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

        return null;
    }

    /// <summary>Reads what the header says, without decoding the sound.</summary>
    /// <param name="data">The file.</param>
    /// <param name="options">Limits; <see cref="AudioDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidDataException">It is no sound, or a broken one.</exception>
    public static AudioInfo Identify(
        ReadOnlyMemory<byte> data, AudioDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= AudioDecodeOptions.Default;
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        return Find(data, guard).Identify(data, guard);
    }

    /// <summary>Decodes a sound.</summary>
    /// <param name="data">The file.</param>
    /// <param name="options">Limits and checks; <see cref="AudioDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every block.</param>
    /// <exception cref="InvalidDataException">It is no sound, or a broken one.</exception>
    /// <exception cref="MediaLimitException">It is greater than the limits allow.</exception>
    public static Sound Decode(
        ReadOnlyMemory<byte> data, AudioDecodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= AudioDecodeOptions.Default;
        var guard = new DecodeGuard(options.Limits, cancellationToken);
        return Find(data, guard).Decode(data, guard, options.VerifyChecksum);
    }

    private static AudioCodec Find(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        guard.CheckBytes(data.Length);
        ReadOnlySpan<byte> span = data.Span;
        foreach (AudioCodec codec in s_codecs)
        {
            if (codec.Matches(span))
            {
                return codec;
            }
        }

        throw new InvalidDataException(
            data.Length == 0
                ? "The file is empty."
                : $"The file is no sound of a known format; known are {string.Join(", ", Formats)}.");
    }
}
