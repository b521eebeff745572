using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// A <see cref="TensorScope"/> that is there only while gradients are off: what the tape recorded must live until the
/// backward pass, everything else can go at once. Lets one forward path serve both.
/// </summary>
internal readonly ref struct WorkScope
{
    private readonly TensorScope _scope;
    private readonly bool _open;

    private WorkScope(TensorScope scope)
    {
        _scope = scope;
        _open = true;
    }

    /// <summary>Opens a scope, or nothing while gradients are recorded.</summary>
    internal static WorkScope Open() => Gradients.Enabled ? default : new WorkScope(TensorScope.Open());

    /// <summary>Ends a tensor that nobody needs any more, unless the tape may.</summary>
    internal static void Release(Tensor tensor)
    {
        if (!Gradients.Enabled)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Lets a tensor outlive this scope.</summary>
    internal Tensor Keep(Tensor tensor) => _open && !tensor.IsNone ? _scope.Keep(tensor) : tensor;

    /// <summary>Lets tensors outlive this scope.</summary>
    internal void Keep(ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            Keep(tensor);
        }
    }

    /// <summary>Ends the scope.</summary>
    public void Dispose()
    {
        if (_open)
        {
            _scope.Dispose();
        }
    }
}
