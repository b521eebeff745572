namespace Percept.Tensors.Memory;

/// <summary>What ended a tensor.</summary>
internal enum TensorEnd
{
    /// <summary>Longer ago than is remembered.</summary>
    Forgotten,

    /// <summary><c>Dispose</c>.</summary>
    Disposed,

    /// <summary>The end of its scope.</summary>
    Scope,

    /// <summary>The backward pass that went through it.</summary>
    Backward,

    /// <summary>The end of the step outside any scope that it belonged to.</summary>
    Step,

    /// <summary>The backward pass after its own, for a loss.</summary>
    NextStep,

    /// <summary>The end of the backward pass, for the gradient of an intermediate result.</summary>
    Intermediate,

    /// <summary><c>ZeroGrad</c>, for a gradient.</summary>
    ZeroGrad,
}
