using Percept.Tensors;

namespace Percept.Models;

/// <summary>Logits of states: a linear layer, and what goes before it.</summary>
internal sealed class OutputHead
{
    /// <summary>Factor of states.</summary>
    internal float Scale { get; init; } = 1f;

    /// <summary>hidden → hidden, through the activation and the norm; null for none (BERT's transform).</summary>
    internal Linear? Transform { get; init; }

    internal Activation Activation { get; init; } = Activation.None;

    internal Norm? Norm { get; init; }

    /// <summary>hidden → vocabulary.</summary>
    internal required Linear Decoder { get; init; }

    internal int VocabularySize => Decoder.Weight.Shape[0];

    /// <summary>[n, hidden] → [n, V].</summary>
    internal Tensor Forward(Tensor states)
    {
        Tensor state = Scale == 1f ? states : Ops.Scale(states, Scale);
        state = Transform is null ? state : Activation.Apply(Transform.Forward(state));
        return Decoder.Forward(Norm?.Forward(state) ?? state);
    }
}
