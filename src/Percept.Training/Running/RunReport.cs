using System.Globalization;
using Percept.Checkpoints;
using Percept.Reports;

namespace Percept.Training;

/// <summary>Writes <c>report.html</c> of a run: the plan, curves of the log, answers over time.</summary>
internal static class RunReport
{
    private const int RefreshSeconds = 30;
    private const double Smoothing = 0.95;

    /// <summary>Writes the report; a reader never sees half of it.</summary>
    internal static void Write(
        string path, string state, Recipe recipe, int planned, string plan, IReadOnlyList<TrainingProgress> steps, SampleAnswers answers)
    {
        bool runs = state == "training";
        var report = new HtmlReport(recipe.Name, runs ? RefreshSeconds : 0);
        TrainingProgress? last = steps.Count > 0 ? steps[^1] : null;
        report.Progress(new ReportProgress(state, last?.Step ?? 0, planned)
        {
            Side = runs && last is not null ? string.Create(CultureInfo.InvariantCulture, $"about {last.Left:hh\\:mm\\:ss} left") : null,
        });
        if (last is not null)
        {
            Curves(report, steps);
        }

        Answers(report, answers);
        report.Section("Plan", part => part.Code(plan), open: last is null);
        report.Section("Recipe", part => part.Code(recipe.Yaml));
        AtomicFile.Write(path, report.Write);
    }

    private static void Curves(HtmlReport report, IReadOnlyList<TrainingProgress> steps)
    {
        double[] xs = [.. steps.Select(step => (double)step.Step)];
        void Chart(string title, string unit, bool log, double smoothing, string name, Func<TrainingProgress, double> value) =>
            report.Chart(new LineChart
            {
                Title = title,
                XLabel = "step",
                YLabel = unit,
                LogY = log,
                Series = [new LineSeries(name, xs, [.. steps.Select(value)]) { Smoothing = smoothing }],
            });
        report.Heading("Curves");
        TrainingProgress[] heldOut = [.. steps.Where(step => step.HeldOutLoss is not null)];
        var loss = new LineSeries("training", xs, [.. steps.Select(step => step.Loss)]) { Smoothing = steps.Count > 20 ? Smoothing : 0 };
        report.Chart(new LineChart
        {
            Title = "Loss",
            XLabel = "step",
            Series = heldOut.Length == 0 ? [loss] : [loss, HeldOut(heldOut)],
        });
        Chart("Learning rate", string.Empty, false, 0, "rate", step => step.LearningRate);
        Chart("Norm of the gradients", string.Empty, true, 0, "norm", step => step.GradientNorm);
        Chart("Speed", "tokens a second", false, steps.Count > 20 ? Smoothing : 0, "tokens", step => step.TokensPerSecond);
        Chart("Memory", "MiB", false, 0, "peak", step => step.PeakBytes / 1048576.0);
        foreach (string name in steps.SelectMany(step => step.Metrics).Select(pair => pair.Key).Distinct().ToArray())
        {
            Chart(name, string.Empty, false, steps.Count > 20 ? Smoothing : 0, name, step => Metric(step, name));
        }
    }

    private static LineSeries HeldOut(TrainingProgress[] steps) => new(
        "held out", [.. steps.Select(step => (double)step.Step)], [.. steps.Select(step => step.HeldOutLoss!.Value)]);

    private static double Metric(TrainingProgress step, string name)
    {
        foreach ((string own, double value) in step.Metrics)
        {
            if (own == name)
            {
                return value;
            }
        }

        return double.NaN;
    }

    private static void Answers(HtmlReport report, SampleAnswers answers)
    {
        if (answers.All.Count == 0)
        {
            return;
        }

        report.Heading("Answers");
        foreach (IGrouping<string, SampleAnswer> sample in answers.All.GroupBy(answer => answer.Sample))
        {
            SampleAnswer first = sample.First();
            report.Pictures(new ReportPictureRow
            {
                Title = sample.Key,
                Pictures = answers.Pictures.TryGetValue(sample.Key, out byte[]? png) ? [new ReportPicture(png, sample.Key)] : [],
                Texts =
                [
                    new("question", first.Question), new("reference", first.Reference),
                    .. sample.Select(answer => KeyValuePair.Create(
                        string.Create(CultureInfo.InvariantCulture, $"step {answer.Step}"), answer.Answer)),
                ],
            });
        }
    }
}
