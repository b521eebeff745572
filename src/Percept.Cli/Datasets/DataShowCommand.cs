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
        var command = new Command("show", "Shows a sample: messages, media with their sizes, and with a model which tokens it would learn.")
        {
            index, model, onPrompt, maskHistory,
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
            var screen = new Screen(output);
            Print(screen, sample, samples.Count);
            if (parsed.GetValue(model) is { } name)
            {
                IProcessor processor = ProcessorLoader.Load(ModelLocator.Resolve(name));
                var spans = new SupervisedSpans(processor, new SupervisionOptions
                {
                    TrainOnPrompt = parsed.GetValue(onPrompt),
                    MaskHistory = parsed.GetValue(maskHistory),
                });
                if (sample.Chosen is null)
                {
                    PrintTokens(screen, "tokens", processor, spans.Prepare(sample));
                }
                else
                {
                    (SupervisedPrompt chosen, SupervisedPrompt rejected) = spans.PreparePair(sample);
                    PrintTokens(screen, "tokens with the better answer", processor, chosen);
                    PrintTokens(screen, "tokens with the worse answer", processor, rejected);
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
        if (sample.Label is { } label)
        {
            screen.Line(FormattableString.Invariant($"class {sample.LabelIndex}: {label}"));
        }
    }

    private static void Print(Screen screen, IReadOnlyList<DataMessage> messages, string prefix)
    {
        foreach (DataMessage message in messages)
        {
            string text = string.Concat(message.Parts.Select(part => part.Media is { } media ? $"[{Describe(media)}]" : part.Text));
            string note = message.Role == DataRoles.Assistant && !message.IsSupervised ? " (not learnt)" : "";
            screen.Line($"{prefix}{message.Role}{note}: {text}");
        }
    }

    private static string Describe(MediaReference media)
    {
        switch (media.Kind)
        {
            case DataPartKind.Image:
                Percept.Media.Image image = media.LoadImage();
                return FormattableString.Invariant($"image {media.Name}, {image.Width}×{image.Height}");
            case DataPartKind.Audio:
                Percept.Media.Sound sound = media.LoadSound();
                return FormattableString.Invariant($"sound {media.Name}, {sound.Seconds:0.0} s at {sound.SampleRate} Hz");
            default:
                (int frames, double seconds) = (0, 0);
                _ = media.LoadClip(clip =>
                {
                    (frames, seconds) = (clip.Count, clip.Seconds);
                    return [];
                });
                return FormattableString.Invariant($"clip {media.Name}, {frames} frames, {seconds:0.0} s");
        }
    }

    private static void PrintTokens(Screen screen, string title, IProcessor processor, SupervisedPrompt prompt)
    {
        using (prompt)
        {
            IReadOnlyList<int> ids = prompt.Prompt.Ids;
            screen.Line();
            screen.Heading(FormattableString.Invariant($"{title}: {ids.Count}, of which {prompt.SupervisedCount} are learnt"));
            List<string[]> rows = [["ids", "", "text"]];
            var learnt = new List<bool> { false };
            for (int start = 0; start < ids.Count;)
            {
                (int end, string kind, string text) = Run(processor, prompt, start);
                rows.Add([FormattableString.Invariant($"{start}–{end - 1}"), kind, text]);
                learnt.Add(kind == "learnt");
                start = end;
            }

            screen.Table(rows, row => row == 0 ? Color.Grey : learnt[row] ? Color.Green : null);
        }
    }

    /// <summary>The ids from a place on that are all learnt, all not, or all placeholders of one medium.</summary>
    private static (int End, string Kind, string Text) Run(IProcessor processor, SupervisedPrompt prompt, int start)
    {
        IReadOnlyList<int> ids = prompt.Prompt.Ids;
        foreach (MediaSpan span in prompt.Prompt.Spans)
        {
            if (span.Start == start)
            {
                return (start + span.Count, "medium", FormattableString.Invariant($"{span.Media.Kind} as {span.Count} tokens"));
            }
        }

        bool isLearnt = prompt.Labels[start] != SupervisedPrompt.Ignored;
        int next = prompt.Prompt.Spans.Where(span => span.Start > start).Select(span => span.Start).DefaultIfEmpty(ids.Count).Min();
        int end = start + 1;
        while (end < next && (prompt.Labels[end] != SupervisedPrompt.Ignored) == isLearnt)
        {
            end++;
        }

        string text = processor.Tokenizer.Tokenizer.Decode([.. ids.Skip(start).Take(end - start)]);
        return (end, isLearnt ? "learnt" : "", text.Replace("\n", "\\n", StringComparison.Ordinal));
    }
}
