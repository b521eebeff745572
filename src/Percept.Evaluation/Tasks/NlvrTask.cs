namespace Percept.Evaluation;

/// <summary>NLVR: is a statement about a picture of boxes with shapes true?</summary>
/// <param name="data">A split, as <see cref="NlvrData"/> reads it.</param>
public sealed class NlvrTask(EvaluationData data) : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => "nlvr";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention =>
        "lil-lab/nlvr, metrics_images.py, commit 18924841: precision is the share of right answers over every picture, consistency the share "
        + "of statements that are right for all their pictures. Precision by vote, which is not of that file: the pictures of a layout, which "
        + "differ by the order of its boxes alone, have the answer of most of them, of as many the one of the first.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 8;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return $"Is this statement about the picture true or false? {sample.Question}\nAnswer with one word: true or false.";
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string? said = YesNoAnswer.Parse(answer) switch { true => "true", false => "false", null => null };
        return new SampleScore(said, said == sample.References[0] ? 1 : 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        EvaluationMetric[] official = [Metrics.Mean("precision", rows), Metrics.AllRight("consistency", rows)];
        IGrouping<string, EvaluationRow>[] layouts = [.. rows.GroupBy(row => row.Id.LastIndexOf('-') is > 0 and int end ? row.Id[..end] : row.Id)];
        return layouts.Length == rows.Count ? official
            : [.. official, Metrics.Mean("precision by vote", [.. layouts.Select(Voted)], [.. layouts.Select(layout => layout.First().Group)])];
    }

    private static double Voted(IEnumerable<EvaluationRow> layout)
    {
        EvaluationRow[] said = [.. layout.Where(row => row.Parsed is not null)];
        int lead = said.Sum(row => row.Parsed == "true" ? 1 : -1);
        string? most = lead == 0 ? said.FirstOrDefault()?.Parsed : lead > 0 ? "true" : "false";
        return most == layout.First().References[0] ? 1 : 0;
    }
}
