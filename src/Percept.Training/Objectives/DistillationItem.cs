using Percept.Data;

namespace Percept.Training;

/// <summary>A conversation as the student takes it and as the teacher does, with the same answers in both.</summary>
public sealed class DistillationItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="student">The conversation as the student takes it, which the item owns.</param>
    /// <param name="teacher">The conversation as the teacher takes it, which the item owns.</param>
    public DistillationItem(DatasetSample sample, SupervisedPrompt student, SupervisedPrompt teacher)
        : base(sample)
    {
        Student = new TokenItem(sample, student);
        Teacher = new TokenItem(sample, teacher);
    }

    /// <summary>The conversation as the student takes it.</summary>
    public TokenItem Student { get; }

    /// <summary>The conversation as the teacher takes it.</summary>
    public TokenItem Teacher { get; }

    /// <inheritdoc/>
    public override int Rows => Student.Rows + Teacher.Rows;

    /// <inheritdoc/>
    public override double Weight => Student.Weight;

    /// <inheritdoc/>
    public override bool HasMedia => Student.HasMedia;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Student.Dispose();
        Teacher.Dispose();
    }
}
