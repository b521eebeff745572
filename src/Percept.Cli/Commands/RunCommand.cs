using System.CommandLine;
using Percept.Inference;

namespace Percept.Cli;

/// <summary>
/// <c>percept run MODEL ["question"] [FILE…]</c>: one answer about pictures, or a conversation when no question is given.
/// </summary>
internal static class RunCommand
{
    internal static Command Create(TextWriter output, TextWriter error, CommandInput input)
    {
        var model = new ModelSettings();
        var sampling = new SamplingSettings();
        var words = new Argument<string[]>("words")
        {
            Description = "The question in quotation marks, and pictures or clips (- for a picture on standard input); " +
                "without a question a conversation begins.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var system = new Option<string?>("--system") { Description = "What the model is told first." };
        var frames = new Option<int>("--frames")
        {
            Description = "How many frames of a clip are shown.", DefaultValueFactory = _ => MediaLoader.DefaultFrames,
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No line about times and tokens." };
        var verbose = new Option<bool>("--verbose") { Description = "Show the rendered prompt and its token ids." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("run", "Answers a question about pictures.") { words, system, frames, quiet, verbose, asJson };
        var pixels = new PixelLimit(command);
        model.AddTo(command);
        model.AddAdaptersTo(command);
        sampling.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            RunWords given = RunWords.Parse(parsed.GetValue(words) ?? []);
            string? question = given.Question ?? Piped(given, input);
            if (question is null && parsed.GetValue(asJson))
            {
                throw new CommandException("--json needs a question; write it in quotation marks behind the model");
            }

            using MultimodalChat chat = model.Open(parsed, error, out TimeSpan loading);
            var reader = new MediaFileReader(chat.Processor.Kinds, parsed.GetValue(frames), pixels.Read(parsed), input);
            var conversation = new Conversation(chat, sampling.Read(parsed, chat.Defaults, error), reader, parsed.GetValue(verbose) ? error : null);
            if (parsed.GetValue(system) is { } told)
            {
                conversation.System(told);
            }

            TextWriter? notes = parsed.GetValue(quiet) ? null : error;
            if (question is null)
            {
                var talk = new Talk(conversation, input.Reader, output, error, notes);
                await talk.Go(given.Files, loading, cancellation).ConfigureAwait(false);
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

            return Complain(error, report) ? PerceptCommand.Unmet : 0;
        });
        return command;
    }

    /// <summary>Writes a piece of an answer at once.</summary>
    internal static void Write(TextWriter output, string piece)
    {
        output.Write(piece);
        output.Flush();
    }

    /// <summary>Says where an answer was cut before it followed its schema; false where nothing is wrong.</summary>
    internal static bool Complain(TextWriter error, AnswerReport report)
    {
        if (report.Broken is { } problem)
        {
            error.WriteLine($"percept: {problem}");
        }

        return report.Broken is not null;
    }

    /// <summary>The question on standard input; null where people sit there, or the picture comes that way.</summary>
    private static string? Piped(RunWords given, CommandInput input)
    {
        if (!input.IsPiped)
        {
            return null;
        }

        if (given.Files.Contains(RunWords.StandardInput))
        {
            throw new CommandException("standard input is the picture; write the question in quotation marks behind the model");
        }

        string question = input.Reader.ReadToEnd().Trim();
        return question.Length > 0
            ? question
            : throw new CommandException("standard input is empty; write the question there, or in quotation marks behind the model");
    }

    /// <summary>An answer that the user may stop, which ends the command with its own exit code.</summary>
    internal static async Task<AnswerReport> Stoppable(Task<AnswerReport> answer)
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
}
