namespace Percept.Evaluation;

/// <summary>A model that answers questions: a local one, or any other behind a chat interface.</summary>
/// <remarks>Implementations answer <see cref="Together"/> questions at once and must stand being called by several threads.</remarks>
public interface IAnswerer
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>How many questions it is given at once.</summary>
    int Together { get; }

    /// <summary>Everything that its answers depend on, by name: the model and how it is asked.</summary>
    /// <remarks>Runs are continued only where all are the same.</remarks>
    IReadOnlyList<KeyValuePair<string, string>> Settings { get; }

    /// <summary>Answers a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="cancellation">Stops the answer.</param>
    Task<EvaluationAnswer> AnswerAsync(EvaluationQuestion question, CancellationToken cancellation = default);
}
