using System.Globalization;

namespace Percept.Bench;

/// <summary>Reads the words of a command line: options that stand alone and options with a value.</summary>
internal static class OptionWords
{
    /// <summary>Reads all words from one on.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="first">The first word to read.</param>
    /// <param name="take">
    /// Gets an option and the word behind it, null at the end. Tells how many words it has taken: 1, 2, or 0 for an option that it
    /// does not know or a value that does not suit it.
    /// </param>
    /// <returns>Whether all words were taken.</returns>
    internal static bool TryRead(string[] args, int first, Func<string, string?, int> take)
    {
        for (int i = first; i < args.Length;)
        {
            int taken = take(args[i], i + 1 < args.Length ? args[i + 1] : null);
            if (taken == 0)
            {
                return false;
            }

            i += taken;
        }

        return true;
    }

    /// <summary>The parts of a value between commas.</summary>
    internal static string[] Parts(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a value is a number from 1 to a greatest one.</summary>
    internal static bool TryCount(string? text, int most, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= 1 && count <= most;
}
