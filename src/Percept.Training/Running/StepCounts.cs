namespace Percept.Training;

/// <summary>What a step has, over all ranks.</summary>
/// <param name="Stops">Whether a rank asks the run to stop before the step.</param>
/// <param name="Skipped">How many samples were skipped on the way to it.</param>
/// <param name="Samples">Its samples.</param>
/// <param name="Tokens">Rows that go through the model.</param>
/// <param name="Weight">What counts in its mean.</param>
/// <param name="HasMedia">Whether media are among it.</param>
internal readonly record struct StepCounts(bool Stops, long Skipped, int Samples, int Tokens, double Weight, bool HasMedia)
{
    /// <summary>How many numbers stand before those of the micro-batches, in an array that ranks sum.</summary>
    internal const int Fixed = 6;

    /// <summary>Adds the samples of a micro-batch to the numbers.</summary>
    /// <param name="items">The samples.</param>
    /// <param name="counts">The numbers.</param>
    /// <param name="own">The place of the micro-batch's own number, of its samples.</param>
    internal static void Add(IReadOnlyList<TrainingItem> items, Span<double> counts, int own)
    {
        counts[own] += items.Count;
        counts[2] += items.Count;
        for (int i = 0; i < items.Count; i++)
        {
            counts[3] += items[i].Rows;
            counts[4] += items[i].Weight;
            counts[5] += items[i].HasMedia ? 1 : 0;
        }
    }

    /// <summary>Reads the numbers of all ranks together.</summary>
    internal static StepCounts Of(ReadOnlySpan<double> counts) =>
        new(counts[0] > 0, (long)counts[1], (int)counts[2], (int)counts[3], counts[4], counts[5] > 0);
}
