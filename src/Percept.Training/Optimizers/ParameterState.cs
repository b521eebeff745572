using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>One weight with what its optimizer remembers of it.</summary>
internal sealed class ParameterState(Parameter parameter, ParameterGroup group, double weightDecay, StateSlot[] slots)
{
    internal Parameter Parameter { get; } = parameter;

    internal ParameterGroup Group { get; } = group;

    /// <summary>The decay of the group, else the optimizer's.</summary>
    internal double WeightDecay { get; } = weightDecay;

    /// <summary>The names of <see cref="Tensors"/>, as PyTorch calls them.</summary>
    internal string[] Names { get; } = [.. slots.Select(slot => slot.Name)];

    /// <summary>The remembered tensors, zeros at first.</summary>
    internal Tensor[] Tensors { get; } = [.. slots.Select(slot => Ops.Zeros(slot.Shape))];

    /// <summary>How many steps this weight took; those without a gradient do not count.</summary>
    internal long Steps { get; set; }
}
