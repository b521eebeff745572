using Percept.Media;

namespace Percept.Evaluation;

/// <summary>Where is what a sentence describes? Answers and references are boxes <c>[left, top, right, bottom]</c> in text.</summary>
/// <param name="data">Descriptions whose reference is a box, in the unit in which models of this kind answer (0 to 1 of the picture).</param>
public sealed class GroundingTask(EvaluationData data) : IEvaluationTask
{
    private const double Enough = 0.5;

    /// <inheritdoc/>
    public string Name => "grounding";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention =>
        "lmms-eval, refcoco/utils_rec.py, commit 75571cfe: the first four numbers in square brackets; right from an intersection over union of "
        + "0.5; an answer without a box counts as one without overlap.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 64;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return $"Provide the bounding box coordinate of the region this sentence describes: {sample.Question}";
    }

    /// <inheritdoc/>
    public string? ScoreName => "mean IoU";

    /// <inheritdoc/>
    public string? Problem(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return BoxAnswer.Parse(sample.References[0]) is null
            ? $"has the answer '{sample.References[0]}', expected [left, top, right, bottom]; write the box in plain decimals"
            : null;
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return BoxAnswer.Parse(answer) is { } box
            ? new SampleScore(
                FormattableString.Invariant($"[{box.Left:r},{box.Top:r},{box.Right:r},{box.Bottom:r}]"),
                box.IntersectionOverUnion(Wanted(sample)))
            : new SampleScore(null, 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        string?[] groups = [.. rows.Select(row => row.Group)];
        double[] centred =
        [
            .. rows.Select(row => row.Parsed is { } text && BoxAnswer.Parse(text) is { } box
                && BoxAnswer.CentreLiesIn(box, Wanted(data.Find(row.Id))) ? 1.0 : 0),
        ];
        return
        [
            Metrics.Mean("accuracy at IoU 0.5", [.. rows.Select(row => row.Score >= Enough ? 1.0 : 0)], groups),
            Metrics.Mean("mean IoU", rows), Metrics.Mean("centre inside", centred, groups),
        ];
    }

    private static ImageBox Wanted(EvaluationSample sample) => BoxAnswer.Parse(sample.References[0])
        ?? throw new InvalidDataException(
            $"The reference of the sample '{sample.Id}' is '{sample.References[0]}', expected [left, top, right, bottom].");
}
