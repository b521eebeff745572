namespace Percept.Evaluation;

/// <summary>What became of the questions of a run.</summary>
/// <param name="Asked">All of them.</param>
/// <param name="Read">Answers out of which the task read something.</param>
/// <param name="Unread">Answers with text out of which it read nothing.</param>
/// <param name="Empty">Answers without text.</param>
/// <param name="Failed">Questions that ended in an error.</param>
/// <param name="Cut">Answers that reached the greatest length; they are among the others too.</param>
public sealed record EvaluationCounts(int Asked, int Read, int Unread, int Empty, int Failed, int Cut)
{
    /// <summary>Counts rows.</summary>
    /// <param name="rows">The rows.</param>
    public static EvaluationCounts Of(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        EvaluationRow[] answered = [.. rows.Where(row => row.Error is null)];
        int empty = answered.Count(row => string.IsNullOrWhiteSpace(row.Answer));
        int read = answered.Count(row => row.Parsed is not null && !string.IsNullOrWhiteSpace(row.Answer));
        return new EvaluationCounts(
            rows.Count, read, answered.Length - empty - read, empty, rows.Count - answered.Length,
            answered.Count(row => row.Finish == "length"));
    }
}
