using System.Text.Json;
using Percept.Reports;

namespace Percept.Evaluation;

/// <summary>Several models on the same task: their numbers side by side, and each pair question by question.</summary>
public sealed class ModelComparison
{
    private const int Shown = 24;

    private ModelComparison(IReadOnlyList<EvaluationResult> runs, IReadOnlyList<ModelPair> pairs)
    {
        Runs = runs;
        Pairs = pairs;
    }

    /// <summary>The runs, one a model.</summary>
    public IReadOnlyList<EvaluationResult> Runs { get; }

    /// <summary>Every pair of models.</summary>
    public IReadOnlyList<ModelPair> Pairs { get; }

    /// <summary>What differences of pairs are of: the score of single answers, which not every headline is the mean of.</summary>
    public string ScoreName => Runs[0].Task.ScoreName ?? Runs[0].Metrics[0].Name;

    /// <summary>Compares runs.</summary>
    /// <param name="runs">Two runs or more of the same task on the same data.</param>
    /// <exception cref="ArgumentException">There are fewer than two, two models of one name, or tasks, data or prompts differ.</exception>
    public static ModelComparison Of(IReadOnlyList<EvaluationResult> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count < 2)
        {
            throw new ArgumentException($"{runs.Count} run is given; comparing takes two or more.", nameof(runs));
        }

        foreach (EvaluationResult run in runs.Skip(1))
        {
            string? difference = Difference(runs[0], run);
            if (difference is not null)
            {
                throw new ArgumentException($"'{runs[0].Model}' and '{run.Model}' cannot be compared: {difference}.", nameof(runs));
            }
        }

        if (runs.GroupBy(run => run.Model, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } same)
        {
            throw new ArgumentException($"Two models are called '{same.Key}'; give each a name of its own.", nameof(runs));
        }

