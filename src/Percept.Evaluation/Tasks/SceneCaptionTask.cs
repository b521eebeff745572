using Percept.Data;

namespace Percept.Evaluation;

/// <summary>Captions of generated scenes: scores against the right caption, and CHAIR by kinds of things, each a colour with a shape.</summary>
/// <param name="data">Scenes with their captions as references, and the kinds of things in them as objects.</param>
public sealed class SceneCaptionTask(EvaluationData data) : IEvaluationTask
{
    private readonly CaptionTask _captions = new(data, new ChairObjects([]));

    /// <inheritdoc/>
    public string Name => "scene-captions";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention =>
        _captions.Convention + " CHAIR over kinds of things in the scene, such as red circle, of which the content is known (Rohrbach et al., 2018).";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 192;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample) => _captions.Prompt(sample);

    /// <inheritdoc/>
    public string? ScoreName => _captions.ScoreName;

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer) => _captions.Score(sample, answer);

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        EvaluationRow[] said = [.. rows.Where(CaptionTask.IsSaid)];
        (int Named, int Invented)[] counts = [.. said.Select(row => Count(row.Answer, data.Find(row.Id).Objects))];
        int named = counts.Sum(count => count.Named);
        return
        [
            .. _captions.Aggregate(rows).Where(metric => !metric.Name.StartsWith("CHAIR", StringComparison.Ordinal)),
            Metrics.Mean(
                "CHAIRs (captions with things that are not there)", [.. counts.Select(count => count.Invented > 0 ? 1.0 : 0)],
                [.. said.Select(row => row.Group)]),
            new EvaluationMetric(
                "CHAIRi (mentions of things that are not there)", named > 0 ? (double)counts.Sum(count => count.Invented) / named : 0, named),
        ];
    }

    /// <summary>The kinds of things that a caption names, and those of them that no thing fits.</summary>
    private static (int Named, int Invented) Count(string caption, IReadOnlyList<string> there)
    {
        IReadOnlyList<SceneFilter> named = CaptionObjects.Mentioned(caption);
        return (named.Count, named.Count(kind => !there.Contains(kind.ToString())));
    }
}
