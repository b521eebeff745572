namespace Percept.Training;

/// <summary>What a model answered to a sample that is looked at during training.</summary>
/// <param name="Step">After how many steps.</param>
/// <param name="Sample">The sample's name.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Reference">The answer of the dataset.</param>
public sealed record SampleAnswer(int Step, string Sample, string Question, string Answer, string Reference);
