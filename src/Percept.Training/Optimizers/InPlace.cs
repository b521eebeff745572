using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Steps that change tensors where they are, each in one pass: the kernel of plain SGD computes all of them.
/// </summary>
internal static class InPlace
{
    /// <summary>target ← target − rate·direction.</summary>
    internal static void Descend(Tensor target, Tensor direction, double rate) =>
        Ops.SgdUpdate(target, direction, null, new SgdStep(First: false, (float)rate));

    /// <summary>target ← keep·target + share·addend, which is target − (−share·addend + (1 − keep)·target).</summary>
    internal static void Mix(Tensor target, double keep, Tensor addend, double share)
    {
        if (keep == 0 && share == 1)
        {
            // Exactly: a difference would round.
            Ops.CopyTo(addend, target);
            return;
        }

        Ops.SgdUpdate(
            target, addend, null,
            new SgdStep(First: false, LearningRate: 1f, WeightDecay: (float)(1 - keep), GradientScale: (float)-share));
    }

    /// <summary>The mean of a series that forgets: target ← decay·target + (1 − decay)·addend.</summary>
    internal static void Average(Tensor target, double decay, Tensor addend) => Mix(target, decay, addend, 1 - decay);

    /// <summary>scale·gradient + decay·parameter, a new tensor; the gradient itself where that is the same.</summary>
    internal static Tensor WithDecay(Tensor gradient, float scale, Tensor parameter, double decay)
    {
        Tensor scaled = scale == 1f ? gradient : Ops.Scale(gradient, scale);
        return decay == 0 ? scaled : Ops.Add(scaled, Ops.Scale(parameter, (float)decay));
    }
}
