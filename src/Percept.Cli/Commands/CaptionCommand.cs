using System.CommandLine;
using Percept.Inference;

namespace Percept.Cli;

/// <summary><c>percept caption MODEL FILE…</c>: a text about each of many pictures, several of them computed together.</summary>
internal static class CaptionCommand
{
    private const string DefaultPrompt = "Describe this picture.";

    internal static Command Create(TextWriter output, TextWriter error, CommandInput input)
    {
        var model = new ModelSettings();
        var sampling = new SamplingSettings();
        var files = new Argument<string[]>("file")
        {
            Description = "Pictures and clips; - for a picture on standard input.", Arity = ArgumentArity.OneOrMore,
        };
        var prompt = new Option<string>("--prompt") { Description = "What is asked of each.", DefaultValueFactory = _ => DefaultPrompt };
        var frames = new Option<int>("--frames")
        {
            Description = "How many frames of a clip are shown.", DefaultValueFactory = _ => MediaLoader.DefaultFrames,
        };
        var together = new Option<int>("--together")
        {
            Description = "How many files are worked on at a time.", DefaultValueFactory = _ => new EngineOptions().MaxSequences,
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "No lines about times and tokens." };
        var asJson = new Option<bool>("--json") { Description = "Print a line of JSON for each file." };
        var command = new Command("caption", "Describes pictures, each alone.") { files, prompt, frames, together, quiet, asJson };
        var pixels = new PixelLimit(command);
        model.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string[] paths = [.. (parsed.GetValue(files) ?? []).Select(word => RunWords.FindFile(word) ?? throw CommandPaths.Missing("file", word))];
            int width = parsed.GetValue(together) is >= 1 and var given
                ? given
                : throw new CommandException($"--together is {parsed.GetValue(together)}, expected 1 or more");
            using MultimodalChat chat = model.Open(parsed, error, out TimeSpan loading);
            var reader = new MediaFileReader(chat.Processor.Kinds, parsed.GetValue(frames), pixels.Read(parsed), input);
            var captions = new Captions(chat, sampling.Read(parsed, chat.Defaults, error), reader, parsed.GetValue(prompt)!, loading);
            Action<Caption> write = parsed.GetValue(asJson)
                ? caption => JsonOutput.WriteLine(output, caption.Write)
                : caption => Print(output, error, caption, paths.Length > 1, !parsed.GetValue(quiet));

            // On a terminal the captions themselves show how far it is.
            bool failed = false, broken = false;
            TextWriter bar = Console.IsOutputRedirected ? error : TextWriter.Null;
            await Waiting.StepsAsync(bar, "describing", paths.Length, async done =>
            {
                await foreach (Caption caption in captions.Of(paths, width, cancellation).ConfigureAwait(false))
                {
                    failed |= caption.Problem is not null;
                    write(caption);
                    if (caption.Answer?.Broken is { } problem)
                    {
                        broken = true;
                        error.WriteLine($"percept: '{MediaFileReader.Name(caption.File)}': {problem}");
                    }

                    done();
                }
            }).ConfigureAwait(false);
            return failed ? PerceptCommand.Failure : broken ? PerceptCommand.Unmet : 0;
        });
        return command;
    }

    private static void Print(TextWriter output, TextWriter error, Caption caption, bool named, bool timed)
    {
        if (caption.Problem is { } problem)
        {
            error.WriteLine($"percept: {problem}");
        }
        else
        {
            string text = caption.Answer!.Text.ReplaceLineEndings(" ").Trim();
            output.WriteLine(named ? $"{caption.File}: {text}" : text);
            if (timed)
            {
                error.WriteLine(caption.Answer.Summary());
            }
        }
    }
}
