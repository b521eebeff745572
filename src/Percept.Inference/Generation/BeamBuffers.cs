namespace Percept.Inference;

/// <summary>What the groups of a beam search use one after the other.</summary>
internal sealed class BeamBuffers
{
    internal BeamBuffers(GenerationPlan plan)
    {
        int beams = plan.Settings.NumBeams;
        Kept = Math.Max(2, 1 + plan.Settings.EosTokenIds.Count) * beams;
        Scratch = new float[plan.VocabularySize];
        Candidates = new TopSelector(Math.Min(Kept, beams * plan.VocabularySize));
        Running = new TopSelector(beams);
        Finished = new TopSelector(beams);
        Scores = new float[Candidates.Capacity];
        Ends = new FinishReason?[Candidates.Capacity];
        StopStates = new int[Candidates.Capacity];
    }

    /// <summary>
    /// How many candidates of a step are looked at: enough that as many as there are beams do not end.
    /// </summary>
    internal int Kept { get; }

    internal float[] Scratch { get; }

    /// <summary>The best candidates of all beams, by beam · V + token.</summary>
    internal TopSelector Candidates { get; }

    /// <summary>The candidates that go on.</summary>
    internal TopSelector Running { get; }

    /// <summary>The best ended ones: first those from before, then the candidates.</summary>
    internal TopSelector Finished { get; }

    /// <summary>The candidates' summed log-probabilities.</summary>
    internal float[] Scores { get; }

    /// <summary>Why a candidate ends; null when it goes on.</summary>
    internal FinishReason?[] Ends { get; }

    /// <summary>The states of the stop strings behind each candidate.</summary>
    internal int[] StopStates { get; }
}
