using Percept.Tensors.Autograd;

namespace Percept.Tensors.Memory;

/// <summary>What one thread knows of its tensors: the open scopes, what they own, the tape, and nodes to use again.</summary>
internal sealed class ThreadTensors
{
    private const int RecentNodes = 32;

    [ThreadStatic]
    private static ThreadTensors? s_current;

    private readonly Stack<TensorNode> _free = new(256);
    private readonly TensorNode?[] _recent = new TensorNode?[RecentNodes];
    private (TensorNode Node, int Version)[] _owned = new (TensorNode, int)[256];
    private int _ownedCount;
    private int _recentAt;

    private ThreadTensors() => Tape = new Tape(this);

    /// <summary>The thread is gone, and with it all that its scopes and its tape owned.</summary>
    ~ThreadTensors()
    {
        for (int i = 0; i < _ownedCount; i++)
        {
            if (_owned[i].Node.Version == _owned[i].Version && !_owned[i].Node.CollectorOwned)
            {
                _owned[i].Node.Gradient?.ReleaseBuffer();
                _owned[i].Node.ReleaseBuffer();
            }
        }

        Tape.ReleaseBuffers();
    }

    internal static ThreadTensors Current => s_current ??= new ThreadTensors();

    internal Tape Tape { get; }

    internal int Depth { get; private set; }

    internal bool GradientsOff { get; set; }

    internal int OpenScope() => ++Depth;

    /// <summary>Sets how many scopes own new tensors, and tells how many did.</summary>
    internal int SetDepth(int depth)
    {
        int before = Depth;
        Depth = depth;
        return before;
    }

    internal int OwnedCount => _ownedCount;

    /// <summary>Makes the node of a new tensor, owned by the innermost scope, or by the collector when none is open.</summary>
    internal TensorNode NewNode(NativeBuffer buffer, nint data, in Shape shape, DType type)
    {
        TensorNode node = Bare(buffer, data, shape, type);
        if (Depth == 0)
        {
            node.GiveToCollector();
        }
        else
        {
            node.Depth = Depth;
            node.KeepDepth = Depth;
            Own(node);
        }

        return node;
    }

    /// <summary>
    /// Makes the node of what an op keeps for its gradient: as <see cref="NewNode"/>, but in the middle of a recorded step
    /// outside any scope it belongs to the step.
    /// </summary>
    internal TensorNode NewTemporary(NativeBuffer buffer, nint data, in Shape shape, DType type)
    {
        if (Depth > 0 || GradientsOff || Tape.Count == 0)
        {
            return NewNode(buffer, data, shape, type);
        }

        TensorNode node = Bare(buffer, data, shape, type);
        Tape.Own(node);
        return node;
    }

    /// <summary>Makes a node that nobody owns yet.</summary>
    internal unsafe TensorNode Bare(NativeBuffer buffer, nint data, in Shape shape, DType type)
    {
        if (!_free.TryPop(out TensorNode? node))
        {
            node = new TensorNode();
        }

        node.Buffer = buffer;
        node.Data = (byte*)data;
        node.Shape = shape;
        node.Type = type;
        node.Depth = 0;
        node.KeepDepth = 0;
        node.Readers = 0;
        return node;
    }

    internal void Recycle(TensorNode node)
    {
        if (_free.Count < 65536)
        {
            _free.Push(node);
        }
    }

    /// <summary>
    /// Remembers a node that the collector owns while an op works on its memory: the op holds a pointer only, and the
    /// caller's handle may be the last one. Twice as many nodes are remembered as any op has arguments.
    /// </summary>
    internal void Touch(TensorNode node)
    {
        _recent[_recentAt] = node;
        _recentAt = (_recentAt + 1) & (RecentNodes - 1);
    }

    /// <summary>Ends a scope: ends what it owns, and hands what was kept to the scope around it.</summary>
    internal void CloseScope(int depth, int mark, int tapeMark)
    {
        if (depth != Depth)
        {
            throw new InvalidOperationException(
                $"Tensor scopes end in the reverse order of their start: scope {depth} was ended while {Depth} are open.");
        }

        Depth = depth - 1;
        bool recordedKept = false;
        int kept = mark;
        for (int i = mark; i < _ownedCount; i++)
        {
            (TensorNode node, int version) = _owned[i];
            if (node.Version != version || node.CollectorOwned)
            {
                continue;
            }

            if (node.KeepDepth >= depth)
            {
                node.End(this, TensorEnd.Scope);
                continue;
            }

            recordedKept |= node.Tape is not null && node.TapeIndex >= tapeMark;
            node.Depth = depth - 1;
            if (depth == 1)
            {
                node.GiveToCollector();
            }
            else
            {
                _owned[kept++] = (node, version);
            }
        }

        Array.Clear(_owned, kept, _ownedCount - kept);
        _ownedCount = kept;
        if (!recordedKept)
        {
            Tape.Truncate(tapeMark);
        }
    }

    private void Own(TensorNode node)
    {
        if (_ownedCount == _owned.Length)
        {
            Array.Resize(ref _owned, _owned.Length * 2);
        }

        _owned[_ownedCount++] = (node, node.Version);
    }
}
