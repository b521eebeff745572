namespace Percept.Evaluation;

/// <summary>Finds answers that a task cannot compare with, before anything is asked.</summary>
internal static class ReferenceCheck
{
    /// <summary>Checks all samples of data.</summary>
    /// <param name="task">The task.</param>
    /// <param name="data">The data; more than the task's own where only a part is asked.</param>
    /// <exception cref="InvalidDataException">A sample has no answer, or none that the task can compare with.</exception>
    internal static void Require(IEvaluationTask task, EvaluationData data)
    {
        foreach (EvaluationSample sample in data.Samples)
        {
            string? problem = sample.References.Count == 0 ? "has no answer to compare with; give it one" : task.Problem(sample);
            if (problem is not null)
            {
                string place = sample.Source.File is null ? string.Empty : $"{sample.Source}: ";
                throw new InvalidDataException($"{place}The sample '{sample.Id}' of '{data.Name}' {problem}.");
            }
        }
    }
}
