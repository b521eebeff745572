using System.Runtime.CompilerServices;

namespace Percept.Tensors.Threading;

/// <summary>
/// Deals out rows that lie in one run of memory, so that each thread reads a part of its own from front to back: the
/// order in which memory is fastest.
/// </summary>
/// <remarks>
/// The rows are cut into lanes, one a thread; a job has one item a lane. A thread takes pieces from its lane's front, long
/// ones first and ever shorter ones towards the end; once its lane is empty it takes such pieces from the back of others, so
/// that slow or late threads hold nobody up. Jumping to another place costs what the prefetchers have run ahead, and a
/// locked instruction waits for all reads under way: both are rare with long pieces. Pieces begin at multiples of
/// the granule. Which thread has which rows must not matter to the result.
/// </remarks>
internal readonly unsafe struct StreamLanes
{
    /// <summary>The words of state that a caller provides, zero or not.</summary>
    internal const int StateWords = MaxLanes * Stride;

    private const int MaxLanes = 32;
    private const int Stride = 16;
    private const long MostBytes = 1 << 20;
    private const long LeastBytes = 64 << 10;
    private const int Parts = 3;

    private readonly long* _state;
    private readonly int _granule;
    private readonly int _least;
    private readonly int _most;

    /// <summary>Cuts rows into lanes.</summary>
    /// <param name="state"><see cref="StateWords"/> words that live as long as the job.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="rowBytes">Bytes of a row, or what takes as long as so many.</param>
    /// <param name="granule">Rows that belong together.</param>
    internal StreamLanes(long* state, int rows, long rowBytes, int granule)
    {
        _state = state;
        _granule = granule;
        long bytes = Math.Max(1, rowBytes) * granule;
        _least = Granules(LeastBytes, bytes) * granule;
        _most = Granules(MostBytes, bytes) * granule;
        int pieces = (rows + _least - 1) / _least;
        Count = Math.Clamp(pieces, 1, Math.Min(MaxLanes, WorkerPool.Available));
        long granules = (rows + (long)granule - 1) / granule;
        for (int lane = 0; lane < Count; lane++)
        {
            long first = granules * lane / Count * granule, end = granules * (lane + 1) / Count * granule;
            state[lane * Stride] = Word(first, Math.Min(end, rows));
        }
    }

    /// <summary>How many lanes there are: the items of the job.</summary>
    internal int Count { get; }

    /// <summary>Takes the next rows for the thread that works on a lane; false when there are none left anywhere.</summary>
    internal bool Take(int lane, out int first, out int end)
    {
        for (int i = 0; i < Count; i++)
        {
            if (TryTake((lane + i) % Count, i == 0, out first, out end))
            {
                return true;
            }
        }

        first = end = 0;
        return false;
    }

    private static int Granules(long bytes, long granuleBytes) => (int)Math.Clamp(bytes / granuleBytes, 1, 1 << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Word(long first, long end) => (end << 32) | first;

    private bool TryTake(int lane, bool front, out int first, out int end)
    {
        long* word = _state + (lane * Stride);
        while (true)
        {
            long state = Volatile.Read(ref *word);
            int from = (int)state, to = (int)(state >> 32), left = to - from;
            if (left <= 0)
            {
                first = end = 0;
                return false;
            }

            int piece = Math.Clamp(left / Parts / _granule * _granule, _least, _most);
            piece = left - piece < _least ? left : piece;
            int cut = front ? from + piece : to - piece - ((to - piece - from) % _granule);
            (first, end) = front ? (from, Math.Min(cut, to)) : (Math.Max(from, cut), to);
            if (Interlocked.CompareExchange(ref *word, front ? Word(end, to) : Word(from, first), state) == state)
            {
                return true;
            }
        }
    }
}