        ModelPair[] pairs = [.. runs.SelectMany((first, i) => runs.Skip(i + 1).Select(second => ModelPair.Of(first, second)))];
        return new ModelComparison(runs, pairs);
    }

    /// <summary>Writes <c>report.json</c> and <c>report.html</c> into a folder.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    public void Save(string folder) => ReportFiles.Save(folder, WriteJson, Html());

    /// <summary>The comparison as a page.</summary>
    public HtmlReport Html()
    {
        EvaluationResult first = Runs[0];
        HtmlReport page = new HtmlReport($"{Runs.Count} models on {first.Task.Data.Name}").Table(MetricTable()).Chart(new BarChart
        {
            Title = $"{first.Metrics[0].Name}, with intervals of 95 %", Full = first.Metrics[0].IsShare ? 1 : null,
            Bars =
            [
                .. Runs.Select(run => new Bar(run.Model, run.Metrics[0].Value)
                {
                    Low = run.Metrics[0].Low, High = run.Metrics[0].High, Text = MetricText.Value(run.Metrics[0]),
                }),
            ],
        });
        page.Heading("Pairs").Table(PairTable()).Paragraph(
            $"Better, worse and different are by the score of single answers, {ScoreName}. A difference whose interval holds 0 may be chance. "
            + "Intervals are of 95 %, from questions drawn again; questions of one group are drawn together. p is the exact test of "
            + "the questions on which one model is better, where questions count as independent.");
        page.Heading("How it was asked").Paragraph(first.Task.Convention).Code(first.Rows[0].Prompt);
        foreach (EvaluationResult run in Runs)
        {
            page.Section(run.Model, part => part.Facts(run.Settings));
        }

        int[] apart =
        [
            .. Enumerable.Range(0, first.Rows.Count).Where(i => Runs.Any(run => run.Rows[i].Score != first.Rows[i].Score)).Take(Shown),
        ];
        return apart.Length == 0 ? page : page.Section(
            $"Questions on which scores differ ({apart.Length} shown)", part =>
            {
                foreach (int i in apart)
                {
                    part.Pictures(Row(i));
                }
            }, open: true);
    }

    /// <summary>Writes the comparison as a JSON object.</summary>
    /// <param name="json">Takes the object.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteStartArray("runs");
        foreach (EvaluationResult run in Runs)
        {
            EvaluationReport.WriteJson(json, run);
        }

        json.WriteEndArray();
        json.WriteStartArray("pairs");
        foreach (ModelPair pair in Pairs)
        {
            json.WriteStartObject();
            json.WriteString("first", pair.First);
            json.WriteString("second", pair.Second);
            json.WriteNumber("agreeing", pair.Agreeing);
            json.WriteNumber("first_better", pair.FirstBetter);
            json.WriteNumber("second_better", pair.SecondBetter);
            json.WriteNumber("count", pair.Count);
            json.WriteString("score", ScoreName);
            EvaluationReport.WriteNumber(json, "difference", pair.Difference);
            EvaluationReport.WriteNumber(json, "low", pair.Low);
            EvaluationReport.WriteNumber(json, "high", pair.High);
            EvaluationReport.WriteNumber(json, "p", pair.Chance);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The metrics of all models: a row a model, a column a metric.</summary>
    public ReportTable MetricTable()
    {
        var table = new ReportTable(
            [
                new ReportColumn("model"), .. Runs[0].Metrics.Select(metric => new ReportColumn(metric.Name, true)),
                new ReportColumn("not understood", true), new ReportColumn("failed", true),
            ]);
        foreach (EvaluationResult run in Runs)
        {
            table.Add(
                [
                    run.Model, .. run.Metrics.Select(MetricText.Value), ReportNumber.Count(run.Counts.Unread + run.Counts.Empty),
                    ReportNumber.Count(run.Counts.Failed),
                ]);
        }

        return table;
    }

    /// <summary>The pairs: a row a pair.</summary>
    public ReportTable PairTable()
    {
        bool isShare = (Runs[0].Metrics.FirstOrDefault(metric => metric.Name == ScoreName) ?? Runs[0].Metrics[0]).IsShare;
        var table = new ReportTable(
            new ReportColumn("first"), new ReportColumn("second"), new ReportColumn("same answer", true), new ReportColumn("first better", true),
            new ReportColumn("second better", true), new ReportColumn($"difference of {ScoreName}", true), new ReportColumn("interval of 95 %", true),
            new ReportColumn("p", true));
        foreach (ModelPair pair in Pairs)
        {
            table.Add(
                pair.First, pair.Second, ReportNumber.Percent((double)pair.Agreeing / pair.Count), ReportNumber.Count(pair.FirstBetter),
                ReportNumber.Count(pair.SecondBetter), MetricText.Number(pair.Difference, isShare),
                MetricText.Interval(pair.Low, pair.High, isShare), pair.Chance is { } chance ? ReportNumber.Short(chance, 3) : "–");
        }

        return table;
    }

    private static string? Difference(EvaluationResult first, EvaluationResult other) =>
        first.Task.Name != other.Task.Name ? $"the tasks are '{first.Task.Name}' and '{other.Task.Name}'"
        : first.Task.Data.Hash != other.Task.Data.Hash || !first.Rows.Select(row => row.Id).SequenceEqual(other.Rows.Select(row => row.Id))
            ? $"the data '{first.Task.Data.Name}' and '{other.Task.Data.Name}' are not the same"
        : !first.Rows.Select(row => row.PromptHash).SequenceEqual(other.Rows.Select(row => row.PromptHash)) ? "they were asked differently"
        : null;

    private ReportPictureRow Row(int i)
    {
        EvaluationRow asked = Runs[0].Rows[i];
        EvaluationSample sample = Runs[0].Task.Data.Find(asked.Id);
        return new ReportPictureRow
        {
            Title = asked.Id,
            Pictures = ReportMedia.Of([.. sample.AllMedia]),
            Texts =
            [
                .. EvaluationReport.Before(sample, null), KeyValuePair.Create("asked", asked.Prompt), KeyValuePair.Create("right", string.Join("; ", asked.References)),
                .. Runs.Select(run => KeyValuePair.Create(
                    run.Model, $"{string.Concat(run.Rows[i].Said.Select(said => said + " / "))}{run.Rows[i].Error ?? run.Rows[i].Answer} ({ReportNumber.Short(run.Rows[i].Score)})")),
            ],
        };
    }
}
