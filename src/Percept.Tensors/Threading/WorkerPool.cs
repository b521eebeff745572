using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Percept.Tensors.Threading;

/// <summary>
/// The fork/join pool that every kernel runs on: the calling thread and <see cref="Threads"/> − 1 workers take items from
/// one counter until none is left.
/// </summary>
/// <remarks>
/// Workers spin for a short while after a job (see <see cref="SpinMicroseconds"/>), so that the many small jobs of one
/// token find them awake, then park and cost nothing. A job that is started while another thread's job runs, or from
/// inside a job, runs on its caller alone: nesting and concurrent callers are safe and never wait for each other.
/// Items must not depend on which thread runs them; reductions over items are done by the caller in item order, so
/// results do not depend on timing.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>How long a worker stays awake after its last job before it parks, in microseconds.</summary>
    public const int SpinMicroseconds = 100;

    private const long ClosedBit = 1L << 20;
    private const long ActiveMask = ClosedBit - 1;
    private const int EpochShift = 21;

    [ThreadStatic]
    private static bool s_inside;

    [ThreadStatic]
    private static int s_limit;

    private static WorkerPool s_shared = new(DefaultThreads());
    private static readonly long s_spinTicks = Stopwatch.Frequency * SpinMicroseconds / 1_000_000;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim _wake = new(0);
    private PaddedState _state;
    private int _busy;
    private int _sleepers;
    private volatile bool _stopping;

    private delegate*<void*, int, void> _invoke;
    private void* _job;
    private int _count;
    private int _admitted;
    private ExceptionDispatchInfo? _error;

    /// <summary>Starts a pool.</summary>
    /// <param name="threads">How many threads a job may use, the caller's own included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1 or above 1024.</exception>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        Threads = threads;
        _state.Value = ClosedBit;
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"percept-worker-{i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>
    /// The pool that <c>Ops</c> uses. It starts with one thread a core, or as many as the environment variable
    /// <c>PERCEPT_THREADS</c> says.
    /// </summary>
    public static WorkerPool Shared => Volatile.Read(ref s_shared);

    /// <summary>How many threads a job of this pool may use, the caller's own included.</summary>
    public int Threads { get; }

    /// <summary>
    /// The most threads that jobs started by this thread may use; 0 for no limit beyond <see cref="Threads"/>.
    /// </summary>
    /// <remarks>A value of the current thread only. The results of all ops are the same for every value.</remarks>
    public static int ThreadLimit
    {
        get => s_limit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(ThreadLimit));
            s_limit = value;
        }
    }

    /// <summary>How many threads a job started now by this thread may use.</summary>
    public static int Available
    {
        get
        {
            int threads = Shared.Threads;
            return s_inside ? 1 : s_limit == 0 ? threads : Math.Min(s_limit, threads);
        }
    }

    /// <summary>Replaces <see cref="Shared"/> by a pool of another size and stops the old one's workers.</summary>
    /// <param name="threads">The new number of threads, the caller's own included; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1 or above 1024.</exception>
    public static void Configure(int threads)
    {
        if (Shared.Threads != threads)
        {
            Interlocked.Exchange(ref s_shared, new WorkerPool(threads)).Dispose();
        }
    }

    /// <summary>Runs items 0 … <paramref name="count"/> − 1 of a job, in parallel, and returns when all are done.</summary>
    /// <typeparam name="TJob">The job's struct type.</typeparam>
    /// <param name="job">The job, a local variable of the caller.</param>
    /// <param name="count">How many items there are; nothing runs for 0 or less.</param>
    /// <remarks>When an item throws, the items not yet begun are dropped and the first exception is thrown here.</remarks>
    public void Run<TJob>(ref TJob job, int count)
        where TJob : struct, IParallelJob
    {
        if (count <= 0)
        {
            return;
        }

        int limit = s_limit;
        if (count == 1 || _workers.Length == 0 || limit == 1 || s_inside || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            RunAlone(ref job, count);
            return;
        }

        int admitted = limit == 0 ? _workers.Length : Math.Min(limit - 1, _workers.Length);
        Fork(&Invoke<TJob>, Unsafe.AsPointer(ref job), count, Math.Min(admitted, count - 1));
    }

    /// <summary>Stops the workers once the job that runs is done. Jobs started later run on their callers.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wake.Release(_workers.Length + 1);
    }

    private static int DefaultThreads()
    {
        string? text = Environment.GetEnvironmentVariable("PERCEPT_THREADS");
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int threads) && threads is >= 1 and <= 1024
            ? threads
            : Math.Clamp(Environment.ProcessorCount, 1, 1024);
    }

    private static void Invoke<TJob>(void* job, int index)
        where TJob : struct, IParallelJob => Unsafe.AsRef<TJob>(job).Run(index);

    private static void RunAlone<TJob>(ref TJob job, int count)
        where TJob : struct, IParallelJob
    {
        bool outer = s_inside;
        s_inside = true;
        try
        {
            for (int i = 0; i < count; i++)
            {
                job.Run(i);
            }
        }
        finally
        {
            s_inside = outer;
        }
    }

    private void Fork(delegate*<void*, int, void> invoke, void* job, int count, int admitted)
    {
        _invoke = invoke;
        _job = job;
        _count = count;
        _admitted = admitted;
        _state.Next = 0;
        long epoch = (_state.Value >> EpochShift) + 1;
        // Full fence: the sleepers' count is read after the job is open, and a worker that is about to park looks at
        // the job again after it has counted itself, so one of the two sees the other.
        Interlocked.Exchange(ref _state.Value, epoch << EpochShift);
        int sleepers = Volatile.Read(ref _sleepers);
        if (sleepers > 0)
        {
            // The one who wakes takes the sleepers off the count, so that no wake-up is given twice.
            int woken = Math.Min(sleepers, admitted);
            Interlocked.Add(ref _sleepers, -woken);
            _wake.Release(woken);
        }

        s_inside = true;
        try
        {
            TakeItems();
        }
        finally
        {
            s_inside = false;
            Interlocked.Or(ref _state.Value, ClosedBit);
            int spins = 0;
            while ((Volatile.Read(ref _state.Value) & ActiveMask) != 0)
            {
                if (++spins < 2000)
                {
                    Thread.SpinWait(1);
                }
                else
                {
                    Thread.Yield();
                }
            }
        }

        ExceptionDispatchInfo? error = _error;
        _error = null;
        Volatile.Write(ref _busy, 0);
        error?.Throw();
    }

    private void TakeItems()
    {
        int count = _count;
        try
        {
            for (int i; (i = Interlocked.Increment(ref _state.Next) - 1) < count;)
            {
                _invoke(_job, i);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(exception), null);
            Interlocked.Exchange(ref _state.Next, count);
        }
    }

    private void Work()
    {
        s_inside = true;
        long seen = 0;
        while (!_stopping)
        {
            long state = WaitForJob(seen);
            if (state == 0)
            {
                continue;
            }

            seen = state >> EpochShift;
            while ((state & ClosedBit) == 0 && state >> EpochShift == seen && (state & ActiveMask) < Volatile.Read(ref _admitted))
            {
                long found = Interlocked.CompareExchange(ref _state.Value, state + 1, state);
                if (found == state)
                {
                    TakeItems();
                    Interlocked.Decrement(ref _state.Value);
                    break;
                }

                state = found;
            }
        }
    }

    /// <summary>Spins, then parks, until a job newer than <paramref name="seen"/> is open; 0 after being woken for none.</summary>
    private long WaitForJob(long seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            for (int i = 0; i < 64; i++)
            {
                long state = Volatile.Read(ref _state.Value);
                if ((state & ClosedBit) == 0 && state >> EpochShift != seen)
                {
                    return state;
                }

                Thread.SpinWait(1);
            }

            if (_stopping)
            {
                return 0;
            }

            if (Stopwatch.GetTimestamp() - start > s_spinTicks)
            {
                break;
            }

            Thread.Yield();
        }

        Interlocked.Increment(ref _sleepers);
        long last = Volatile.Read(ref _state.Value);
        bool open = (last & ClosedBit) == 0 && last >> EpochShift != seen;
        if ((!open && !_stopping) || !TryLeaveSleepers())
        {
            _wake.Wait();
        }

        return open ? last : 0;
    }

    /// <summary>Takes this worker off the sleepers' count; false when a wake-up is already meant for it.</summary>
    private bool TryLeaveSleepers()
    {
        int sleepers = Volatile.Read(ref _sleepers);
        while (sleepers > 0)
        {
            int found = Interlocked.CompareExchange(ref _sleepers, sleepers - 1, sleepers);
            if (found == sleepers)
            {
                return true;
            }

            sleepers = found;
        }

        return false;
    }

    /// <summary>The two words that all threads write, each on a cache line of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct PaddedState
    {
        [FieldOffset(128)]
        public long Value;

        [FieldOffset(256)]
        public int Next;
    }
}
