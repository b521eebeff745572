using System.Numerics.Tensors;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>Chooses tokens: the most likely, or a random one by its probability.</summary>
/// <remarks>
/// A draw depends on the seed, a stream number and a position and on nothing else: rows do not disturb each other, and
/// a token that is drawn again at the same place (after a wrong guess) is the same. For one thread.
/// </remarks>
public sealed class TokenSampler
{
    private readonly List<RandomStream> _streams = [];
    private LogitsBuffer<float> _weights;

    /// <summary>Makes a sampler.</summary>
    /// <param name="seed">The seed; null for a random one, told by <see cref="Seed"/>.</param>
    public TokenSampler(ulong? seed = null) => Seed = seed ?? (ulong)Random.Shared.NextInt64();

    /// <summary>The seed that reproduces the draws.</summary>
    public ulong Seed { get; }

    /// <summary>The id of the greatest logit, of equal ones the first.</summary>
    /// <param name="logits">The logits [V].</param>
    /// <param name="row">The row, for messages.</param>
    /// <param name="position">How many tokens the row has generated, for messages.</param>
    /// <exception cref="InvalidLogitsException">A logit is NaN or +∞, or every token is forbidden.</exception>
    public static int Greatest(ReadOnlySpan<float> logits, int row = 0, int position = 0)
    {
        // NaN counts as the greatest here.
        int best = TensorPrimitives.IndexOfMax(logits);
        if (best < 0 || !float.IsFinite(logits[best]))
        {
            throw best < 0 || float.IsNegativeInfinity(logits[best])
                ? InvalidLogitsException.AllForbidden(row, position)
                : InvalidLogitsException.NotFinite(logits[best], best, row, position);
        }

        return best;
    }

    /// <summary>Refuses logits among which is NaN or +∞.</summary>
    internal static void RequireNumbers(ReadOnlySpan<float> logits, int row, int position)
    {
        int best = TensorPrimitives.IndexOfMax(logits);
        if (best >= 0 && (float.IsNaN(logits[best]) || float.IsPositiveInfinity(logits[best])))
        {
            throw InvalidLogitsException.NotFinite(logits[best], best, row, position);
        }
    }

    /// <summary>Draws an id by the softmax of the logits.</summary>
    /// <param name="logits">The logits [V].</param>
    /// <param name="stream">The stream of draws: one for each row.</param>
    /// <param name="position">The position in the stream: the number of tokens that the row has generated.</param>
    /// <exception cref="InvalidLogitsException">A logit is NaN or +∞, or every token is forbidden.</exception>
    public int Draw(ReadOnlySpan<float> logits, int stream = 0, int position = 0)
    {
        int best = Greatest(logits, stream, position);
        Span<float> weights = _weights.Take(logits.Length);
        TensorPrimitives.Subtract(logits, logits[best], weights);
        TensorPrimitives.Exp(weights, weights);
        double sum = 0;
        foreach (float weight in weights)
        {
            sum += weight;
        }

        double left = Uniform(stream, position) * sum;
        int chosen = best;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                chosen = i;
                left -= weights[i];
                if (left < 0)
                {
                    break;
                }
            }
        }

        return chosen;
    }

    /// <summary>A number spread evenly over [0, 1).</summary>
    internal double Uniform(int stream, int position, int index = 0)
    {
        while (_streams.Count <= stream)
        {
            _streams.Add(new RandomStream(Seed, (ulong)_streams.Count));
        }

        // The position is the upper half, so that one place may draw many numbers.
        _streams[stream].Position = ((ulong)position << 32) | (uint)index;
        return _streams[stream].NextDouble();
    }
}
