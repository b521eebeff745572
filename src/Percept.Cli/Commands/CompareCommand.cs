using System.CommandLine;
using Percept.Evaluation;

namespace Percept.Cli;

/// <summary>
/// <c>percept compare MODEL MODEL … "question" FILE…</c>, or <c>… --task NAME --data PATH</c>: the same to several models, side by side.
/// </summary>
internal static class CompareCommand
{
    internal static Command Create(TextWriter output, TextWriter error)
    {
        var words = new Argument<string[]>("model")
        {
            Description = $"Two models or more (remote ones as {AnswererSource.Form}), then a question and the pictures that it is about.",
            Arity = ArgumentArity.OneOrMore,
        };
        var model = new ModelSettings();
        var task = new TaskSettings();
        var maxTokens = new Option<int>("--max-tokens", "-n")
        {
            Description = "The most tokens of an answer to a question.", DefaultValueFactory = _ => 128,
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of tables." };
        var command = new Command("compare", "Asks several models the same and shows the answers side by side.") { words, maxTokens, asJson };
        model.AddOptionsTo(command);
        task.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            string[] given = parsed.GetValue(words) ?? [];
            string[] models = [.. given.TakeWhile(AnswererSource.IsModel)];
            string[] rest = given[models.Length..];
            if (models.Length < 2)
            {
                throw new CommandException(models.Length < given.Length
                    ? $"'{given[models.Length]}' is no model, and comparing takes two or more; "
                        + $"name folders, downloaded models or {AnswererSource.Form}"
                    : "one model is named; comparing takes two or more");
            }

            bool isTask = task.IsGiven(parsed);
            if (isTask && rest.Length > 0)
            {
                throw new CommandException($"'{rest[0]}' is no model, and with --task no question is taken; check the path");
            }

            AnswererSource Open(int i) => AnswererSource.Open(
                models[i], AnswererSource.Names(models)[i], model, task, parsed, error);
            (Action<TextWriter> print, int failed) = isTask
                ? await Benchmark(parsed, task, models.Length, Open, error, parsed.GetValue(asJson), cancellation).ConfigureAwait(false)
                : (await Question(
                    RunWords.Parse(rest), models.Length, Open, task.Folder(parsed), parsed.GetValue(maxTokens), parsed.GetValue(asJson),
                    cancellation).ConfigureAwait(false), 0);
            print(output);
            return failed > 0 ? PerceptCommand.Failure : 0;
        });
        return command;
    }

    private static async Task<(Action<TextWriter> Print, int Failed)> Benchmark(
        ParseResult parsed, TaskSettings task, int models, Func<int, AnswererSource> open, TextWriter error, bool asJson,
        CancellationToken cancellation)
    {
        IEvaluationTask work = task.Open(parsed);
        string? folder = task.Folder(parsed);
        var runs = new List<EvaluationResult>();
        for (int i = 0; i < models; i++)
        {
            // One model at a time: each may fill the memory.
            using AnswererSource source = open(i);
            string? own = folder is null ? null : Path.Combine(folder, FormattableString.Invariant($"model-{i + 1}"));
            runs.Add(await EvaluationWork.Run(work, source.Answerer, own, error, cancellation).ConfigureAwait(false));
        }

        ModelComparison comparison = ModelComparison.Of(runs);
        if (folder is not null)
        {
            comparison.Save(folder);
        }

        Action<TextWriter> print = asJson ? output => JsonOutput.Write(output, comparison.WriteJson) : output =>
        {
            var screen = new Screen(output);
            screen.Heading($"{runs.Count} models on {work.Data.Name}");
            EvaluationWork.Print(screen, comparison.MetricTable());
            EvaluationWork.Print(screen, comparison.PairTable());
            if (folder is not null)
            {
                screen.Line($"report: {Path.Combine(folder, "report.html")}");
            }
        };
        return (print, runs.Sum(run => run.Counts.Failed));
    }

    private static async Task<Action<TextWriter>> Question(
        RunWords words, int models, Func<int, AnswererSource> open, string? folder, int maxTokens, bool asJson, CancellationToken cancellation)
    {
        string question = words.Question
            ?? throw new CommandException("there is no question; write it in quotation marks behind the models, or name a --task");
        if (maxTokens < 1)
        {
            throw new CommandException($"--max-tokens is {maxTokens}, expected 1 or more");
        }

        QuestionComparison asked = QuestionComparison.Of(question, words.Files, maxTokens);
        for (int i = 0; i < models; i++)
        {
            using AnswererSource source = open(i);
            try
            {
                await asked.Add(source.Answerer, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw new StoppedException("stopped");
            }
        }

        if (folder is not null)
        {
            asked.Save(folder);
        }

        return asJson ? output => JsonOutput.Write(output, asked.WriteJson) : output =>
        {
            var screen = new Screen(output);
            foreach ((string model, EvaluationAnswer answer, TimeSpan time) in asked.Answers)
            {
                screen.Heading(FormattableString.Invariant($"{model} ({answer.AnswerTokens ?? 0} tokens, {time.TotalSeconds:0.0} s)"));
                screen.Line(answer.Text.Trim());
            }

            screen.Line(asked.Agreement());
            if (folder is not null)
            {
                screen.Line($"report: {Path.Combine(folder, "report.html")}");
            }
        };
    }
}
