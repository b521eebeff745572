using System.Numerics;

namespace Percept.Tensors.Memory;

/// <summary>
/// The pool that tensors take their memory from: blocks by size class, kept when a tensor is done with them and given to
/// the next of that size, so that a loop that repeats itself takes nothing from the system.
/// </summary>
/// <remarks>
/// Safe for several threads. Size classes stand eight to a doubling, from 1 MiB on 64 to a doubling: at most 12.5 % of a small block and 1.6 %
/// of a new large one is unused; an idle large block serves sizes down to an eighth below its own. When idle blocks reach
/// <see cref="IdleLimit"/>, or all blocks half as much again as was ever in use at one time (and 64 MiB), those of the classes that
/// nobody has asked for longest go back to the system: neither what a finished job left nor batches of ever other lengths
/// take much more memory than is needed.
/// </remarks>
public static unsafe class TensorMemory
{
    private const int MinimumLog = 8;
    private const int LargeLog = 20;
    private const int MaximumLog = 48;
    private const int StepsLog = 3;
    private const int LargeStepsLog = 6;
    private const int FirstLarge = (LargeLog - MinimumLog) << StepsLog;
    private const int Buckets = FirstLarge + ((MaximumLog - LargeLog) << LargeStepsLog);

    /// <summary>How many larger classes may serve: an eighth of a doubling.</summary>
    private const int Slack = 1 << (LargeStepsLog - StepsLog);

    /// <summary>What may be kept of small use beyond half as much again.</summary>
    private const long Spare = 64L << 20;

    private const int SpareObjects = 1024;

    private static readonly Lock s_lock = new();
    private static readonly Stack<NativeBuffer>[] s_idle = new Stack<NativeBuffer>[Buckets];
    private static readonly long[] s_lastUse = new long[Buckets];

