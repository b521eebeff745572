using Percept.Tensors.Autograd;

namespace Percept.Tensors.Memory;

/// <summary>
/// What a <see cref="Tensor"/> handle points to. Nodes are reused: a handle carries the version that it was made for, and
/// a node whose tensor is gone has moved on to the next version.
/// </summary>
/// <remarks>
/// Who frees it: a node made inside a <see cref="TensorScope"/> belongs to that scope; a result recorded on a tape outside
/// any scope belongs to the tape; every other node belongs to the garbage collector, that is to its finalizer.
/// </remarks>
internal sealed unsafe class TensorNode
{
    private const int BitsOfEnd = 4;
    private const int EndsKept = 16;

    /// <summary>What ended the last tensors of this node, the latest in the lowest bits.</summary>
    private ulong _ends;

    internal byte* Data;
    internal NativeBuffer? Buffer;
    internal Shape Shape;
    internal DType Type;
    internal int Version;

    /// <summary>The scope depth that owns the node; 0 for the tape's and the collector's.</summary>
    internal int Depth;

    /// <summary>The scope depth that the node moves to when its scope ends; equal to <see cref="Depth"/> when it ends with it.</summary>
    internal int KeepDepth;

    internal bool CollectorOwned;
    internal bool RequiresGradient;

    /// <summary>The tape that recorded the node as a result, and its place there; null for leaves.</summary>
    internal Tape? Tape;
    internal int TapeIndex;

    /// <summary>How many recorded gradients read the values: while there are some, the memory must stay.</summary>
    internal int Readers;

    /// <summary>The accumulated gradient; owned by this node.</summary>
    internal TensorNode? Gradient;

    /// <summary>The node whose gradient this is: a handle to a gradient keeps the tensor that owns its memory alive.</summary>
    internal TensorNode? Owner;

    private long _pressure;


    internal TensorNode() => GC.SuppressFinalize(this);

    ~TensorNode()
    {
        if (CollectorOwned)
        {
            Gradient?.ReleaseBuffer();
            ReleaseBuffer();
            CollectorMemory.Freed(_pressure);
        }
    }

    /// <summary>The memory; an error where it was given back because no gradient reads it.</summary>
    internal NativeBuffer LiveBuffer => Buffer ?? throw new InvalidOperationException(
        $"The values of a recorded result of shape {Shape} were given back, as no gradient reads them (Gradients.ReleaseUnread). Read " +
        "them before, or Tensor.Keep the result.");

    internal bool IsKept => KeepDepth < Depth || CollectorOwned;

    /// <summary>What ended the tensor of a version; the node may have been others since.</summary>
    internal TensorEnd EndOf(int version)
    {
        int back = Version - version - 1;
        return back is >= 0 and < EndsKept ? (TensorEnd)((_ends >> (BitsOfEnd * back)) & ((1 << BitsOfEnd) - 1)) : TensorEnd.Forgotten;
    }

    /// <summary>Takes over a gradient that no node owns yet.</summary>
    internal void OwnGradient(TensorNode gradient)
    {
        gradient.Owner = this;
        Gradient = gradient;
    }

    internal void ReleaseBuffer()
    {
        NativeBuffer? buffer = Interlocked.Exchange(ref Buffer, null);
        Data = null;
        buffer?.Release();
    }

    /// <summary>Hands the node to the garbage collector, for good.</summary>
    internal void GiveToCollector()
    {
        if (!CollectorOwned)
        {
            CollectorOwned = true;
            Depth = 0;
            KeepDepth = 0;
            GC.ReRegisterForFinalize(this);

            // A view's memory is counted with the tensor that it was made from.
            _pressure = Buffer is { Bucket: >= 0, IsExclusive: true } buffer ? buffer.Bytes : 0;
            CollectorMemory.Made(_pressure);
        }
    }

    /// <summary>Takes the node back from the garbage collector; the caller owns it now.</summary>
    internal void TakeFromCollector()
    {
        CollectorOwned = false;
        GC.SuppressFinalize(this);
        CollectorMemory.Freed(_pressure);
    }

    /// <summary>Ends the tensor: handles to it are stale from here on. The node may be reused by this thread.</summary>
    internal void End(ThreadTensors thread, TensorEnd reason)
    {
        Version++;
        _ends = (_ends << BitsOfEnd) | (uint)reason;
        Owner = null;
        if (Gradient is { } gradient)
        {
            Gradient = null;
            gradient.End(thread, reason);
        }

        ReleaseBuffer();
        RequiresGradient = false;
        Tape = null;
        if (CollectorOwned)
        {
            CollectorOwned = false;
            GC.SuppressFinalize(this);
            CollectorMemory.Freed(_pressure);
        }

        thread.Recycle(this);
    }
}
