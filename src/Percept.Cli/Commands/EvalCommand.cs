using System.CommandLine;
using Percept.Evaluation;

namespace Percept.Cli;

/// <summary><c>percept eval MODEL --task NAME --data PATH</c>: a benchmark's questions, and what the answers are worth.</summary>
internal static class EvalCommand
{
    internal static Command Create(TextWriter output, TextWriter error)
    {
        var model = new ModelSettings();
        var task = new TaskSettings();
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of tables." };
        var command = new Command("eval", "Puts a benchmark's questions to a model and scores the answers.") { asJson };
        model.AddTo(command);
        task.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            IEvaluationTask work = task.Open(parsed);
            using AnswererSource source = AnswererSource.Open(model.Word(parsed), null, model, task, parsed, error);
            string? folder = task.Folder(parsed);
            EvaluationResult result = await EvaluationWork.Run(work, source.Answerer, folder, error, cancellation).ConfigureAwait(false);
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => EvaluationReport.WriteJson(json, result));
            }
            else
            {
                Print(new Screen(output), result, folder);
            }

            return result.Counts.Failed > 0 ? PerceptCommand.Failure : 0;
        });
        return command;
    }

    private static void Print(Screen screen, EvaluationResult result, string? folder)
    {
        screen.Heading($"{result.Model} on {result.Task.Data.Name}");
        EvaluationWork.Print(screen, EvaluationReport.MetricTable(result.Metrics));
        if (result.Categories.Count > 0)
        {
            EvaluationWork.Print(screen, EvaluationReport.MetricTable(result.Categories));
        }

        if (EvaluationWork.Trouble(result) is { } trouble)
        {
            screen.Line(trouble);
        }

        screen.Line(FormattableString.Invariant($"{result.Rows.Count} questions, {result.Elapsed.TotalSeconds:0.0} s")
            + (result.Continued > 0 ? $" ({result.Continued} answers were there already)" : ""));
        if (folder is not null)
        {
            screen.Line($"report: {Path.Combine(folder, "report.html")}");
        }
    }
}
