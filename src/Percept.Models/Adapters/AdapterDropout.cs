using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Dropout of one layer's adapter. What is dropped is a function of the seed, the layer and the step alone, so that a segment
/// that is computed again drops the same.
/// </summary>
internal sealed class AdapterDropout(float rate, RandomStream random, AdapterClock clock)
{
    /// <summary>
    /// Whether something is dropped now, which the clock alone tells: a segment that is computed again in the backward pass is computed without
    /// recording first, and must drop the same both times.
    /// </summary>
    internal bool Drops => clock.Runs;

    /// <summary>The input with some of it dropped, or as it is.</summary>
    internal Tensor Apply(Tensor input)
    {
        if (!Drops)
        {
            return input;
        }

        return Ops.Dropout(input, rate, random.Split(clock.Step));
    }
}
