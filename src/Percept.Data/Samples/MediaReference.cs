using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Percept.Media;

namespace Percept.Data;

/// <summary>
/// A medium that a sample speaks of, not yet decoded: a file, bytes, or something that is drawn when it is asked for.
/// </summary>
/// <remarks>Safe for several threads; decodes anew with each call. Its hash is computed once.</remarks>
public sealed class MediaReference
{
    private readonly ReadOnlyMemory<byte>? _bytes;
    private readonly Func<Image>? _draw;
    private readonly Func<IReadOnlyList<Image>>? _frames;
    private readonly Func<Sound>? _sound;
    private string? _hash;

    private MediaReference(
        DataPartKind kind, string name, string? path = null, ReadOnlyMemory<byte>? bytes = null,
        Func<Image>? draw = null, Func<IReadOnlyList<Image>>? frames = null, Func<Sound>? sound = null)
    {
        Kind = kind;
        Name = name;
        Path = path;
        _bytes = bytes;
        _draw = draw;
        _frames = frames;
        _sound = sound;
    }

    /// <summary>A picture, a clip or sound.</summary>
    public DataPartKind Kind { get; }

    /// <summary>What the dataset calls it: the path as it stands in the file, or the name of what is drawn.</summary>
    public string Name { get; }

    /// <summary>The file, or for a clip the folder of its frames; null for bytes and for what is drawn.</summary>
    public string? Path { get; }

    /// <summary>The files of a clip whose frames stand in files of their own; else empty.</summary>
    public IReadOnlyList<string> FramePaths { get; private init; } = [];

    /// <summary>Whether the medium is made when it is asked for, and stands in no file.</summary>
    public bool IsDrawn => Path is null && _bytes is null && FramePaths.Count == 0;

    /// <summary>A file.</summary>
    /// <param name="kind">What it is; not text.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="name">What the dataset calls it; the path where left out.</param>
    public static MediaReference File(DataPartKind kind, string path, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new MediaReference(Medium(kind), name ?? path, path: path);
    }

    /// <summary>The bytes of a file.</summary>
    /// <param name="kind">What it is: a picture or sound.</param>
    /// <param name="name">What the dataset calls it.</param>
    /// <param name="bytes">The bytes; not copied.</param>
    public static MediaReference Bytes(DataPartKind kind, string name, ReadOnlyMemory<byte> bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new MediaReference(Medium(kind), name, bytes: bytes);
    }

