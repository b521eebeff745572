using System.Text.Json.Nodes;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Llama 3's rule for rotary frequencies, and the divisors that it gives.</summary>
internal static class Llama3Rule
{
    // What the published models have; the original lengths are tried.
    private const double Low = 1;
    private const double High = 4;
    private const int ShortestContext = 256;
    private const int LongestContext = 1 << 20;
    private const float Tolerance = 1e-5f;

    /// <summary>By what each frequency is divided.</summary>
    internal static float[] Divisors(RopeFrequencies rule)
    {
        float[] plain = (rule with { Scaling = RopeScaling.Default }).Compute().InverseFrequencies;
        float[] changed = (rule with { Scaling = RopeScaling.Llama3 }).Compute().InverseFrequencies;
        return [.. plain.Select((frequency, i) => frequency / changed[i])];
    }

    /// <summary>The rule that gives these divisors, as <c>rope_scaling</c>; null when there is none of the usual kind.</summary>
    /// <param name="divisors">The divisors.</param>
    /// <param name="theta">The base.</param>
    internal static JsonObject? Find(float[] divisors, double theta)
    {
        double factor = divisors.Max();
        for (int original = ShortestContext; original <= LongestContext && factor > 1; original *= 2)
        {
            float[] given = Divisors(new RopeFrequencies
            {
                RotaryDimension = 2 * divisors.Length,
                Theta = theta,
                Factor = factor,
                OriginalPositions = original,
                LowFrequencyFactor = Low,
                HighFrequencyFactor = High,
            });
            if (given.Zip(divisors).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * pair.Second))
            {
                return new JsonObject
                {
                    ["rope_type"] = "llama3",
                    ["factor"] = factor,
                    ["low_freq_factor"] = Low,
                    ["high_freq_factor"] = High,
                    ["original_max_position_embeddings"] = original,
                };
            }
        }

        return null;
    }
}
