namespace Percept.Training;

/// <summary>The processes that <c>mpirun -n N …</c> has started, through the MPI library installed on the machine.</summary>
/// <remarks>
/// Sums do not use MPI's own, whose order may change from run to run: each rank gets its part of the numbers of all ranks, adds them
/// in a fixed tree, and gives the sums to all. Buffers of <see cref="BucketElements"/> numbers bound the memory, however
/// many there are to sum.
/// </remarks>
public sealed unsafe class MpiCommunicator : ICommunicator
{
    /// <summary>How many numbers are summed at a time.</summary>
    public const int BucketElements = 1 << 20;

    private const int BroadcastBytes = 1 << 26;

    private readonly Lock _lock = new();
    private readonly MpiLibrary _library;
    private readonly float[] _send;
    private readonly float[] _receive;
    private bool _done;

    private MpiCommunicator(MpiLibrary library)
    {
        _library = library;
        int part = (BucketElements + library.Size - 1) / library.Size;
        _send = GC.AllocateUninitializedArray<float>(part * library.Size, pinned: true);
        _receive = GC.AllocateUninitializedArray<float>(part * library.Size, pinned: true);
    }

    /// <inheritdoc/>
    public int Rank => _library.Rank;

    /// <inheritdoc/>
    public int Size => _library.Size;

    /// <summary>The file of the MPI library.</summary>
    public string Library => _library.Name;

    /// <summary>Starts MPI in this process; possible once.</summary>
    /// <exception cref="NotSupportedException">There is no MPI library, or one of an unknown kind.</exception>
    /// <exception cref="IOException">MPI does not start.</exception>
    /// <exception cref="InvalidOperationException">MPI runs already, or knows of other processes than the launcher.</exception>
    public static MpiCommunicator Open()
    {
        var launch = MpiLaunch.Read();
        var library = MpiLibrary.Open(launch);
        if (launch?.Size is { } size && size != library.Size)
        {
            throw new InvalidOperationException(
                $"The launcher started {size} processes, but '{library.Name}' knows of {library.Size}: it belongs to another MPI. " +
                "Start with the mpirun of the installed library.");
        }

        return new MpiCommunicator(library);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">MPI reports an error.</exception>
    /// <exception cref="InvalidOperationException">The work is completed.</exception>
    public void AllReduceSum(Span<float> values)
    {
        lock (_lock)
        {
            Require();
            for (int start = 0; start < values.Length && Size > 1; start += BucketElements)
            {
                SumBucket(values.Slice(start, Math.Min(BucketElements, values.Length - start)));
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">MPI reports an error.</exception>
    /// <exception cref="InvalidOperationException">The work is completed.</exception>
    public void Broadcast(Span<byte> bytes, int root = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)root, (uint)Size);
        lock (_lock)
        {
            Require();
            fixed (byte* start = bytes)
            {
                for (int at = 0; at < bytes.Length; at += Math.Min(BroadcastBytes, bytes.Length - at))
                {
                    _library.Broadcast(start + at, Math.Min(BroadcastBytes, bytes.Length - at), root);
                }
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">MPI reports an error.</exception>
    /// <exception cref="InvalidOperationException">The work is completed, or the ranks say more than fits into an array.</exception>
    public byte[][] AllGather(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            Require();
            int own = bytes.Length;
            int[] lengths = new int[Size];
            fixed (int* all = lengths)
            {
                _library.AllGather((byte*)&own, (byte*)all, sizeof(int));
            }

            // All send as many as the longest: blobs are small, and one call is enough.
            int longest = lengths.Max();
            if ((long)longest * Size > Array.MaxLength)
            {
                throw new InvalidOperationException(
                    $"One of {Size} ranks says {longest} bytes, and all together must fit into an array; send tensors otherwise.");
            }

            byte[] send = new byte[longest], receive = new byte[longest * Size];
            bytes.CopyTo(send);
            if (longest > 0)
            {
                fixed (byte* from = send, to = receive)
                {
                    _library.AllGather(from, to, longest);
                }
            }

            return [.. lengths.Select((length, rank) => receive.AsSpan(rank * longest, length).ToArray())];
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">MPI reports an error.</exception>
    /// <exception cref="InvalidOperationException">The work is completed.</exception>
    public void Barrier()
    {
        lock (_lock)
        {
            Require();
            _library.Barrier();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">MPI reports an error.</exception>
    public void Complete()
    {
        lock (_lock)
        {
            if (!_done)
            {
                _library.Barrier();
                _done = true;
                _library.Finish();
            }
        }
    }

    /// <summary>Each rank sums one part of the numbers, and gives the sums to all.</summary>
    private void SumBucket(Span<float> values)
    {
        int part = (values.Length + Size - 1) / Size, padded = part * Size;
        Span<float> send = _send.AsSpan(0, padded), receive = _receive.AsSpan(0, padded);
        values.CopyTo(send);
        send[values.Length..].Clear();
        fixed (float* from = send, to = receive)
        {
            _library.AllToAll((byte*)from, (byte*)to, part * sizeof(float));
            RankTree.Sum(receive, Size);
            _library.AllGather((byte*)to, (byte*)from, part * sizeof(float));
        }

        send[..values.Length].CopyTo(values);
    }

    private void Require()
    {
        if (_done)
        {
            throw new InvalidOperationException("The work of the ranks is completed; nothing can be exchanged any more.");
        }
    }
}
