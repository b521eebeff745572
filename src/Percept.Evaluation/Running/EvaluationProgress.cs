namespace Percept.Evaluation;

/// <summary>How far a run is.</summary>
/// <param name="Done">Samples that have a row, those of an earlier start included.</param>
/// <param name="Total">All samples.</param>
/// <param name="MeanScore">The mean score so far.</param>
/// <param name="Row">The row that was just added; null at the beginning.</param>
public sealed record EvaluationProgress(int Done, int Total, double MeanScore, EvaluationRow? Row);
