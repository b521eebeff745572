namespace Percept.Training.Tests;

/// <summary>Does something behind a step of a run.</summary>
internal sealed class AfterStep(int step, Action act) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Step == step)
        {
            act();
        }
    }
}