    /// <summary>Objects whose memory went back to the system, for the next blocks; those beyond its size are left to the collector.</summary>
    private static readonly Stack<NativeBuffer> s_spare = new(SpareObjects);
    private static long s_uses;
    private static long s_inUse;
    private static long s_peak;
    private static long s_most;
    private static long s_idleBytes;
    private static long s_idleLimit = Math.Max(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Bytes of blocks that tensors use now, mapped files not counted.</summary>
    public static long InUseBytes => Interlocked.Read(ref s_inUse);

    /// <summary>The most that <see cref="InUseBytes"/> has been since the start or <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Interlocked.Read(ref s_peak);

    /// <summary>Bytes of blocks kept for the next tensors.</summary>
    public static long IdleBytes => Interlocked.Read(ref s_idleBytes);

    /// <summary>How many bytes may be kept idle; beyond it blocks go back to the system. Default: a quarter of the machine's memory.</summary>
    /// <remarks>Fewer are kept where less is in use: all blocks together take at most half as much again as was ever in use at one time, and 64 MiB.</remarks>
    public static long IdleLimit
    {
        get => Interlocked.Read(ref s_idleLimit);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(IdleLimit));
            Interlocked.Exchange(ref s_idleLimit, value);
        }
    }

    /// <summary>Starts <see cref="PeakBytes"/> again from what is in use now.</summary>
    public static void ResetPeak()
    {
        lock (s_lock)
        {
            s_peak = s_inUse;
        }
    }

    /// <summary>Gives all idle blocks back to the system.</summary>
    public static void Trim()
    {
        lock (s_lock)
        {
            foreach (Stack<NativeBuffer>? stack in s_idle)
            {
                while (stack is not null && stack.TryPop(out NativeBuffer? buffer))
                {
                    s_idleBytes -= buffer.Bytes;
                    Free(buffer);
                }
            }
        }
    }

    /// <summary>Takes a block of at least <paramref name="bytes"/> bytes, contents undefined, with one reference.</summary>
    /// <exception cref="OutOfMemoryException">The system has no such block; the message says how much was asked for.</exception>
    internal static NativeBuffer Rent(long bytes)
    {
        int bucket = Bucket(bytes);
        long size = Size(bucket);
        lock (s_lock)
        {
            s_lastUse[bucket] = ++s_uses;
            int last = bucket < FirstLarge ? bucket : Math.Min(bucket + Slack, Buckets - 1);
            for (int i = bucket; i <= last; i++)
            {
                if (s_idle[i] is { } stack && stack.TryPop(out NativeBuffer? buffer))
                {
                    s_idleBytes -= buffer.Bytes;
                    NoteUse(buffer.Bytes);
                    return buffer.AddReference();
                }
            }

            s_inUse += size;
            MakeRoom(0);
        }

        try
        {
            byte* pointer = Allocate(size);
            lock (s_lock)
            {
                NoteUse(0);
                NativeBuffer buffer = s_spare.TryPop(out NativeBuffer? spare)
                    ? spare.Become(pointer, size, bucket)
                    : new NativeBuffer(pointer, size, bucket, null);
                return buffer.AddReference();
            }
        }
        catch (OutOfMemoryException)
        {
            lock (s_lock)
            {
                s_inUse -= size;
            }

            throw;
        }
    }

    private static void NoteUse(long bytes)
    {
        s_inUse += bytes;
        s_peak = Math.Max(s_peak, s_inUse);
        s_most = Math.Max(s_most, s_inUse);
    }

    /// <summary>The most bytes that all blocks, in use and idle, may have together.</summary>
    internal static long MostKeptBytes => (Interlocked.Read(ref s_most) / 2 * 3) + Spare;

    /// <summary>How many bytes may be idle beside what is in use now.</summary>
    private static long Limit() => Math.Clamp(MostKeptBytes - s_inUse, 0, s_idleLimit);

    internal static void Return(NativeBuffer buffer)
    {
        lock (s_lock)
        {
            s_inUse -= buffer.Bytes;
            if (buffer.Bytes <= Limit())
            {
                s_lastUse[buffer.Bucket] = ++s_uses;
                MakeRoom(buffer.Bytes);
                s_idleBytes += buffer.Bytes;
                (s_idle[buffer.Bucket] ??= new Stack<NativeBuffer>(64)).Push(buffer);
                return;
            }

            Free(buffer);
        }
    }

    /// <summary>Gives a block back to the system and keeps its object for the next one; called under the lock.</summary>
    private static void Free(NativeBuffer buffer)
    {
        OsMemory.Free(buffer.Pointer);
        if (s_spare.Count < SpareObjects)
        {
            s_spare.Push(buffer);
        }
    }

    /// <summary>Gives idle blocks back to the system, of the class longest unused first, until some bytes may be kept.</summary>
    private static void MakeRoom(long bytes)
    {
        for (long limit = Limit(); s_idleBytes + bytes > limit;)
        {
            int oldest = -1;
            for (int i = 0; i < Buckets; i++)
            {
                if (s_idle[i] is { Count: > 0 } && (oldest < 0 || s_lastUse[i] < s_lastUse[oldest]))
                {
                    oldest = i;
                }
            }

            if (oldest < 0)
            {
                return;
            }

            NativeBuffer buffer = s_idle[oldest].Pop();
            s_idleBytes -= buffer.Bytes;
            Free(buffer);
        }
    }

    private static byte* Allocate(long size)
    {
        try
        {
            return OsMemory.Allocate(size);
        }
        catch (OutOfMemoryException)
        {
            Trim();
        }

        try
        {
            return OsMemory.Allocate(size);
        }
        catch (OutOfMemoryException exception)
        {
            throw new OutOfMemoryException(
                $"No memory for a tensor of {size} bytes ({InUseBytes - size} bytes of tensors are in use).", exception);
        }
    }

    private static int Bucket(long bytes)
    {
        if (bytes <= 1L << MinimumLog)
        {
            return 0;
        }

        // The smallest class (n + s) · 2^e / n, for n steps to a doubling, that is not below the size.
        int log = BitOperations.Log2((ulong)(bytes - 1));
        int bucket = log < LargeLog
            ? ((log - MinimumLog) << StepsLog) + Step(bytes, log, StepsLog) + 1
            : FirstLarge + ((log - LargeLog) << LargeStepsLog) + Step(bytes, log, LargeStepsLog) + 1;
        if (bucket >= Buckets)
        {
            throw new OutOfMemoryException($"A tensor of {bytes} bytes is larger than any memory.");
        }

        return bucket;
    }

    private static int Step(long bytes, int log, int stepsLog) => (int)((bytes - 1) >> (log - stepsLog)) & ((1 << stepsLog) - 1);

    private static long Size(int bucket) => bucket < FirstLarge
        ? Size(bucket, MinimumLog, StepsLog)
        : Size(bucket - FirstLarge, LargeLog, LargeStepsLog);

    private static long Size(int bucket, int firstLog, int stepsLog)
    {
        int log = firstLog + (bucket >> stepsLog);
        long step = bucket & ((1 << stepsLog) - 1);
        return (1L << log) + (step << (log - stepsLog));
    }
}