    /// <summary>A clip whose frames stand in files of their own.</summary>
    /// <param name="name">What the dataset calls it.</param>
    /// <param name="paths">The files in order, at least one.</param>
    public static MediaReference Frames(string name, IReadOnlyList<string> paths)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count, nameof(paths));
        return new MediaReference(DataPartKind.Video, name) { FramePaths = paths };
    }

    /// <summary>A picture that is drawn when it is asked for.</summary>
    /// <param name="name">What the dataset calls it.</param>
    /// <param name="draw">Draws it; gives the same picture each time, and may be called by several threads.</param>
    public static MediaReference Drawn(string name, Func<Image> draw)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(draw);
        return new MediaReference(DataPartKind.Image, name, draw: draw);
    }

    /// <summary>A clip whose frames are drawn when they are asked for.</summary>
    /// <param name="name">What the dataset calls it.</param>
    /// <param name="frames">Draws all frames in order; gives the same each time, and may be called by several threads.</param>
    public static MediaReference DrawnClip(string name, Func<IReadOnlyList<Image>> frames)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(frames);
        return new MediaReference(DataPartKind.Video, name, frames: frames);
    }

    /// <summary>Sound that is made when it is asked for.</summary>
    /// <param name="name">What the dataset calls it.</param>
    /// <param name="sound">Makes it; gives the same each time, and may be called by several threads.</param>
    public static MediaReference DrawnSound(string name, Func<Sound> sound)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(sound);
        return new MediaReference(DataPartKind.Audio, name, sound: sound);
    }

    /// <summary>The bytes of the file.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The medium stands in no one file.</exception>
    public ReadOnlyMemory<byte> ReadBytes() => _bytes ?? (Path is { } path
        ? System.IO.File.ReadAllBytes(path)
        : throw new InvalidOperationException($"'{Name}' stands in no one file; ask for the picture, the frames or the sound instead."));

    /// <summary>Decodes or draws the picture, upright.</summary>
    /// <param name="options">Limits; <see cref="ImageDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="InvalidOperationException">It is no picture.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not decoded.</exception>
    public Image LoadImage(ImageDecodeOptions? options = null, CancellationToken cancellation = default)
    {
        Require(DataPartKind.Image);
        return _draw is { } draw ? draw() : ImageDecoder.Decode(ReadBytes(), options, cancellation);
    }

    /// <summary>Decodes or makes the sound.</summary>
    /// <param name="options">Limits; <see cref="AudioDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="InvalidOperationException">It is no sound.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not decoded.</exception>
    public Sound LoadSound(AudioDecodeOptions? options = null, CancellationToken cancellation = default)
    {
        Require(DataPartKind.Audio);
        return _sound is { } sound ? sound()
            : Path is { } path ? AudioDecoder.DecodeFile(path, options, cancellation)
            : AudioDecoder.Decode(_bytes!.Value, options, cancellation);
    }

    /// <summary>Decodes or draws frames of the clip.</summary>
    /// <param name="choose">Chooses the frames of a clip of so many frames and so many frames a second (1 where nobody knows).</param>
    /// <param name="options">Limits; <see cref="VideoDecodeOptions.Default"/> when left out.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The chosen frames, and when each is shown in seconds; null where nobody knows.</returns>
    /// <exception cref="InvalidOperationException">It is no clip.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that is not decoded, or given as bytes.</exception>
    public (IReadOnlyList<Image> Frames, IReadOnlyList<double>? Times) LoadClip(
        Func<ClipFrames, int[]> choose, VideoDecodeOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(choose);
        Require(DataPartKind.Video);
        if (_frames is { } draw)
        {
            IReadOnlyList<Image> drawn = draw();
            return ([.. choose(new ClipFrames(drawn.Count, 1)).Select(i => drawn[i])], null);
        }

        if (FramePaths.Count > 0)
        {
            var still = new ImageDecodeOptions { Limits = (options ?? VideoDecodeOptions.Default).Limits };
            int[] wanted = choose(new ClipFrames(FramePaths.Count, 1));
            return ([.. wanted.Select(i => ImageDecoder.Decode(System.IO.File.ReadAllBytes(FramePaths[i]), still, cancellation))], null);
        }

        if (Path is null)
        {
            throw new NotSupportedException($"The clip '{Name}' is given as bytes; write it into a file first.");
        }

        // A folder of frames has no times; any rate chooses the same frames.
        bool hasTimes = !Directory.Exists(Path);
        VideoDecodeOptions settings = options ?? VideoDecodeOptions.Default;
        VideoDecoder clip = VideoDecoder.Open(
            Path, hasTimes ? settings : settings with { FolderFramesPerSecond = settings.FolderFramesPerSecond ?? 1 }, cancellation);
        double[] times = clip.Timestamps(cancellation);
        int[] chosen = choose(new ClipFrames(times.Length, clip.Info.FramesPerSecond ?? 1));
        return (clip.Read(chosen, cancellation), hasTimes ? [.. chosen.Select(i => times[i])] : null);
    }

    /// <summary>A hash of the content: of the file's bytes, or of what is drawn. Names and places have no part in it.</summary>
    /// <returns>64 hexadecimal digits (SHA-256).</returns>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public string ContentHash() => _hash ??= ComputeHash();

    /// <summary>The kind and the name.</summary>
    public override string ToString() => $"{Kind} {Name}";

    private static DataPartKind Medium(DataPartKind kind) => kind is DataPartKind.Image or DataPartKind.Video or DataPartKind.Audio
        ? kind
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "A medium is an image, a video or audio.");

    private void Require(DataPartKind kind)
    {
        if (Kind != kind)
        {
            throw new InvalidOperationException($"'{Name}' is {Kind}, not {kind}.");
        }
    }

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (_sound is { } sound)
        {
            Sound made = sound();
            hash.AppendData(MemoryMarshal.AsBytes<int>([made.Channels, made.Length, made.SampleRate]));
            hash.AppendData(MemoryMarshal.AsBytes(made.Samples));
        }
        else if (IsDrawn)
        {
            foreach (Image frame in _draw is { } draw ? [draw()] : _frames!())
            {
                hash.AppendData(MemoryMarshal.AsBytes<int>([(int)frame.Format, frame.Width, frame.Height]));
                hash.AppendData(frame.Pixels);
            }
        }
        else if (FramePaths.Count > 0)
        {
            foreach (string file in FramePaths)
            {
                AppendFile(hash, file);
            }
        }
        else if (Path is { } folder && Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                HashText.Append(hash, System.IO.Path.GetFileName(file));
                AppendFile(hash, file);
            }
        }
        else if (Path is { } path)
        {
            AppendFile(hash, path);
        }
        else
        {
            hash.AppendData(_bytes!.Value.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendFile(IncrementalHash hash, string path)
    {
        using FileStream stream = System.IO.File.OpenRead(path);
        byte[] buffer = new byte[64 * 1024];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            hash.AppendData(buffer, 0, read);
        }
    }
}
