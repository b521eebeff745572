using System.Runtime.InteropServices;
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
            gradient.End(ThreadTensors.Current, TensorEnd.ZeroGrad);
        }
    }

    /// <summary>Gives a leaf without a gradient one of zeros; one that is there stays as it is.</summary>
    /// <exception cref="InvalidOperationException">The tensor requires no gradient, or is a recorded result.</exception>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public unsafe void StartGrad()
    {
        TensorNode node = Node;
        if (!node.RequiresGradient || node.Tape is not null)
        {
            throw new InvalidOperationException("Only a leaf that requires a gradient can be given one.");
        }

        if (node.Gradient is null)
        {
            NativeBuffer buffer = TensorMemory.Rent(DType.F32.ByteCount(node.Shape.Count));
            NativeMemory.Clear(buffer.Pointer, (nuint)DType.F32.ByteCount(node.Shape.Count));
            node.OwnGradient(ThreadTensors.Current.Bare(buffer, (nint)buffer.Pointer, node.Shape, DType.F32));
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
