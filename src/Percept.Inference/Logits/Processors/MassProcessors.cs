using System.Numerics.Tensors;

namespace Percept.Inference;

/// <summary>Keeps the most probable tokens whose probabilities add up to a share (nucleus sampling).</summary>
/// <remarks>
/// As in the reference, tokens go from the least probable upwards while the cumulated probability is at most 1 − p; of
/// equal logits at the border those of lower ids go first.
/// </remarks>
internal sealed class TopPProcessor : ILogitsProcessor
{
    private readonly float _removable;
    private readonly int _keep;
    private readonly MassSelector _selector = new();
    private LogitsBuffer<float> _probabilities;
    private LogitsBuffer<float> _heap;

    internal TopPProcessor(double p, int minTokensToKeep = 1)
    {
        SettingsCheck.Require(p is >= 0 and <= 1, "top_p", p, "a number from 0 to 1");
        SettingsCheck.Keep(minTokensToKeep);
        _removable = (float)(1 - p);
        _keep = minTokensToKeep;
    }

    public string Name => "TopPLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        Span<float> probabilities = _probabilities.Take(logits.Length);
        LogitMath.Softmax(logits, probabilities);
        _selector.Begin(logits.Length);
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > LogitMath.Forbidden)
            {
                _selector.Add(logits[i], probabilities[i]);
            }
        }

        int removed = _selector.Find(_removable, reaches: false, out float least, out int ties);
        if (_selector.Count - removed < _keep)
        {
            (least, ties) = Best(logits);
        }

        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] < least)
            {
                logits[i] = LogitMath.Forbidden;
            }
            else if (logits[i] == least && ties > 0)
            {
                logits[i] = LogitMath.Forbidden;
                ties--;
            }
        }
    }

    // The least logit of those that are kept at any rate, and how many of its equals are not.
    private (float Least, int Ties) Best(ReadOnlySpan<float> logits)
    {
        float least = LogitMath.KthLargest(logits, _keep, _heap.Take(_keep));
        int reaching = 0;
        foreach (float logit in logits)
        {
            reaching += logit >= least ? 1 : 0;
        }

        return (least, Math.Max(0, reaching - _keep));
    }
}

/// <summary>
/// Keeps tokens whose information is closest to the entropy until their probabilities add up to a share (locally
/// typical sampling, arXiv 2202.00666).
/// </summary>
internal sealed class TypicalProcessor : ILogitsProcessor
{
    private readonly float _mass;
    private readonly int _keep;
    private readonly MassSelector _selector = new();
    private LogitsBuffer<float> _probabilities;
    private LogitsBuffer<float> _distances;
    private LogitsBuffer<float> _heap;

    internal TypicalProcessor(double mass, int minTokensToKeep = 1)
    {
        SettingsCheck.Require(mass is > 0 and < 1, "typical_p", mass, "a number between 0 and 1");
        SettingsCheck.Keep(minTokensToKeep);
        _mass = (float)mass;
        _keep = minTokensToKeep;
    }

    public string Name => "TypicalLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        Span<float> probabilities = _probabilities.Take(logits.Length);
        Span<float> distances = _distances.Take(logits.Length);
        float log = (float)LogitMath.LogSumExp(logits, probabilities);
        LogitMath.Softmax(logits, probabilities);
        float entropy = (float)LogitMath.Entropy(probabilities);
        _selector.Begin(logits.Length);
        for (int i = 0; i < logits.Length; i++)
        {
            distances[i] = float.NegativeInfinity;
            if (logits[i] > LogitMath.Forbidden)
            {
                float distance = Math.Abs(log - logits[i] - entropy);
                _selector.Add(distance, probabilities[i]);
                // Negated, so that the closest are the greatest.
                distances[i] = -distance;
            }
        }

        _selector.Find(_mass, reaches: true, out float furthest, out _);
        furthest = Math.Max(furthest, -LogitMath.KthLargest(distances, _keep, _heap.Take(_keep)));
        for (int i = 0; i < logits.Length; i++)
        {
            if (-distances[i] > furthest)
            {
                logits[i] = LogitMath.Forbidden;
            }
        }
    }
}

