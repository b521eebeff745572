using System.Text.RegularExpressions;
using Percept.Tests.Repository;

namespace Percept.Tests.Docs;

/// <summary>The transcript of README.md: commands, and what they print.</summary>
internal static partial class Transcript
{
    private const string Prompt = "$ percept ";

    /// <summary>The lines of the page's one block of a console.</summary>
    internal static string[] Lines()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "README.md"));
        return page.Split("```console\n")[1].Split("\n```")[0].Split('\n');
    }

    /// <summary>The commands, each with the lines that stand below it.</summary>
    internal static IReadOnlyList<(string[] Arguments, string Printed)> Commands()
    {
        var commands = new List<(string[], string)>();
        string[] lines = Lines();
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(Prompt, StringComparison.Ordinal))
            {
                string[] arguments = [.. Word().Matches(lines[i][Prompt.Length..]).Select(match => match.Value.Trim('"'))];
                commands.Add((arguments, string.Join('\n', lines[(i + 1)..].TakeWhile(line => !line.StartsWith(Prompt, StringComparison.Ordinal)))));
            }
        }

        return commands;
    }

    /// <summary>A text without what another run measures otherwise.</summary>
    internal static string Timeless(string text) => Measured().Replace(text, "#");

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b([\d.]+)( ms| s| tok/s)\b")]
    private static partial Regex Measured();
}
