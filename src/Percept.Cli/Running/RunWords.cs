using System.Text;
using System.Text.RegularExpressions;

namespace Percept.Cli;

/// <summary>The words behind the model's name, or a line of a conversation: a question, and the files that it is about.</summary>
/// <param name="Question">The question; null when none is given.</param>
/// <param name="Files">Pictures and clips, in order.</param>
internal sealed partial record RunWords(string? Question, IReadOnlyList<string> Files)
{
    /// <summary>Standard input in the place of a file.</summary>
    internal const string StandardInput = "-";

    private const string Trailing = ",.;:!?)]";

    /// <summary>Endings by which a word is meant as a file even where there is none of this name.</summary>
    private static readonly HashSet<string> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".heic", ".avif", ".mp4", ".webm", ".mov", ".mkv",
        ".avi", ".m4v", ".wav", ".mp3", ".flac", ".ogg",
    };

    /// <summary>Tells words of a command line apart: what is no file is the question, of which there is one.</summary>
    /// <exception cref="CommandException">A word looks like a file that is not there, or there are two questions.</exception>
    internal static RunWords Parse(IReadOnlyList<string> words)
    {
        string? question = null;
        var files = new List<string>();
        foreach (string word in words)
        {
            if (FindFile(word) is { } path)
            {
                files.Add(path);
            }
            else if (question is null)
            {
                RunWords line = ParseLine(word);
                question = line.Question ?? word;
                files.AddRange(line.Files);
            }
            else
            {
                throw new CommandException(
                    $"there is no file '{word}', and the question is already \"{question}\"; put the question into quotation marks");
            }
        }

        return new RunWords(question, files);
    }

    /// <summary>
    /// Finds paths of media in a line that people typed or dragged files onto. In the question each is left as the file's name.
    /// </summary>
    /// <exception cref="CommandException">The line has the path of a file that is not there.</exception>
    internal static RunWords ParseLine(string line)
    {
        var files = new List<string>();
        var text = new StringBuilder();
        bool onlyFiles = true;
        for (int at = 0; at < line.Length;)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                text.Append(line[at++]);
                continue;
            }

            (string word, string rest) = NextWord(line, at);
            at += word.Length;
            if (FileIn(word) is not { } path)
            {
                text.Append(word);
                onlyFiles = false;
                continue;
            }

            at -= rest.Length;
            files.Add(path);
            text.Append(Path.GetFileName(path));
        }

        string question = text.ToString().Trim();
        return new RunWords(question.Length == 0 || (onlyFiles && files.Count > 0) ? null : question, files);

        // What trails a path, such as the sentence's full stop, is read again as text.
        string? FileIn(string word)
        {
            (string _, string rest) = Split(word);
            string bare = word[..^rest.Length];
            string path = CommandPaths.Expand(Unquoted(bare));
            RequireNoAddress(bare);
            return !HasEnding(path) ? null
                : Path.Exists(path) ? path
                : IsWrittenAsPath(bare) ? throw CommandPaths.Missing("file", path)
                : null;
        }
    }

    /// <summary>The file that a word of a command line names; null for a text.</summary>
    /// <exception cref="CommandException">The word looks like a file that is not there.</exception>
    internal static string? FindFile(string word)
    {
        if (word == StandardInput)
        {
            return word;
        }

        string path = CommandPaths.Expand(Unquoted(word));
        if (path.Length == 0 || Path.Exists(path))
        {
            return path.Length == 0 ? null : path;
        }

        RequireNoAddress(path);
        return !LooksLikeFile(path) || (path.AsSpan().ContainsAny(' ', '\t') && ParseLine(word).Files.Count > 0)
            ? null
            : throw CommandPaths.Missing("file", path);
    }

    /// <summary>A path as terminals paste one that was dragged onto them: in quotation marks, or with backslashes before blanks.</summary>
    internal static string Unquoted(string word)
    {
        word = word.Trim();
        if (word.Length > 1 && word[0] == word[^1] && word[0] is '"' or '\'')
        {
            return word[1..^1];
        }

        return word.StartsWith("file://", StringComparison.Ordinal) && Uri.TryCreate(word, UriKind.Absolute, out Uri? address)
            ? address.LocalPath
            : Path.DirectorySeparatorChar == '/' && !Path.Exists(word) ? Escape().Replace(word, "$1") : word;
    }

    /// <summary>The word at a place: up to the next blank, or in quotation marks if a medium's path stands in them.</summary>
    private static (string Word, string Tail) NextWord(string line, int at)
    {
        if (line[at] is '"' or '\'')
        {
            int end = line.IndexOf(line[at], at + 1);
            if (end > at && HasEnding(line[(at + 1)..end]))
            {
                return (line[at..(end + 1)], string.Empty);
            }
        }

        int stop = at;
        while (stop < line.Length && !char.IsWhiteSpace(line[stop]))
        {
            stop += line[stop] == '\\' && stop + 1 < line.Length && Path.DirectorySeparatorChar == '/' ? 2 : 1;
        }

        string word = line[at..Math.Min(stop, line.Length)];
        return (word, Split(word).Tail);
    }

    /// <summary>A word with what trails a path in a sentence apart; nothing trails where no path stands.</summary>
    private static (string Word, string Tail) Split(string word)
    {
        string bare = word.TrimEnd(Trailing.ToCharArray());
        return HasEnding(CommandPaths.Expand(Unquoted(bare))) ? (bare, word[bare.Length..]) : (word, string.Empty);
    }

    /// <summary>A picture behind an address would be missing silently: nothing is read from the network.</summary>
    private static void RequireNoAddress(string word)
    {
        if (Uri.TryCreate(word, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && HasEnding(address.AbsolutePath))
        {
            throw new CommandException($"'{word}' is an address, and files are read from this machine only; download it first");
        }
    }

    private static bool IsWrittenAsPath(string word) =>
        word.StartsWith("file://", StringComparison.Ordinal) || word[0] is '~' or '"' or '\''
        || word.Contains('/', StringComparison.Ordinal) || word.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Whether a path ends as pictures, clips and sounds do.</summary>
    internal static bool HasEnding(string path) =>
        s_endings.Contains(Path.GetExtension(path)) && Path.GetFileNameWithoutExtension(path).Length > 0;

    private static bool LooksLikeFile(string path) =>
        HasEnding(path) && !path.AsSpan().ContainsAny('?', '\n') && !path.TrimEnd().Contains(". ", StringComparison.Ordinal);

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();
}