/// <summary>
/// Keeps the most probable of the best 100 tokens while their share of the entropy stays within a bound (top-H
/// decoding, arXiv 2509.02510).
/// </summary>
internal sealed class TopHProcessor : ILogitsProcessor
{
    private const int Considered = 100;

    private readonly double _share;
    private LogitsBuffer<float> _heap;
    private LogitsBuffer<float> _best;
    private LogitsBuffer<int> _ids;
    private LogitsBuffer<float> _probabilities;
    private LogitsBuffer<float> _logs;

    internal TopHProcessor(double share)
    {
        SettingsCheck.Require(share is > 0 and <= 1, "top_h", share, "a number above 0, at most 1");
        _share = share;
    }

    public string Name => "TopHLogitsWarper";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        int count = Math.Min(Considered, logits.Length);
        Span<float> best = _best.Take(count);
        Span<int> ids = _ids.Take(count);
        Collect(logits, LogitMath.KthLargest(logits, count, _heap.Take(count)), best, ids);
        // Ascending; walked from the end.
        best.Sort(ids);
        Span<float> probabilities = _probabilities.Take(count);
        float bound = Entropy(best, probabilities, _logs.Take(count)) * (float)_share;
        double cumulated = 0;
        int kept = 0;
        for (int i = count - 1; i >= 0 && probabilities[i] > 0; i--, kept++)
        {
            cumulated -= probabilities[i] * MathF.Log(probabilities[i]);
            if (kept > 0 && (float)cumulated > bound)
            {
                break;
            }
        }

        kept = Math.Max(kept, 1);
        logits.Fill(LogitMath.Forbidden);
        for (int i = count - kept; i < count; i++)
        {
            logits[ids[i]] = best[i];
        }
    }

    /// <summary>The entropy of the best, with their probabilities.</summary>
    /// <remarks>
    /// In float32 and in the reference's order of addition (sixteen lanes from the most probable on, four sums of
    /// vectors beside each other): with a share of 1 the bound is the whole, and the last bits decide on the last
    /// token.
    /// </remarks>
    private static float Entropy(ReadOnlySpan<float> best, Span<float> probabilities, Span<float> logs)
    {
        const int Lanes = 16;
        const int Sums = 4;
        float log = best[^1] + (float)Math.Log(Exponentials(best, best[^1], probabilities));
        TensorPrimitives.Subtract(best, log, logs);
        TensorPrimitives.Divide(probabilities, (float)Exponentials(logs, logs[^1], probabilities), probabilities);
        logs.Reverse();
        Span<float> lanes = stackalloc float[Lanes * Sums];
        lanes.Clear();
        float sum = 0;
        int vectors = best.Length / Lanes;
        for (int i = 0; i < best.Length; i++)
        {
            float term = probabilities[^(i + 1)] == 0 ? 0 : logs[i] * probabilities[^(i + 1)];
            int vector = i / Lanes;
            if (vector >= vectors)
            {
                sum += term;
            }
            else
            {
                // Vectors that do not fill a round go to the first sum.
                int place = vector < vectors / Sums * Sums ? vector % Sums : 0;
                lanes[(place * Lanes) + (i % Lanes)] += term;
            }
        }

        for (int lane = 0; lane < Lanes; lane++)
        {
            float total = lanes[lane];
            for (int place = 1; place < Sums; place++)
            {
                total += lanes[(place * Lanes) + lane];
            }

            sum += total;
        }

        return -sum;
    }

    /// <summary>e to the values less the greatest, and their sum in an order that no width of vectors changes.</summary>
    private static double Exponentials(ReadOnlySpan<float> values, float greatest, Span<float> result)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            result[i] = MathF.Exp(values[i] - greatest);
            sum += result[i];
        }

        return sum;
    }

    private static void Collect(ReadOnlySpan<float> logits, float least, Span<float> best, Span<int> ids)
    {
        int above = 0;
        int at = 0;
        foreach (float logit in logits)
        {
            above += logit > least ? 1 : 0;
        }

        int equals = best.Length - above;
        for (int i = 0; i < logits.Length && at < best.Length; i++)
        {
            if (logits[i] > least || (logits[i] == least && equals-- > 0))
            {
                (best[at], ids[at]) = (logits[i], i);
                at++;
            }
        }
    }
}
