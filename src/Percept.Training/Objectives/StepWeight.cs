namespace Percept.Training;

/// <summary>What counts in a whole step, over all its micro-batches and ranks: what sums are divided by.</summary>
/// <param name="Items">The weights of the items: supervised tokens, pairs or pictures.</param>
/// <param name="AnswerTokens">Tokens of the better answers, where items are pairs.</param>
public readonly record struct StepWeight(double Items, double AnswerTokens)
{
    /// <summary>What counts in some items.</summary>
    /// <param name="items">The items.</param>
    public static StepWeight Of(IReadOnlyList<TrainingItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        double weight = 0, tokens = 0;
        for (int i = 0; i < items.Count; i++)
        {
            weight += items[i].Weight;
            tokens += items[i] is PreferenceItem pair ? pair.Chosen.Learned : 0;
        }

        return new StepWeight(weight, tokens);
    }

    /// <summary>What counts in a whole step.</summary>
    /// <param name="batches">Its micro-batches in this rank.</param>
    /// <param name="ranks">The ranks that share it.</param>
    public static StepWeight Of(IReadOnlyList<IReadOnlyList<TrainingItem>> batches, ICommunicator ranks)
    {
        ArgumentNullException.ThrowIfNull(batches);
        Span<double> sums = stackalloc double[2];
        sums.Clear();
        for (int i = 0; i < batches.Count; i++)
        {
            StepWeight own = Of(batches[i]);
            sums[0] += own.Items;
            sums[1] += own.AnswerTokens;
        }

        ranks.Sum(sums);
        return new StepWeight(sums[0], sums[1]);
    }
}
