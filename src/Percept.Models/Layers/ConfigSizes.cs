using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Reads sizes out of configurations, checked.</summary>
internal static class ConfigSizes
{
    /// <summary>A number of 1 or more.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="missing">What holds where no spelling is there.</param>
    /// <param name="names">The spellings.</param>
    /// <exception cref="InvalidDataException">It is less than 1, or no whole number.</exception>
    internal static int Size(this ConfigReader config, int missing, params ReadOnlySpan<string> names)
    {
        int value = config.FindInt(names) ?? missing;
        return value >= 1
            ? value
            : throw new InvalidDataException($"'{names[0]}' in '{config.File}' is {value}, expected 1 or more.");
    }

    /// <summary>Checks that heads divide the channels.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="hidden">Channels.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="name">The key of the heads.</param>
    /// <exception cref="InvalidDataException">They do not.</exception>
    internal static void RequireHeads(this ConfigReader config, int hidden, int heads, string name)
    {
        if (hidden % heads != 0)
        {
            throw new InvalidDataException(
                $"'{name}' in '{config.File}' is {heads}, which does not divide the {hidden} channels.");
        }
    }

    /// <summary>Refuses a flag that is set.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="names">The flags.</param>
    /// <exception cref="NotSupportedException">One of them is true.</exception>
    internal static void RefuseFlags(this ConfigReader config, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (config.Flag(name, false))
            {
                throw config.Unsupported(name, "true", "false");
            }
        }
    }
}
