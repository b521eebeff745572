using System.CommandLine;
using Percept.Media;

namespace Percept.Cli;

/// <summary>The option that says how great a picture may be.</summary>
internal sealed class PixelLimit
{
    /// <summary>The option's name.</summary>
    internal const string Name = "--max-pixels";

    private readonly Option<long> _option;

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="description">What the limit means there.</param>
    internal PixelLimit(Command command, string description = "Decode pictures of up to so many pixels.")
    {
        _option = new Option<long>(Name)
        {
            Description = description, DefaultValueFactory = _ => MediaLimits.Default.MaxPixels,
        };
        command.Options.Add(_option);
    }

    /// <summary>What decoders accept.</summary>
    /// <exception cref="CommandException">The number is below 1.</exception>
    internal MediaLimits Read(ParseResult parsed) => parsed.GetValue(_option) is >= 1 and var pixels
        ? MediaLimits.Default.WithPixels(pixels)
        : throw new CommandException($"{Name} is {parsed.GetValue(_option)}; it must be at least 1");
}
