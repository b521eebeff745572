using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <summary>
/// Owns the tensors that this thread makes while it is open, and ends them when it is disposed:
/// <c>using TensorScope scope = TensorScope.Open();</c>.
/// </summary>
/// <remarks>
/// Scopes nest and end in reverse order, on the thread that opened them. Work inside a scope that repeats itself allocates
/// nothing. Without any scope, tensors live until the garbage collector finds them unused, and results that the tape
/// recorded until <see cref="Autograd.Gradients.Backward"/>.
/// </remarks>
public readonly ref struct TensorScope
{
    private readonly ThreadTensors? _thread;
    private readonly int _depth;
    private readonly int _mark;
    private readonly int _tapeMark;

    private TensorScope(ThreadTensors thread)
    {
        _thread = thread;
        _mark = thread.OwnedCount;
        _tapeMark = thread.Tape.Count;
        _depth = thread.OpenScope();
    }

    /// <summary>Opens a scope inside those that are open.</summary>
    public static TensorScope Open() => new(ThreadTensors.Current);

    /// <summary>
    /// Until the result is disposed, tensors of this thread are made as if no scope were open: for what belongs to an object,
    /// such as the weights of a model that is loaded inside somebody's scope.
    /// </summary>
    public static ScopeSuspension Suspend() => new(ThreadTensors.Current);

    /// <summary>
    /// Lets a tensor outlive this scope: it goes to the scope around it, or to the garbage collector when there is none.
    /// </summary>
    /// <param name="tensor">A tensor of this scope; one of an outer scope is left as it is.</param>
    /// <returns>The same tensor.</returns>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public Tensor Keep(Tensor tensor)
    {
        TensorNode node = tensor.Node;
        if (node.Depth == _depth)
        {
            node.KeepDepth = _depth - 1;
        }

        return tensor;
    }

    /// <summary>Ends the scope and all tensors made in it that were not kept.</summary>
    /// <exception cref="InvalidOperationException">A scope opened later is still open.</exception>
    public void Dispose() => _thread?.CloseScope(_depth, _mark, _tapeMark);
}
