namespace Percept.Evaluation;

/// <summary>Accuracy of a short answer that several people gave: three of them agreeing with it is full marks.</summary>
public static class VqaAccuracy
{
    private const double Needed = 3;

    /// <summary>
    /// The score of an answer, with answer and references brought into one spelling. Of ten people each is left out once, and the score is
    /// the mean of min(1, agreeing / 3) over what is left; with fewer than four references, one that agrees is full marks.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="references">What people answered, at least one.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="ArgumentException">There are no references.</exception>
    public static double Score(string answer, IReadOnlyList<string> references)
    {
        string said = AnswerText.Normalize(answer);
        string[] wanted = [.. Checked(references).Select(AnswerText.Normalize)];
        return references.Count <= Needed ? wanted.Contains(said) ? 1 : 0 : LeaveOneOut(said, wanted);
    }

    /// <summary>
    /// The score as the published evaluator of VQA v2 gives it (GT-Vision-Lab/VQA, commit a013f004): answer and references are
    /// brought into one spelling only where the references differ from each other: <c>Yes</c> against ten times <c>yes</c> scores 0.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="references">What people answered, at least one.</param>
    /// <returns>0 to 1.</returns>
    /// <exception cref="ArgumentException">There are no references.</exception>
    public static double Published(string answer, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string trimmed = answer.Replace('\n', ' ').Replace('\t', ' ').Trim();
        return Checked(references).Distinct(StringComparer.Ordinal).Count() > 1
            ? LeaveOneOut(AnswerText.Normalize(trimmed), [.. references.Select(AnswerText.Normalize)])
            : LeaveOneOut(trimmed, references);
    }

    private static IReadOnlyList<string> Checked(IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        return references.Count > 0
            ? references
            : throw new ArgumentException("There are no reference answers; give at least one.", nameof(references));
    }

    private static double LeaveOneOut(string said, IReadOnlyList<string> wanted)
    {
        int agreeing = wanted.Count(reference => reference == said);
        double sum = wanted.Sum(reference => Math.Min(1, (reference == said ? agreeing - 1 : agreeing) / Needed));
        return sum / wanted.Count;
    }
}
