using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <summary>The time in which a thread's open scopes own nothing new; see <see cref="TensorScope.Suspend"/>.</summary>
public readonly ref struct ScopeSuspension
{
    private readonly ThreadTensors? _thread;
    private readonly int _depth;

    internal ScopeSuspension(ThreadTensors thread)
    {
        _thread = thread;
        _depth = thread.SetDepth(0);
    }

    /// <summary>Lets the scopes own what is made from now on.</summary>
    public void Dispose() => _thread?.SetDepth(_depth);
}
