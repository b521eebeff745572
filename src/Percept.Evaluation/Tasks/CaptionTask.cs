namespace Percept.Evaluation;

/// <summary>What is in the picture, in one sentence?</summary>
/// <param name="data">Pictures with reference captions, and, for scores of what is made up, with the objects in them.</param>
/// <param name="objects">The objects that captions are searched for; null for <see cref="ChairObjects.Coco"/>.</param>
public sealed class CaptionTask(EvaluationData data, ChairObjects? objects = null) : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => "caption";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention =>
        "salaniz/pycocoevalcap, commit ad63453c, for BLEU, ROUGE-L and CIDEr-D (common words are counted in these very references), with "
        + "Percept's own splitting into words; LisaAnne/Hallucination, commit 6e4d33c4, for CHAIR.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 64;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Question.Length > 0 ? sample.Question : "Provide a one-sentence caption for the provided image.";
    }

    /// <inheritdoc/>
    public string? ScoreName => "ROUGE-L";

    /// <inheritdoc/>
    /// <remarks>The score of one caption is its ROUGE-L: the only one that does not depend on the other captions.</remarks>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string[] words = CaptionTokens.Split(answer);
        return words.Length > 0
            ? new SampleScore(string.Join(' ', words), RougeScore.Sentence(words, References(sample)))
            : new SampleScore(null, 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        (string[] Caption, IReadOnlyList<string[]> References)[] captions =
            [.. rows.Select(row => (CaptionTokens.Split(row.Answer), References(data.Find(row.Id))))];
        double[] bleu = BleuScore.Score(captions);
        string?[] groups = [.. rows.Select(row => row.Group)];
        List<EvaluationMetric> metrics =
        [
            Metrics.Mean("CIDEr-D", CiderScore.Scores(captions), groups, isShare: false),
            .. bleu.Select((value, i) => new EvaluationMetric($"BLEU-{i + 1}", value, rows.Count) { IsShare = false }),
            Metrics.Mean("ROUGE-L", rows, isShare: false),
        ];
        EvaluationRow[] known = [.. rows.Where(row => IsSaid(row) && data.Find(row.Id).Objects.Count > 0)];
        if (known.Length > 0)
        {
            ChairObjects searched = objects ?? ChairObjects.Coco;
            ChairScore[] made =
            [
                .. known.Select(row => searched.Score(row.Answer, data.Find(row.Id).References, data.Find(row.Id).Objects)),
            ];
            int mentioned = made.Sum(one => one.Mentioned);
            metrics.Add(Metrics.Mean(
                "CHAIRs (captions with objects that are not there)",
                [.. made.Select(one => one.Invented.Count > 0 ? 1.0 : 0)], [.. known.Select(row => row.Group)]));
            double share = mentioned > 0 ? (double)made.Sum(one => one.Invented.Count) / mentioned : 0;
            metrics.Add(new EvaluationMetric("CHAIRi (mentions of objects that are not there)", share, mentioned));
        }

        return metrics;
    }

    /// <summary>Whether there is a caption: one that is not there makes nothing up, and says nothing about what a model makes up.</summary>
    internal static bool IsSaid(EvaluationRow row) => row.Error is null && !string.IsNullOrWhiteSpace(row.Answer);

    private static IReadOnlyList<string[]> References(EvaluationSample sample) => [.. sample.References.Select(CaptionTokens.Split)];
}
