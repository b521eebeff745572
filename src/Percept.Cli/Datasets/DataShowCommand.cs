using System.CommandLine;
using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Training;
using Spectre.Console;

namespace Percept.Cli;

/// <summary><c>percept data show PATH [--index N] [--model MODEL]</c>: one sample as a training sees it.</summary>
internal static class DataShowCommand
{
    internal static Command Create(TextWriter output)
    {
        var dataset = new DatasetSettings();
        var index = new Option<int>("--index", "-n") { Description = "Which sample, from 0." };
        var model = new Option<string?>("--model") { Description = "A model whose prompt and learnt tokens are shown." };
        var onPrompt = new Option<bool>("--train-on-prompt") { Description = "Learn questions too." };
        var maskHistory = new Option<bool>("--mask-history") { Description = "Learn only the last answer." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("show", "Shows a sample: messages, media with their sizes, and with a model which tokens it would learn.")
        {
            index, model, onPrompt, maskHistory, asJson,
        };
        dataset.AddTo(command);
        command.SetAction(parsed =>
        {
            IDataset samples = dataset.Open(parsed);
            int wanted = parsed.GetValue(index);
            if (wanted < 0 || wanted >= samples.Count)
            {
                throw new CommandException($"--index is {wanted}, the dataset has {samples.Count} samples, 0 to {samples.Count - 1}");
            }

            DatasetSample sample = samples[wanted];
            IReadOnlyList<(string Title, IReadOnlyList<TokenRun> Runs)> tokens = parsed.GetValue(model) is not { } name ? [] : Tokens(
                ProcessorLoader.Load(ModelLocator.Resolve(name)), sample, new SupervisionOptions
                {
                    TrainOnPrompt = parsed.GetValue(onPrompt),
                    MaskHistory = parsed.GetValue(maskHistory),
                });
            if (parsed.GetValue(asJson))
            {
                DataSampleJson.Write(output, sample, samples.Count, tokens);
            }
            else
            {
                var screen = new Screen(output);
                Print(screen, sample, samples.Count);
                foreach ((string title, IReadOnlyList<TokenRun> runs) in tokens)
                {
                    PrintTokens(screen, title, runs);
                }
            }

            return 0;
        });
        return command;
    }

    private static void Print(Screen screen, DatasetSample sample, int count)
    {
        screen.Heading(FormattableString.Invariant($"{sample.Id} ({sample.Source}), of {count} samples"));
        Print(screen, sample.Messages, "");
        Print(screen, sample.Chosen ?? [], "better ");
        Print(screen, sample.Rejected ?? [], "worse ");
        if (sample.IsDesirable is { } desirable)
        {
            screen.Line(desirable ? "the last answer is a good one" : "the last answer is a bad one");
        }

        if (sample.Label is { } label)
        {
            screen.Line(FormattableString.Invariant($"class {sample.LabelIndex}: {label}"));
        }
    }

    private static void Print(Screen screen, IReadOnlyList<DataMessage> messages, string prefix)
    {
        foreach (DataMessage message in messages)
        {
            string text = string.Concat(message.Parts.Select(part => part.Media is { } media ? $"[{ShownMedium.Of(media)}]" : part.Text));
            string note = message.Role == DataRoles.Assistant && !message.IsSupervised ? " (not learnt)" : "";
            screen.Line($"{prefix}{message.Role}{note}: {text}");
        }
    }

    /// <summary>The tokens of a sample by a model, of a preference pair both answers'.</summary>
    private static List<(string Title, IReadOnlyList<TokenRun> Runs)> Tokens(
        IProcessor processor, DatasetSample sample, SupervisionOptions options)
    {
        var spans = new SupervisedSpans(processor, options);
        if (sample.Chosen is null)
        {
            using SupervisedPrompt prompt = spans.Prepare(sample);
            return [("tokens", TokenRun.Of(processor, prompt))];
        }

        (SupervisedPrompt chosen, SupervisedPrompt rejected) = spans.PreparePair(sample);
        using (chosen)
        using (rejected)
        {
            return
            [
                ("tokens with the better answer", TokenRun.Of(processor, chosen)),
                ("tokens with the worse answer", TokenRun.Of(processor, rejected)),
            ];
        }
    }

    private static void PrintTokens(Screen screen, string title, IReadOnlyList<TokenRun> runs)
    {
        int learnt = runs.Where(run => run.Kind == "learnt").Sum(run => run.End - run.Start);
        screen.Line();
        screen.Heading(FormattableString.Invariant($"{title}: {(runs.Count == 0 ? 0 : runs[^1].End)}, of which {learnt} are learnt"));
        List<string[]> rows =
        [
            ["ids", "", "text"],
            .. runs.Select(run => new[]
            {
                FormattableString.Invariant($"{run.Start}–{run.End - 1}"), run.Kind, run.Text.Replace("\n", "\\n", StringComparison.Ordinal),
            }),
        ];
        screen.Table(rows, row => row == 0 ? Color.Grey : runs[row - 1].Kind == "learnt" ? Color.Green : null);
    }
}
