using System.Globalization;
using System.Text;

namespace Percept.Cli;

/// <summary>Shows a prompt as the model gets it.</summary>
internal static class PromptView
{
    // Placeholders of media come in hundreds: of a longer run only the number is told.
    private const int LongestRun = 3;

    /// <summary>Writes the rendered text, each line with a bar in front, and the ids.</summary>
    internal static void Write(TextWriter output, string prompt, IReadOnlyList<int> ids)
    {
        output.WriteLine("prompt:");
        foreach (string line in Lines(prompt))
        {
            output.WriteLine($"  │{line}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ids.Count} tokens: {Ids(ids)}"));
    }

    /// <summary>The lines of a prompt.</summary>
    internal static string[] Lines(string prompt) => prompt.ReplaceLineEndings("\n").Split('\n');

    /// <summary>The ids, with a run of the same as <c>id×count</c>.</summary>
    internal static string Ids(IReadOnlyList<int> ids)
    {
        var text = new StringBuilder();
        for (int at = 0; at < ids.Count;)
        {
            int end = at + 1;
            while (end < ids.Count && ids[end] == ids[at])
            {
                end++;
            }

            bool isLong = end - at > LongestRun;
            text.Append(text.Length == 0 ? "" : " ").Append(CultureInfo.InvariantCulture, $"{ids[at]}");
            if (isLong)
            {
                text.Append(CultureInfo.InvariantCulture, $"×{end - at}");
            }

            at = isLong ? end : at + 1;
        }

        return text.ToString();
    }
}
