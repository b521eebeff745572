using System.CommandLine;
using Percept.Inference;

namespace Percept.Cli;

/// <summary>
/// <c>percept run MODEL ["question"] [FILE…]</c>: one answer about pictures, or a conversation when no question is given.
/// </summary>
internal static class RunCommand
{
    private const string Help = "/image FILE adds a picture or clip, /new starts over, /quit ends";

    internal static Command Create(TextWriter output, TextWriter error)
    {
        var model = new ModelSettings();
        var sampling = new SamplingSettings();
        var words = new Argument<string[]>("words")
        {
            Description = "The question in quotation marks, and pictures or clips; without a question a conversation begins.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var system = new Option<string?>("--system") { Description = "What the model is told first." };
        var frames = new Option<int>("--frames")
        {
            Description = "How many frames of a clip are shown.", DefaultValueFactory = _ => MediaLoader.DefaultFrames,
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No line about times and tokens." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("run", "Answers a question about pictures.") { words, system, frames, quiet, asJson };
        model.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            RunWords given = RunWords.Parse(parsed.GetValue(words) ?? []);
            string? question = given.Question ?? (Console.IsInputRedirected ? Console.In.ReadToEnd().Trim() : null);
            if (question is { Length: 0 })
            {
                throw new CommandException("standard input is empty; write the question there, or in quotation marks behind the model");
            }

            if (question is null && parsed.GetValue(asJson))
            {
                throw new CommandException("--json needs a question; write it in quotation marks behind the model");
            }

            using MultimodalChat chat = model.Open(parsed, out TimeSpan loading);
            var conversation = new Conversation(chat, sampling.Read(parsed), parsed.GetValue(frames));
            if (parsed.GetValue(system) is { } told)
            {
                conversation.System(told);
            }

            TextWriter? notes = parsed.GetValue(quiet) ? null : error;
            if (question is null)
            {
                await Converse(conversation, given.Files, output, error, notes, loading, cancellation).ConfigureAwait(false);
                return 0;
            }

            bool json = parsed.GetValue(asJson);
            Action<string> write = json ? _ => { } : piece => Write(output, piece);
            AnswerReport report = await Stoppable(
                conversation.Ask(question, given.Files, write, loading, cancellation)).ConfigureAwait(false);
            if (json)
            {
                JsonOutput.Write(output, report.Write);
            }
            else
            {
                output.WriteLine();
                notes?.WriteLine(report.Summary());
            }

            return 0;
        });
        return command;
    }

    private static async Task Converse(
        Conversation conversation, IReadOnlyList<string> files, TextWriter output, TextWriter error, TextWriter? notes, TimeSpan loading,
        CancellationToken cancellation)
    {
        output.WriteLine($"Ask something; {Help}.");
        var pending = new List<string>(files);
        while (!cancellation.IsCancellationRequested)
        {
            output.Write("> ");
            output.Flush();
            string? line = Console.In.ReadLine()?.Trim();
            if (line is null or "/quit" or "/exit")
            {
                return;
            }

            try
            {
                if (line == "/new")
                {
                    conversation.Forget();
                    pending.Clear();
                }
                else if (line.StartsWith("/image ", StringComparison.Ordinal))
                {
                    pending.AddRange(RunWords.Parse([line["/image ".Length..]]) is { Files.Count: > 0 } found
                        ? found.Files
                        : throw CommandPaths.Missing("file", line["/image ".Length..].Trim()));
                }
                else if (line.StartsWith('/'))
                {
                    error.WriteLine($"percept: there is no '{line.Split(' ')[0]}'; {Help}");
                }
                else if (line.Length > 0)
                {
                    AnswerReport report = await conversation.Ask(line, pending, piece => Write(output, piece), loading, cancellation)
                        .ConfigureAwait(false);
                    loading = TimeSpan.Zero;
                    pending.Clear();
                    output.WriteLine();
                    notes?.WriteLine(report.Summary());
                }
            }
            catch (Exception problem) when (problem is CommandException or IOException or InvalidDataException
                or NotSupportedException or ArgumentException or InvalidOperationException)
            {
                // The conversation goes on after a mistake.
                error.WriteLine($"percept: {problem.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private static async Task<AnswerReport> Stoppable(Task<AnswerReport> answer)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException("stopped");
        }
    }

    private static void Write(TextWriter output, string piece)
    {
        output.Write(piece);
        output.Flush();
    }
}
