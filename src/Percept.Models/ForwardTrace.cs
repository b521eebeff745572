using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Sees the tensors that a model computes on its way: hidden states, router logits, further stages by the reference's names.
/// </summary>
/// <remarks>A model shows a tensor while it is still its own: whoever wants to keep it copies it.</remarks>
public abstract class ForwardTrace
{
    /// <summary>Sees a tensor.</summary>
    /// <param name="name">Its name: <c>hidden_states.0</c>, <c>router_logits.1</c>, …</param>
    /// <param name="value">The tensor; its memory may change after the call.</param>
    public abstract void See(string name, Tensor value);

    /// <summary>Sees a numbered tensor.</summary>
    /// <param name="name">Its name without the number.</param>
    /// <param name="index">The number.</param>
    /// <param name="value">The tensor.</param>
    public void See(string name, int index, Tensor value) => See($"{name}.{index}", value);
}
