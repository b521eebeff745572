using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <content>What the calculation of gradients keeps with a tensor.</content>
public readonly partial struct Tensor
{
    /// <summary>Whether <see cref="Autograd.Gradients.Backward"/> goes through this tensor.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public bool RequiresGrad => Node.RequiresGradient;

    /// <summary>The gradient accumulated by <see cref="Autograd.Gradients.Backward"/>; null before the first.</summary>
    /// <remarks>It belongs to this tensor and ends with it or with <see cref="ZeroGrad"/>.</remarks>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public Tensor? Grad => Node.Gradient is { } gradient ? new Tensor(gradient) : null;

    /// <summary>Says whether a leaf is to receive a gradient.</summary>
    /// <param name="required">False freezes it: no gradient is computed or stored for it.</param>
    /// <returns>The same tensor.</returns>
    /// <exception cref="DTypeException">Only float32 tensors can have a gradient.</exception>
    /// <exception cref="InvalidOperationException">The tensor is a recorded result.</exception>
    public Tensor RequireGrad(bool required = true)
    {
        TensorNode node = Node;
        if (required && node.Type != DType.F32)
        {
            throw new DTypeException("this", "F32 for a tensor that requires a gradient", node.Type);
        }

        if (node.Tape is not null)
        {
            throw new InvalidOperationException(
                "The tensor is the recorded result of an op; only leaves can be told whether they require a gradient.");
        }

        node.RequiresGradient = required;
        return this;
    }

    /// <summary>Drops the accumulated gradient; its memory serves the next one.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public void ZeroGrad()
    {
        TensorNode node = Node;
        if (node.Gradient is { } gradient)
        {
            node.Gradient = null;
            gradient.End(ThreadTensors.Current, "ZeroGrad dropped the gradient.");
        }
    }

    /// <summary>Lets a recorded result outlive <see cref="Autograd.Gradients.Backward"/>, which else ends it.</summary>
    /// <returns>The same tensor, now of the scope around its own, or of the garbage collector when there is none.</returns>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public Tensor Keep()
    {
        TensorNode node = Node;
        if (node.Depth > 1)
        {
            node.KeepDepth = Math.Min(node.KeepDepth, node.Depth - 1);
        }
        else
        {
            node.GiveToCollector();
        }

        return this;
    }

    /// <summary>
    /// Lets a tensor outlive every scope that is open: it lives until it is disposed, or until the garbage collector finds it
    /// unused. For weights and caches, which are made while a scope is open and belong to an object.
    /// </summary>
    /// <returns>The same tensor.</returns>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public Tensor KeepAlways()
    {
        Node.GiveToCollector();
        return this;
    }
}
