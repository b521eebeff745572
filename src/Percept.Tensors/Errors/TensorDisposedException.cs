namespace Percept.Tensors;

/// <summary>A tensor was used after its memory went back: by Dispose, at the end of its scope, or by Backward.</summary>
public sealed class TensorDisposedException : ObjectDisposedException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">What gave the memory back, and how to keep it.</param>
    public TensorDisposedException(string reason)
        : base(nameof(Tensor), reason)
    {
    }
}
