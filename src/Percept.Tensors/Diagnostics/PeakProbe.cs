using System.Diagnostics;
using Percept.Tensors.Memory;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Diagnostics;

/// <summary>
/// Measures one limit of the machine in a short run, so that a run can be interleaved with a kernel's and the two be
/// compared under the same clock frequency and memory load.
/// </summary>
/// <remarks>
/// Work is cut into items of about a millisecond that the threads of <see cref="WorkerPool.Shared"/> take as kernels take
/// theirs. All threads are awake before the clock starts, and a run in which the caller had to do nearly all the work, because
/// the others got no processor, is repeated a few times. Memory for the bandwidth probes is got at their first use. Not thread-safe.
/// </remarks>
public sealed unsafe class PeakProbe : IDisposable
{
    /// <summary>The bytes that the bandwidth probes walk over, unless said otherwise: 16 times a large cache.</summary>
    public const long DefaultMemoryBytes = 512L << 20;

    /// <summary>How long one measurement takes, unless said otherwise, in seconds.</summary>
    public const double DefaultSeconds = 0.1;

    private const int Kinds = 5;
    private const int ChunkBytes = 4 << 20;
    private const double ItemSeconds = 0.001;
    private const double WakeSeconds = 0.002;
    private const int MostAttempts = 4;

    private readonly long _memoryBytes;
    private readonly int[] _roundsPerItem = new int[Kinds];
    private readonly double[] _itemSeconds = new double[Kinds];
    private byte* _memory;
    private int _nextChunk;

