namespace Percept.Training.Tests.Distributed;

/// <summary>Ranks that are threads of one process, for what needs no MPI.</summary>
internal sealed class ThreadRanks : ICommunicator
{
    private readonly Shared _shared;

    private ThreadRanks(Shared shared, int rank)
    {
        _shared = shared;
        Rank = rank;
    }

    public int Rank { get; }

    public int Size => _shared.Blobs.Length;

    /// <summary>Runs the same in a number of ranks, and gives back what each returns.</summary>
    internal static T[] Run<T>(int size, Func<ICommunicator, T> work)
    {
        var shared = new Shared(size);
        var results = new T[size];
        var errors = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadRanks(shared, rank));
            }
            catch (Exception error)
            {
                errors[rank] = error;
                shared.Barrier.RemoveParticipant();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (errors.OfType<Exception>().FirstOrDefault() is { } first)
        {
            throw first;
        }

        return results;
    }

    public void AllReduceSum(Span<float> values)
    {
        float[] parts = [.. Exchange(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values).ToArray())
            .SelectMany(bytes => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray())];
        RankTree.Sum(parts, Size);
        parts.AsSpan(0, values.Length).CopyTo(values);
    }

    public void Broadcast(Span<byte> bytes, int root = 0) => Exchange(bytes.ToArray())[root].CopyTo(bytes);

    public byte[][] AllGather(ReadOnlySpan<byte> bytes) => Exchange(bytes.ToArray());

    public void Barrier() => Exchange([]);

    public void Complete() => Barrier();

    private byte[][] Exchange(byte[] own)
    {
        _shared.Blobs[Rank] = own;
        _shared.Barrier.SignalAndWait();
        byte[][] all = [.. _shared.Blobs];
        _shared.Barrier.SignalAndWait();
        return all;
    }

    private sealed class Shared(int size)
    {
        internal byte[][] Blobs { get; } = new byte[size][];

        internal Barrier Barrier { get; } = new(size);
    }
}
