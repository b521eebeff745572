namespace Percept.Tensors;

/// <summary>A tensor was used after its memory went back: by Dispose, at the end of its scope, or by Backward.</summary>
public sealed class TensorDisposedException : ObjectDisposedException
{
    /// <summary>Makes the error.</summary>
    /// <param name="reason">What gave the memory back, and how to keep it.</param>
    /// <param name="argument">The argument's name, where an op was given the tensor.</param>
    public TensorDisposedException(string reason, string? argument = null)
        : base(nameof(Tensor), argument is null ? reason : $"'{argument}' is gone. {reason}") => Argument = argument;

    /// <summary>The name of the op's argument that is gone; null where the tensor itself was asked.</summary>
    public string? Argument { get; }
}
