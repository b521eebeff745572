namespace Percept.Data;

/// <summary>Writes instructions from annotations.</summary>
/// <remarks>Safe for several threads.</remarks>
public interface IInstructionWriter
{
    /// <summary>
    /// Everything but the annotations that what it writes depends on, in one line: a build goes on only with a writer of the same description.
    /// </summary>
    string Description => GetType().FullName ?? GetType().Name;

    /// <summary>Writes a conversation about a picture.</summary>
    /// <param name="image">What is known of it.</param>
    /// <param name="kind">The kind of instruction.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Questions and answers in turns, without the picture; empty where the annotations are not enough for this kind.</returns>
    /// <exception cref="InvalidDataException">What came back is no conversation.</exception>
    Task<IReadOnlyList<DataMessage>> WriteAsync(AnnotatedImage image, InstructionKind kind, CancellationToken cancellation = default);
}
