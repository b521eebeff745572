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

    /// <summary>The accumulated gradient; owned by this node.</summary>
    internal TensorNode? Gradient;

    internal string? Reason;

    internal TensorNode() => GC.SuppressFinalize(this);

    ~TensorNode()
    {
        if (CollectorOwned)
        {
            long bytes = PressureBytes;
            Gradient?.ReleaseBuffer();
            ReleaseBuffer();
            CollectorMemory.Freed(bytes);
        }
    }

    internal bool IsKept => KeepDepth < Depth || CollectorOwned;

    private long PressureBytes => Buffer is { Bucket: >= 0 } buffer ? buffer.Bytes : 0;

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
            CollectorMemory.Made(PressureBytes);
        }
    }

    /// <summary>Takes the node back from the garbage collector; the caller owns it now.</summary>
    internal void TakeFromCollector()
    {
        CollectorOwned = false;
        GC.SuppressFinalize(this);
        CollectorMemory.Freed(PressureBytes);
    }

    /// <summary>Ends the tensor: handles to it are stale from here on. The node may be reused by this thread.</summary>
    internal void End(ThreadTensors thread, string reason)
    {
        Version++;
        Reason = reason;
        long bytes = PressureBytes;
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
            CollectorMemory.Freed(bytes);
        }

        thread.Recycle(this);
    }
}
