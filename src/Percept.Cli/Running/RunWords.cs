namespace Percept.Cli;

/// <summary>The words behind the model's name: one question, and the files that it is about.</summary>
/// <param name="Question">The question; null when none is given.</param>
/// <param name="Files">Pictures and clips.</param>
internal sealed record RunWords(string? Question, IReadOnlyList<string> Files)
{
    /// <summary>Endings by which a word is meant as a file even where there is none of this name.</summary>
    private static readonly HashSet<string> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".heic", ".avif", ".mp4", ".webm", ".mov", ".mkv",
        ".avi", ".m4v", ".wav", ".mp3", ".flac", ".ogg",
    };

    /// <summary>Tells words apart: the first that is no file is the question.</summary>
    /// <exception cref="CommandException">A word looks like a file that is not there, or there are two questions.</exception>
    internal static RunWords Parse(IReadOnlyList<string> words)
    {
        string? question = null;
        var files = new List<string>();
        foreach (string word in words)
        {
            string path = CommandPaths.Expand(Unquoted(word));
            if (Path.Exists(path))
            {
                files.Add(path);
            }
            else if (LooksLikeFile(path))
            {
                throw CommandPaths.Missing("file", path);
            }
            else if (question is null)
            {
                question = word;
            }
            else
            {
                throw new CommandException(
                    $"there is no file '{word}', and the question is already \"{question}\"; put the question into quotation marks");
            }
        }

        return new RunWords(question, files);
    }

    /// <summary>A path as terminals paste one that was dragged onto them: in quotation marks, or with backslashes before spaces.</summary>
    private static string Unquoted(string word)
    {
        word = word.Trim();
        if (word.Length > 1 && word[0] == word[^1] && word[0] is '"' or '\'')
        {
            return word[1..^1];
        }

        return word.StartsWith("file://", StringComparison.Ordinal) && Uri.TryCreate(word, UriKind.Absolute, out Uri? address)
            ? address.LocalPath
            : Path.DirectorySeparatorChar == '/' && !Path.Exists(word) ? word.Replace("\\ ", " ", StringComparison.Ordinal) : word;
    }

    private static bool LooksLikeFile(string path) =>
        s_endings.Contains(Path.GetExtension(path)) && !path.AsSpan().ContainsAny('?', '\n')
        && !path.TrimEnd().Contains(". ", StringComparison.Ordinal);
}
