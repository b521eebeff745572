using Percept.Inference;
using Percept.Media;
using Percept.Models;

namespace Percept.Cli;

/// <summary>Reads the pictures and clips that a command names, and says of each error which file it is about.</summary>
/// <param name="kinds">The kinds of media that the model takes.</param>
/// <param name="frames">How many frames of a clip are shown.</param>
/// <param name="limits">What is accepted at the most.</param>
/// <param name="input">Standard input, for the name <c>-</c>.</param>
internal sealed class MediaFileReader(IReadOnlyCollection<MediaKind> kinds, int frames, MediaLimits limits, CommandInput input)
{
    private const int MostPiped = 256 << 20;

    private readonly int _frames = frames >= 1
        ? frames
        : throw new CommandException($"--frames is {frames}, expected 1 or more");

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or the model does not take its kind.</exception>
    internal MediaContent Read(string file, CancellationToken cancellation)
    {
        MediaContent media;
        try
        {
            media = file == RunWords.StandardInput ? MediaLoader.Picture(Piped(), limits) : Load(file, cancellation);
        }
        catch (MediaLimitException refusal)
        {
            // Of what a program can raise, the command line raises one.
            string what = refusal.Message.Split("; raise ")[0].TrimEnd('.');
            string raise = refusal.Limit == nameof(MediaLimits.MaxPixels) ? $"raise {PixelLimit.Name} or " : "";
            throw new CommandException($"'{Name(file)}': {what}; {raise}make it smaller first");
        }
        catch (Exception failure) when (failure is InvalidDataException or NotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            throw new CommandException(
                failure.Message.Contains(file, StringComparison.Ordinal) ? failure.Message : $"'{Name(file)}': {failure.Message}");
        }

        return kinds.Contains(media.Kind) ? media : throw NotTaken(file, media.Kind == MediaKind.Video ? "a clip" : "a picture");
    }

    private CommandException NotTaken(string file, string what) => new(
        $"'{Name(file)}' is {what}, and this model takes " +
        (kinds.Count == 0 ? "text alone" : string.Join(" and ", kinds.Select(Name))) + "; choose a model that takes it");

    /// <summary>What a kind is called.</summary>
    internal static string Name(MediaKind kind) => kind switch
    {
        MediaKind.Image => "pictures",
        MediaKind.Video => "clips",
        _ => "sounds",
    };

    /// <summary>What a file is called in messages.</summary>
    internal static string Name(string file) => file == RunWords.StandardInput ? "standard input" : file;

    private MediaContent Load(string file, CancellationToken cancellation)
    {
        if (File.Exists(file))
        {
            CommandPaths.CheckFile("file", file);

            // What no installed program would help with is not asked for.
            if (!kinds.Contains(MediaKind.Video) && MediaInspection.ContainerOf(file) is { } container)
            {
                throw NotTaken(file, $"a clip or a sound ({container})");
            }
        }

        return MediaLoader.Load(file, _frames, limits, cancellation);
    }

    private byte[] Piped()
    {
        using Stream stream = input.OpenBytes();
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MostPiped)
            {
                throw new CommandException($"standard input has more than {ByteSize.Text(MostPiped)}; name a file instead");
            }
        }

        return bytes.Length > 0
            ? bytes.ToArray()
            : throw new CommandException("standard input is empty; pipe a picture into it, or name a file");
    }
}
