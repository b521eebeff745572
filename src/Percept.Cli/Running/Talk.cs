using Percept.Inference;

namespace Percept.Cli;

/// <summary>A conversation that goes on line by line.</summary>
/// <param name="conversation">What was said.</param>
/// <param name="input">Where lines come from.</param>
/// <param name="output">Where answers go.</param>
/// <param name="error">Where errors go.</param>
/// <param name="notes">Where times and tokens go; null for nowhere.</param>
internal sealed class Talk(Conversation conversation, TextReader input, TextWriter output, TextWriter error, TextWriter? notes)
{
    private static readonly (string Command, string Meaning)[] s_commands =
    [
        ("/image FILE", "add a picture or clip to the next question; a path in the question does the same"),
        ("/adapter NAME", "let another adapter answer; none for the model without one"),
        ("/new", "start over"),
        ("/help", "this list"),
        ("/quit", "end; so does the end of the input"),
    ];

    private readonly List<string> _pending = [];

    /// <summary>Reads lines and answers them until the end.</summary>
    /// <param name="files">Files that belong to the first question.</param>
    /// <param name="loading">How long the model took to load, for the first report.</param>
    /// <param name="cancellation">Stops everything.</param>
    internal async Task Go(IReadOnlyList<string> files, TimeSpan loading, CancellationToken cancellation)
    {
        output.WriteLine("Ask something; drag a picture or clip here to show it; /help lists the commands, /quit ends.");
        Add(files);
        while (!cancellation.IsCancellationRequested)
        {
            output.Write("> ");
            output.Flush();
            string? line = input.ReadLine()?.Trim();
            if (line is null or "/quit" or "/exit" or "/bye")
            {
                return;
            }

            try
            {
                if (!Command(line) && Question(line) is { } question)
                {
                    AnswerReport report = await RunCommand.Stoppable(conversation.Ask(
                        question, _pending, piece => RunCommand.Write(output, piece), loading, cancellation)).ConfigureAwait(false);
                    loading = TimeSpan.Zero;
                    _pending.Clear();
                    output.WriteLine();
                    notes?.WriteLine(report.Summary());
                    _ = RunCommand.Complain(error, report);
                }
            }
            catch (Exception problem) when (Failures.IsForTheUser(problem))
            {
                // The conversation goes on after a mistake; files that could not be shown would fail again.
                _pending.Clear();
                error.WriteLine($"percept: {Failures.MessageOf(problem)}");
            }
        }
    }

    /// <summary>Does what a line that begins with a slash says; false for a question.</summary>
    private bool Command(string line)
    {
        // A dragged file's path begins with a slash too.
        string word = line.Split(' ')[0];
        if (!line.StartsWith('/') || (word != "/image" && word.IndexOf('/', 1) > 0))
        {
            return false;
        }

        switch (word)
        {
            case "/new" or "/clear":
                conversation.Forget();
                _pending.Clear();
                break;
            case "/help" or "/?":
                foreach ((string command, string meaning) in s_commands)
                {
                    output.WriteLine($"  {command,-14} {meaning}");
                }

                break;
            case "/adapter":
                conversation.Use(line[word.Length..].Trim());
                break;
            case "/image":
                string path = line[word.Length..].Trim();
                RunWords found = RunWords.ParseLine(path);
                Add(found is { Question: null, Files.Count: > 0 } ? found.Files
                    : RunWords.FindFile(path) is { } file ? [file]
                    : throw CommandPaths.Missing("file", path));
                break;
            default:
                throw new CommandException($"there is no '{word}'; {string.Join(", ", s_commands.Select(command => command.Command))}");
        }

        return true;
    }

    /// <summary>The question of a line, whose files are added; null where it has none.</summary>
    private string? Question(string line)
    {
        // A word alone that ends as a picture's name does is meant as one.
        RunWords words = RunWords.HasEnding(line) && !line.Any(char.IsWhiteSpace) ? RunWords.Parse([line]) : RunWords.ParseLine(line);
        Add(words.Files);
        return words.Question;
    }

    private void Add(IReadOnlyList<string> files)
    {
        _pending.AddRange(files);
        foreach (string file in files)
        {
            notes?.WriteLine($"added '{MediaFileReader.Name(file)}'");
        }
    }
}