    /// <summary>Makes a probe.</summary>
    /// <param name="memoryBytes">The bytes that the bandwidth probes walk over; far more than the last-level cache.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="memoryBytes"/> is below 64 MiB.</exception>
    public PeakProbe(long memoryBytes = DefaultMemoryBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryBytes, 64L << 20);
        _memoryBytes = memoryBytes / ChunkBytes * ChunkBytes;
    }

    /// <summary>Frees memory that was not disposed.</summary>
    ~PeakProbe() => Free();

    /// <summary>The unit of a limit: <c>GFLOP/s</c>, <c>GOP/s</c> or <c>GB/s</c>.</summary>
    /// <param name="kind">Which limit.</param>
    public static string Unit(PeakKind kind) => kind switch
    {
        PeakKind.Fp32 or PeakKind.BF16 => "GFLOP/s",
        PeakKind.Int8 => "GOP/s",
        _ => "GB/s",
    };

    /// <summary>How a limit is reached in this process, for example <c>emitted vdpbf16ps 512</c>.</summary>
    /// <param name="kind">Which limit.</param>
    public static string Method(PeakKind kind) => kind switch
    {
        PeakKind.Fp32 => PeakLoops.Fp32Method,
        PeakKind.Int8 => PeakLoops.Int8Method,
        PeakKind.BF16 => PeakLoops.BF16Method,
        PeakKind.MemoryRead => "sequential wide loads",
        _ => "sequential update in place",
    };

    /// <summary>Measures a limit once.</summary>
    /// <param name="kind">Which limit.</param>
    /// <param name="threads">How many threads may work; no more than the pool has do.</param>
    /// <param name="seconds">About how long to measure.</param>
    /// <returns>The rate, in the unit that <see cref="Unit"/> names.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1, or <paramref name="seconds"/> is not above 0.</exception>
    public double Measure(PeakKind kind, int threads, double seconds = DefaultSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)kind, (uint)Kinds - 1, nameof(kind));
        int outer = WorkerPool.ThreadLimit;
        WorkerPool.ThreadLimit = threads;
        try
        {
            if (_roundsPerItem[(int)kind] == 0)
            {
                Calibrate(kind);
            }

            int workers = Math.Max(1, WorkerPool.Available);
            int items = Math.Max(workers, (int)(seconds / _itemSeconds[(int)kind] * workers));
            return RunItems(kind, items, out _);
        }
        finally
        {
            WorkerPool.ThreadLimit = outer;
        }
    }

    /// <summary>Frees the probe's memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        OsMemory.Free(_memory);
        _memory = null;
    }

    private static bool IsMemory(PeakKind kind) => kind is PeakKind.MemoryRead or PeakKind.MemoryReadWrite;

    /// <summary>Runs items, tells how long it took, and returns billions of operations or bytes a second.</summary>
    private double RunItems(PeakKind kind, int items, out double elapsed)
    {
        int rounds = _roundsPerItem[(int)kind], workers = WorkerPool.Available;
        int chunks = (int)(_memoryBytes / ChunkBytes);
        elapsed = 0;
        bool alone = true;
        for (int attempt = 0; alone && attempt < MostAttempts; attempt++)
        {
            int own = 0, arrived = 0;
            if (workers > 1)
            {
                var wake = new WakeJob(&arrived, workers);
                WorkerPool.Shared.Run(ref wake, workers);
            }

            var job = new ProbeJob(kind, rounds, _memory, _nextChunk, chunks, Environment.CurrentManagedThreadId, &own);
            long start = Stopwatch.GetTimestamp();
            WorkerPool.Shared.Run(ref job, items);
            elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            _nextChunk = (_nextChunk + items) % chunks;

            // The others' share would be items · (workers − 1) / workers.
            alone = workers > 1 && 4L * workers * (items - own) < (long)items * (workers - 1);
        }

        double work = IsMemory(kind)
            ? (double)items * ChunkBytes * (kind == PeakKind.MemoryReadWrite ? 2 : 1)
            : (double)items * rounds * PeakLoops.OperationsPerRound(kind);
        return work / elapsed * 1e-9;
    }

    /// <summary>Finds how many rounds of a loop make an item, and how long an item takes.</summary>
    private void Calibrate(PeakKind kind)
    {
        int rounds = 1;
        if (IsMemory(kind))
        {
            EnsureMemory();
        }
        else
        {
            PeakLoops.Run(kind, 2000);
            long start = Stopwatch.GetTimestamp();
            PeakLoops.Run(kind, 2000);
            double round = Math.Max(1e-9, Stopwatch.GetElapsedTime(start).TotalSeconds / 2000);
            rounds = (int)Math.Clamp(ItemSeconds / round, 1, 1 << 24);
        }

        _roundsPerItem[(int)kind] = rounds;
        int workers = Math.Max(1, WorkerPool.Available);
        _ = RunItems(kind, 8 * workers, out double elapsed);
        _itemSeconds[(int)kind] = Math.Max(1e-6, elapsed / 8);
    }

    private void EnsureMemory()
    {
        if (_memory == null)
        {
            _memory = OsMemory.Allocate(_memoryBytes);
            // Values that stay normal under the update of the read-write probe; a page never written would be one zero page.
            new Span<float>(_memory, (int)(_memoryBytes / sizeof(float))).Fill(1f);
        }
    }

    /// <summary>Each item waits a while for the other threads to take theirs.</summary>
    private readonly struct WakeJob(int* arrived, int count) : IParallelJob
    {
        public void Run(int index)
        {
            Interlocked.Increment(ref *arrived);
            long start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref *arrived) < count && Stopwatch.GetElapsedTime(start).TotalSeconds < WakeSeconds)
            {
                Thread.SpinWait(1);
            }
        }
    }

    /// <summary>Counts in <paramref name="own"/> the items that the caller, a thread of number <paramref name="caller"/>, does.</summary>
    private readonly struct ProbeJob(
        PeakKind kind, int rounds, byte* memory, int firstChunk, int chunks, int caller, int* own) : IParallelJob
    {
        public void Run(int index)
        {
            if (Environment.CurrentManagedThreadId == caller)
            {
                ++*own;
            }

            if (!IsMemory(kind))
            {
                PeakLoops.Run(kind, rounds);
                return;
            }

            byte* chunk = memory + ((long)((firstChunk + index) % chunks) * ChunkBytes);
            if (kind == PeakKind.MemoryRead)
            {
                PeakMemory.Read(chunk, ChunkBytes);
            }
            else
            {
                PeakMemory.Update(chunk, ChunkBytes);
            }
        }
    }
}
