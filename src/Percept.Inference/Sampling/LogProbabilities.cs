namespace Percept.Inference;

/// <summary>Tells how likely tokens are by given logits.</summary>
public static class LogProbabilities
{
    /// <summary>The log-probabilities of a token and of the most likely ones.</summary>
    /// <param name="logits">The logits [V], not changed.</param>
    /// <param name="chosen">The token.</param>
    /// <param name="top">How many of the most likely.</param>
    public static TokenDetail Of(ReadOnlySpan<float> logits, int chosen, int top)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(chosen);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chosen, logits.Length);
        double log = LogitMath.LogSumExp(logits, new float[logits.Length]);
        var selector = new TopSelector(Math.Min(top, logits.Length));
        for (int i = 0; i < logits.Length && top > 0; i++)
        {
            selector.Add(logits[i], i);
        }

        selector.Sort();
        var best = new TokenLogProbability[selector.Count];
        for (int i = 0; i < best.Length; i++)
        {
            best[i] = new TokenLogProbability(selector.Index(i), (float)(selector.Value(i) - log));
        }

        return new TokenDetail(new TokenLogProbability(chosen, (float)(logits[chosen] - log)), best);
    }
}
