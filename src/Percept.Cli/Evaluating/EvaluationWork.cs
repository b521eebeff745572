using Percept.Evaluation;
using Percept.Reports;

namespace Percept.Cli;

/// <summary>Runs a benchmark with a bar, and prints tables of reports.</summary>
internal static class EvaluationWork
{
    /// <summary>Runs a task on a model.</summary>
    /// <exception cref="StoppedException">The user stopped it.</exception>
    internal static async Task<EvaluationResult> Run(
        IEvaluationTask task, IAnswerer answerer, string? folder, TextWriter error, CancellationToken cancellation)
    {
        var runner = new EvaluationRunner(task, answerer);
        EvaluationResult? result = null;
        try
        {
            await Waiting.StepsAsync(error, answerer.Name, task.Data.Samples.Count, async done =>
                result = await runner.RunAsync(folder, new Steps(done), cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException(folder is null
                ? "stopped; with --out answers are kept and the same command continues"
                : $"stopped; the answers so far are in '{folder}', and the same command continues");
        }

        return result!;
    }

    /// <summary>Prints a table with its headings.</summary>
    internal static void Print(Screen screen, ReportTable table) => screen.Table(
        [[.. table.Columns.Select(column => column.Name)], .. table.Rows.Select(row => row.ToArray())]);

    /// <summary>The line about answers that do not count as read; null where all are.</summary>
    internal static string? Trouble(EvaluationResult result)
    {
        EvaluationCounts counts = result.Counts;
        (int Count, string What)[] kinds =
        [
            (counts.Unread, "not understood"), (counts.Empty, "empty"), (counts.Failed, "failed"), (counts.Cut, "cut at the greatest length"),
        ];
        string text = string.Join(", ", kinds.Where(kind => kind.Count > 0).Select(kind => $"{kind.Count} {kind.What}"));
        string first = result.Rows.FirstOrDefault(row => row.Error is not null) is { } failed ? $"; the first that failed, '{failed.Id}': {failed.Error}" : "";
        return text.Length == 0 ? null : $"of {counts.Asked} answers {text}{first}";
    }

    private sealed class Steps(Action done) : IProgress<EvaluationProgress>
    {
        private int _shown;

        public void Report(EvaluationProgress value)
        {
            for (; _shown < value.Done; _shown++)
            {
                done();
            }
        }
    }
}
