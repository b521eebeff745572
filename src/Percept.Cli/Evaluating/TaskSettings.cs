using System.CommandLine;
using Percept.Evaluation;
using Percept.Text;

namespace Percept.Cli;

/// <summary>The options that say which questions are asked.</summary>
internal sealed class TaskSettings
{
    private readonly Option<string?> _task = new("--task")
    {
        Description = $"The benchmark: {string.Join(", ", EvaluationTasks.All.Select(task => task.Key))}.",
    };

    private readonly Option<string?> _data = new("--data") { Description = "Its data: a folder or a file." };

    private readonly Option<string?> _split = new("--split") { Description = "The part of the data, such as dev or test." };

    private readonly Option<int?> _limit = new("--limit") { Description = "Draw so many samples (whole groups of them) instead of all." };

    private readonly Option<int> _seed = new("--draw-seed") { Description = "The seed of that draw.", DefaultValueFactory = _ => 0 };

    private readonly Option<bool> _outside = new("--allow-outside")
    {
        Description = "Also follow paths and links of questions that lead out of their folder.",
    };

    private readonly Option<int?> _together = new("--together") { Description = "How many questions are answered at a time." };

    private readonly Option<string?> _folder = new("--out")
    {
        Description = "A folder for rows and reports; the same command continues a run that was stopped.",
    };

    private readonly Option<string?> _style = new("--style")
    {
        Description = $"For local models without a chat template, a classic conversation style: {string.Join(", ", ConversationStyle.Names)}.",
    };

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_task, _data, _split, _limit, _seed, _outside, _together, _folder, _style])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether a benchmark is asked for.</summary>
    internal bool IsGiven(ParseResult parsed) => parsed.GetValue(_task) is not null;

    /// <summary>Opens the benchmark.</summary>
    /// <exception cref="CommandException">No benchmark or no data is named, or the number of samples is none.</exception>
    internal IEvaluationTask Open(ParseResult parsed)
    {
        string task = parsed.GetValue(_task) ?? throw new CommandException(
            $"--task is missing; the tasks are {string.Join(", ", EvaluationTasks.All.Select(known => known.Key))}");
        string? wanted = EvaluationTasks.All.FirstOrDefault(known => known.Key == task).Value;
        string data = parsed.GetValue(_data)
            ?? throw new CommandException($"--data is missing{(wanted is null ? "" : $"; the task {task} takes {wanted}")}");
        int? limit = parsed.GetValue(_limit);
        return limit is < 1
            ? throw new CommandException($"--limit is {limit}, expected 1 or more")
            : EvaluationTasks.Open(
                task, CommandPaths.Expand(data), parsed.GetValue(_split), limit, parsed.GetValue(_seed), parsed.GetValue(_outside));
    }

    /// <summary>How many questions are answered at a time; null for the model's own.</summary>
    internal int? Together(ParseResult parsed) => parsed.GetValue(_together) is not { } together || together >= 1
        ? parsed.GetValue(_together)
        : throw new CommandException($"--together is {together}, expected 1 or more");

    /// <summary>The conversation style of local models; null for their own chat template.</summary>
    internal ConversationStyle? Style(ParseResult parsed) => parsed.GetValue(_style) is { } style ? ConversationStyle.Named(style) : null;

    /// <summary>The folder for rows and reports; null for none.</summary>
    internal string? Folder(ParseResult parsed) => parsed.GetValue(_folder) is { } folder ? CommandPaths.Expand(folder) : null;
}
