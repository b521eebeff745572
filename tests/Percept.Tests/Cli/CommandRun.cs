using System.Globalization;
using System.Text.Json;
using Percept.Cli;
using Percept.Conformance;
using Percept.Media;

namespace Percept.Tests.Cli;

/// <summary>What a command printed.</summary>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    /// <summary>A tiny model that answers about pictures, with random weights: SigLIP, an MLP and Qwen2.</summary>
    internal static string TinyLlava { get; } = Path.Combine(
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"), "llava", "llava-1.5", "siglip-qwen2", "checkpoint");

    /// <summary>The output as JSON.</summary>
    internal JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Runs a command at a terminal where nobody types.</summary>
    internal static CommandRun Of(params string[] arguments) => Typing("", arguments);

    /// <summary>Runs a command at a terminal where lines are typed.</summary>
    internal static CommandRun Typing(string lines, params string[] arguments) =>
        Run(new CommandInput(new StringReader(lines), false, () => Stream.Null), arguments);

    /// <summary>Runs a command with something on standard input.</summary>
    internal static CommandRun Piping(byte[] bytes, params string[] arguments) => Run(
        new CommandInput(new StreamReader(new MemoryStream(bytes)), true, () => new MemoryStream(bytes)), arguments);

    /// <summary>Copies a checkpoint, to be broken.</summary>
    internal static string Copy(string checkpoint, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(checkpoint))
        {
            string copy = Path.Combine(target, Path.GetFileName(file));
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }

        return target;
    }

    /// <summary>Writes a picture of random colours.</summary>
    internal static string Picture(string path, int width = 40, int height = 30, int seed = 1)
    {
        var picture = new Image(width, height, PixelFormat.Rgb);
        new Random(seed).NextBytes(picture.Pixels);
        File.WriteAllBytes(path, PngEncoder.Encode(picture));
        return path;
    }

    private static CommandRun Run(CommandInput input, string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = PerceptCommand.Run(arguments, output, error, input);
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
