using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// Dropout of one layer's adapter. What is dropped is a function of the seed, the layer and the step alone, so that a segment
/// that is computed again drops the same.
/// </summary>
internal sealed class AdapterDropout(float rate, RandomStream random, AdapterClock clock)
{
    private const ulong StepLength = 1UL << 36;

    /// <summary>Whether something is dropped now: gradients are recorded, and the clock runs.</summary>
    internal bool Drops => clock.Runs && Gradients.Enabled;

    /// <summary>The input with some of it dropped, or as it is.</summary>
    internal Tensor Apply(Tensor input)
    {
        if (!Drops)
        {
            return input;
        }

        random.Position = clock.Step * StepLength;
        return Ops.Dropout(input, rate, random);
    }
}
