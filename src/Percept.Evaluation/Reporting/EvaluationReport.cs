using System.Text.Json;
using Percept.Reports;

namespace Percept.Evaluation;

/// <summary>A run as <c>report.json</c> and <c>report.html</c>.</summary>
public static class EvaluationReport
{
    /// <summary>How many samples with a poor score, and how many with a good one, the page shows.</summary>
    private const int Shown = 12;

    /// <summary>Writes both files into a folder, each as a whole.</summary>
    /// <param name="result">The run.</param>
    /// <param name="folder">The folder.</param>
    public static void Save(EvaluationResult result, string folder)
    {
        ArgumentNullException.ThrowIfNull(result);
        ReportFiles.Save(folder, json => WriteJson(json, result), Html(result));
    }

    /// <summary>Writes the run without its rows as a JSON object.</summary>
    /// <param name="json">Takes the object.</param>
    /// <param name="result">The run.</param>
    public static void WriteJson(Utf8JsonWriter json, EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(result);
        json.WriteStartObject();
        json.WriteString("model", result.Model);
        json.WriteString("task", result.Task.Name);
        json.WriteStartObject("settings");
        foreach ((string name, string value) in result.Settings)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteString("example_prompt", result.Rows[0].Prompt);
        WriteMetrics(json, "metrics", result.Metrics);
        WriteMetrics(json, "categories", result.Categories);
        EvaluationCounts counts = result.Counts;
        json.WriteStartObject("counts");
        foreach ((string name, int count) in (ReadOnlySpan<(string, int)>)[
            ("asked", counts.Asked), ("read", counts.Read), ("unread", counts.Unread), ("empty", counts.Empty), ("failed", counts.Failed),
            ("cut", counts.Cut)])
        {
            json.WriteNumber(name, count);
        }

        json.WriteEndObject();
        json.WriteNumber("prompt_tokens", result.Rows.Sum(row => row.PromptTokens ?? 0));
        json.WriteNumber("answer_tokens", result.Rows.Sum(row => row.AnswerTokens ?? 0));
        json.WriteEndObject();
    }

    /// <summary>The run as a page.</summary>
    /// <param name="result">The run.</param>
    public static HtmlReport Html(EvaluationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        HtmlReport page = new HtmlReport($"{result.Model} on {result.Task.Data.Name}").Table(MetricTable(result.Metrics));
        EvaluationCounts counts = result.Counts;
        page.Facts(
        [
            Fact("Questions", counts.Asked), Fact("Answers that were understood", counts.Read),
            Fact("Answers out of which nothing was read", counts.Unread), Fact("Empty answers", counts.Empty),
            Fact("Questions that ended in an error", counts.Failed), Fact("Answers cut at the greatest length", counts.Cut),
            Fact("Tokens of questions", result.Rows.Sum(row => row.PromptTokens ?? 0)),
            Fact("Tokens of answers", result.Rows.Sum(row => row.AnswerTokens ?? 0)),
        ]);
        if (result.Categories.Count > 0)
        {
            page.Heading("By category").Chart(new BarChart
            {
                Title = "Mean score of each category, with intervals of 95 %", Full = result.Categories.All(one => one.IsShare) ? 1 : null,
                Bars = [.. result.Categories.Select(Bar)],
            });
        }

        page.Heading("How it was asked").Paragraph(result.Task.Convention).Code(result.Rows[0].Prompt).Facts(result.Settings);
        AddRows(page, result, "Poor scores", result.Rows.OrderBy(row => row.Score));
        AddRows(page, result, "Good scores", result.Rows.OrderByDescending(row => row.Score));
        AddRows(page, result, "Answers out of which nothing was read", result.Rows.Where(row => row.Parsed is null));
        return page.Paragraph("All rows with their raw answers are in rows.jsonl.");
    }

    /// <summary>Metrics with their intervals: a row a metric.</summary>
    /// <param name="metrics">The metrics.</param>
    public static ReportTable MetricTable(IReadOnlyList<EvaluationMetric> metrics)
    {
        var table = new ReportTable(
            new ReportColumn("metric"), new ReportColumn("value", true), new ReportColumn("interval of 95 %", true),
            new ReportColumn("over", true));
        foreach (EvaluationMetric metric in metrics)
        {
            table.Add(metric.Name, MetricText.Value(metric), MetricText.Interval(metric), ReportNumber.Count(metric.Count));
        }

        return table;
    }

    private static void WriteMetrics(Utf8JsonWriter json, string name, IReadOnlyList<EvaluationMetric> metrics)
    {
        json.WriteStartArray(name);
        foreach (EvaluationMetric metric in metrics)
        {
            json.WriteStartObject();
            json.WriteString("name", metric.Name);
            WriteNumber(json, "value", metric.Value);
            WriteNumber(json, "low", metric.Low);
            WriteNumber(json, "high", metric.High);
            json.WriteNumber("count", metric.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void AddRows(HtmlReport page, EvaluationResult result, string title, IEnumerable<EvaluationRow> rows)
    {
        EvaluationRow[] shown = [.. rows.Take(Shown)];
        if (shown.Length == 0)
        {
            return;
        }

        page.Section($"{title} ({shown.Length} shown)", part =>
        {
            foreach (EvaluationRow row in shown)
            {
                EvaluationSample sample = result.Task.Data.Find(row.Id);
                part.Pictures(new ReportPictureRow
                {
                    Title = $"{row.Id}: {ReportNumber.Short(row.Score)}",
                    Pictures = ReportMedia.Of([.. sample.AllMedia]),
                    Texts =
                    [
                        .. Before(sample, row), KeyValuePair.Create("asked", row.Prompt), KeyValuePair.Create("answer", row.Error ?? row.Answer),
                        KeyValuePair.Create("read as", row.Parsed ?? "nothing"),
                        KeyValuePair.Create("right", string.Join("; ", row.References)),
                    ],
                });
            }
        });
    }

    /// <summary>What was said before a question as a text of its row; none where it stands alone. Where there is no row of one model, what each says itself is left out.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Before(EvaluationSample sample, EvaluationRow? row)
    {
        if (sample.History.Count == 0)
        {
            return [];
        }

        int own = 0;
        string Text(EvaluationTurn turn) => !turn.IsOwn ? turn.Text : row is null ? "(its own)" : own < row.Said.Count ? row.Said[own++] : "(not said)";
        return [KeyValuePair.Create("before", string.Join('\n', sample.History.Select(turn => $"{turn.Role}: {Text(turn)}")))];
    }

    private static Bar Bar(EvaluationMetric metric) =>
        new(metric.Name, metric.Value) { Low = metric.Low, High = metric.High, Text = MetricText.Value(metric) };

    private static KeyValuePair<string, string> Fact(string name, long count) => KeyValuePair.Create(name, ReportNumber.Count(count));
}
