using Percept.Tensors.Memory;

namespace Percept.Tensors.Autograd;

/// <summary>
/// The ops of one thread since the last backward pass, in order. Recording happens when gradients are on and an input
/// requires one.
/// </summary>
internal sealed unsafe class Tape
{
    private const int MaximumEntries = 4_000_000;

    private readonly ThreadTensors _thread;
    private readonly List<TapeEntry> _entries = new(256);
    private readonly List<TensorNode> _leaves = new(64);
    private readonly List<(TensorNode Node, int Version)> _owned = new(256);
    private Tensor _lastLoss;

    internal Tape(ThreadTensors thread) => _thread = thread;

    /// <summary>Whether the backward pass under way keeps the record for another one.</summary>
    internal bool IsRetaining { get; private set; }

    /// <summary>How many ops are recorded.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether an op over this input is to be recorded.</summary>
    internal static bool Wants(Tensor input) => !ThreadTensors.Current.GradientsOff && Requires(input);

    /// <summary>Whether an op over these inputs is to be recorded; inputs left out are the default value.</summary>
    internal static bool Wants(ReadOnlySpan<Tensor> inputs)
    {
        if (ThreadTensors.Current.GradientsOff)
        {
            return false;
        }

        foreach (Tensor input in inputs)
        {
            if (Requires(input))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Records an op with one output. Call it only when <see cref="Wants(Tensor)"/> says so.</summary>
    /// <param name="gradient">Computes the inputs' gradients.</param>
    /// <param name="output">The result; it requires a gradient from here on.</param>
    /// <param name="inputs">The inputs, the default value for one left out.</param>
    /// <returns>The entry, to save on it what the gradient needs.</returns>
    internal static TapeEntry Record(delegate*<TapeEntry, void> gradient, Tensor output, ReadOnlySpan<Tensor> inputs)
    {
        TapeEntry entry = RecordMany(gradient, inputs);
        AddOutput(entry, output);
        return entry;
    }

    /// <summary>Records an op of several outputs; add each by <see cref="AddOutput"/>.</summary>
    internal static TapeEntry RecordMany(delegate*<TapeEntry, void> gradient, ReadOnlySpan<Tensor> inputs)
    {
        Tape tape = ThreadTensors.Current.Tape;
        if (tape.Count >= MaximumEntries)
        {
            throw new InvalidOperationException(
                $"{MaximumEntries} ops are recorded without a backward pass. Compute under Gradients.Off() where no gradient " +
                "is wanted, or call Gradients.Discard().");
        }

        if (tape.Count == tape._entries.Count)
        {
            tape._entries.Add(new TapeEntry());
        }

        TapeEntry entry = tape._entries[tape.Count++];
        entry.Begin(gradient, inputs);
        return entry;
    }

    /// <summary>Adds a differentiable output to the newest entry.</summary>
    internal static void AddOutput(TapeEntry entry, Tensor output)
    {
        Tape tape = ThreadTensors.Current.Tape;
        TensorNode node = output.Node;

        // The first result of a step made outside any scope: from here on it is the step's.
        tape.TakeOver(output);
        node.RequiresGradient = true;
        node.Tape = tape;
        node.TapeIndex = tape.Count - 1;
        entry.AddOutput(output);
    }

    /// <summary>Gives memory that two gradients share to each alone.</summary>
    internal static void Unshare(TensorNode gradient)
    {
        long bytes = DType.F32.ByteCount(gradient.Shape.Count);
        NativeBuffer fresh = TensorMemory.Rent(bytes);
        Buffer.MemoryCopy(gradient.Data, fresh.Pointer, fresh.Bytes, bytes);
        gradient.ReleaseBuffer();
        gradient.Buffer = fresh;
        gradient.Data = fresh.Pointer;
    }

    /// <summary>A result made in the middle of a step outside any scope: it ends with the step.</summary>
    internal void Own(TensorNode node) => _owned.Add((node, node.Version));

    /// <summary>A tensor that the step made for itself, which nobody else holds, ends with the step.</summary>
    internal void TakeOver(Tensor tensor)
    {
        if (tensor.Node.CollectorOwned)
        {
            tensor.Node.TakeFromCollector();
            Own(tensor.Node);
        }
    }

    internal void NoteLeaf(TensorNode node)
    {
        if (node.Tape is null)
        {
            _leaves.Add(node);
        }
    }

    /// <summary>Runs the gradients of the entries from the end down to <paramref name="from"/> and drops them.</summary>
    internal void Backward(Tensor loss, Tensor seed, int from, bool retain)
    {
        TensorNode lossNode = loss.Node;
        SeedGradient(lossNode, seed);
        bool off = _thread.GradientsOff;
        bool retaining = IsRetaining;
        _thread.GradientsOff = true;
        IsRetaining = retain;
        try
        {
            for (int i = Count - 1; i >= from; i--)
            {
                TapeEntry entry = _entries[i];
                if (!retain)
                {
                    // A recomputed segment records behind this entry, over entries that are done.
                    Count = i + 1;
                }

                RunEntry(entry);
                if (retain)
                {
                    DropGradients(entry);
                }
                else
                {
                    Finish(entry, lossNode);
                }
            }
        }
        catch
        {
            Truncate(from);
            throw;
        }
        finally
        {
            _thread.GradientsOff = off;
            IsRetaining = retaining;
        }

        if (!retain)
        {
            Count = from;
        }
    }

    /// <summary>After a whole backward pass, or one that failed: leaves' gradients stand alone, and what the step owned ends.</summary>
    internal void EndStep(Tensor loss)
    {
        UnshareLeaves();
        EndOwned(loss);
    }

    /// <summary>Gives each leaf's gradient memory of its own, so that it can be written in place.</summary>
    internal void UnshareLeaves()
    {
        foreach (TensorNode leaf in _leaves)
        {
            if (leaf.Gradient is { Buffer.IsExclusive: false } gradient)
            {
                Unshare(gradient);
            }
        }

        _leaves.Clear();
    }

    /// <summary>Forgets the entries from <paramref name="from"/> on; gradients under way are dropped.</summary>
    internal void Truncate(int from)
    {
        for (int i = Count - 1; i >= from; i--)
        {
            DropGradients(_entries[i]);
            foreach (Tensor output in _entries[i].Outputs)
            {
                if (!output.IsDisposed)
                {
                    output.Node.Tape = null;
                    output.Node.RequiresGradient = false;
                }
            }

            _entries[i].Clear();
        }

        Count = Math.Min(Count, from);
    }

    /// <summary>Gives back the memory of outputs, recorded from an entry on, that no gradient reads.</summary>
    internal void ReleaseUnread(int from, Tensor kept)
    {
        for (int i = from; i < Count; i++)
        {
            foreach (Tensor output in _entries[i].Outputs)
            {
                if (!output.IsDisposed && output != kept && output.Node is { Readers: 0, IsKept: false } node)
                {
                    node.ReleaseBuffer();
                }
            }
        }
    }

    /// <summary>
    /// Whether ops recorded from an entry on read, or may read, another tensor that requires a gradient than this one and their own results.
    /// </summary>
    internal bool ReadsOthers(int from, Tensor own)
    {
        for (int i = from; i < Count; i++)
        {
            if (_entries[i].RunsAgain)
            {
                return true;
            }

            for (int k = 0; k < _entries[i].InputCount; k++)
            {
                if (_entries[i].Wants(k) && _entries[i].Input(k).Node is var node && node != own.Node && (node.Tape is null || node.TapeIndex < from))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Forgets everything and ends what the step owned.</summary>
    internal void Discard()
    {
        Truncate(0);
        _leaves.Clear();
        EndOwned(default);
    }

    internal void ReleaseBuffers()
    {
        foreach ((TensorNode node, int version) in _owned)
        {
            if (node.Version == version && !node.CollectorOwned)
            {
                node.Gradient?.ReleaseBuffer();
                node.ReleaseBuffer();
            }
        }
    }

    private static bool Requires(Tensor input) => !input.IsNone && input.Node.RequiresGradient;

    private static void DropGradient(TensorNode node, ThreadTensors thread)
    {
        if (node.Gradient is { } gradient)
        {
            node.Gradient = null;
            gradient.End(thread, TensorEnd.Intermediate);
        }
    }

    private void SeedGradient(TensorNode loss, Tensor seed)
    {
        TensorNode given = seed.Node;
        DropGradient(loss, _thread);
        loss.OwnGradient(_thread.Bare(given.Buffer!.AddReference(), (nint)given.Data, loss.Shape, DType.F32));
    }

    private void RunEntry(TapeEntry entry)
    {
        bool wanted = false;
        foreach (Tensor output in entry.Outputs)
        {
            // A result that is gone matters only to an op that took it as an input, whose gradient then throws.
            wanted |= !output.IsDisposed && output.Node.Gradient is not null;
        }

        if (wanted)
        {
            using TensorScope scope = TensorScope.Open();
            entry.ThrowIfWritten();
            entry.Gradient(entry);
        }
    }

    private void DropGradients(TapeEntry entry)
    {
        foreach (Tensor output in entry.Outputs)
        {
            if (!output.IsDisposed)
            {
                DropGradient(output.Node, _thread);
            }
        }
    }

    private void Finish(TapeEntry entry, TensorNode loss)
    {
        foreach (Tensor output in entry.Outputs)
        {
            if (output.IsDisposed)
            {
                continue;
            }

            TensorNode node = output.Node;
            DropGradient(node, _thread);
            node.Tape = null;
            node.RequiresGradient = false;
            if (!node.IsKept && node != loss)
            {
                node.End(_thread, TensorEnd.Backward);
            }
        }

        entry.Clear();
    }

    private void EndOwned(Tensor loss)
    {
        foreach ((TensorNode node, int version) in _owned)
        {
            bool isLoss = !loss.IsDisposed && loss.Node == node;
            if (node.Version == version && !node.CollectorOwned && !isLoss)
            {
                node.End(_thread, TensorEnd.Step);
            }
        }

        _owned.Clear();
        if (!_lastLoss.IsDisposed && _lastLoss != loss && !_lastLoss.Node.CollectorOwned && _lastLoss.Node.Depth == 0)
        {
            _lastLoss.Node.End(_thread, TensorEnd.NextStep);
        }

        _lastLoss = loss.IsDisposed || loss.Node.Depth != 0 ? default : loss;
    }
}
