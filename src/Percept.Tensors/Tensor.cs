using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <summary>
/// A row-major, contiguous array of numbers of one <see cref="DType"/> with a <see cref="Shape"/>, and its place in the
/// calculation of gradients.
/// </summary>
/// <remarks>
/// A small value that refers to memory outside the GC heap, cheap to pass and copy; copies are the same tensor. It ends by
/// <see cref="Dispose"/>, with its <see cref="TensorScope"/>, or, made outside any scope, when the garbage collector finds
/// it unused; a handle used after that throws <see cref="TensorDisposedException"/>. Several threads may read a tensor at
/// once; writing needs one thread alone. The default value is no tensor.
/// </remarks>
public readonly partial struct Tensor : IEquatable<Tensor>, IDisposable
{
    private readonly TensorNode? _node;
    private readonly int _version;

    internal Tensor(TensorNode node)
    {
        _node = node;
        _version = node.Version;
    }

    /// <summary>Whether this is the default value, that is no tensor.</summary>
    [MemberNotNullWhen(false, nameof(_node))]
    public bool IsNone => _node is null;

    /// <summary>Whether the tensor's memory has gone back.</summary>
    public bool IsDisposed => _node is null || _node.Version != _version;

    /// <summary>The sizes of the axes.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public Shape Shape => Node.Shape;

    /// <summary>The element type.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public DType DType => Node.Type;

    /// <summary>How many axes there are.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public int Rank => Node.Shape.Rank;

    /// <summary>How many elements there are.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public long Count => Node.Shape.Count;

    /// <summary>How many bytes the elements take.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    public long ByteCount => Node.Type.ByteCount(Node.Shape.Count);

    /// <summary>Whether the elements lie in a mapped file and can't be written.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    /// <exception cref="InvalidOperationException">The values were given back (<see cref="Autograd.Gradients.ReleaseUnread"/>).</exception>
    public bool IsReadOnly => Node.LiveBuffer.File is not null;

    /// <summary>The node, checked to be alive.</summary>
    internal TensorNode Node
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            TensorNode? node = _node;
            if (node is null || node.Version != _version)
            {
                throw Gone(node, _version);
            }

            return node;
        }
    }

    /// <summary>The first byte, for kernels. Keeps a tensor of the collector alive for the op that asks.</summary>
    internal unsafe byte* Pointer
    {
        get
        {
            TensorNode node = Node;
            if (node.CollectorOwned || node.Owner is { CollectorOwned: true })
            {
                ThreadTensors.Current.Touch(node);
            }

            return node.Data is null ? node.LiveBuffer.Pointer : node.Data;
        }
    }

    /// <summary>The elements as float32, for kernels.</summary>
    internal unsafe float* Floats => (float*)Pointer;

    /// <summary>Whether two handles are the same tensor.</summary>
    /// <param name="left">One handle.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(Tensor left, Tensor right) => left.Equals(right);

    /// <summary>Whether two handles are different tensors.</summary>
    /// <param name="left">One handle.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(Tensor left, Tensor right) => !left.Equals(right);

    /// <summary>Ends the tensor now. Views of it live on. A second call does nothing.</summary>
    public void Dispose()
    {
        if (_node is { } node && node.Version == _version)
        {
            node.End(ThreadTensors.Current, TensorEnd.Disposed);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Tensor other) => ReferenceEquals(_node, other._node) && _version == other._version;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_node is null ? 0 : RuntimeHelpers.GetHashCode(_node), _version);

    /// <summary>Type and shape: <c>F32[2, 3]</c>.</summary>
    public override string ToString() => IsNone ? "none" : IsDisposed ? "disposed" : $"{DType}{Shape}";

    /// <summary>Throws, with the name of an op's argument, when the tensor is gone.</summary>
    internal void ThrowIfGone(string argument)
    {
        if (IsDisposed)
        {
            throw Gone(_node, _version, argument);
        }
    }

    private static TensorDisposedException Gone(TensorNode? node, int version, string? argument = null) => new(
        node is null ? "There is no tensor here: the handle is the default value." : ReasonOf(node.EndOf(version)), argument);

    private static string ReasonOf(TensorEnd end) => end switch
    {
        TensorEnd.Disposed => "It was disposed.",
        TensorEnd.Scope => "Its TensorScope has ended; TensorScope.Keep hands a tensor to the scope around it.",
        TensorEnd.Backward => "Backward ended it with the other recorded results; Tensor.Keep before Backward keeps one, 'retain' all.",
        TensorEnd.Step => "It belonged to a recorded step outside any TensorScope, and Backward ended the step; Tensor.Keep keeps it.",
        TensorEnd.NextStep => "The loss of a step lives until the next backward pass; Tensor.Keep keeps it.",
        TensorEnd.Intermediate => "The gradient of an intermediate result is gone after the backward pass.",
        TensorEnd.ZeroGrad => "ZeroGrad dropped the gradient.",
        _ => "It ended earlier: it was disposed, or its scope or its step is over.",
    };
}
