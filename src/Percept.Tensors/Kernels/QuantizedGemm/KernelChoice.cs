using System.Diagnostics;

namespace Percept.Tensors.Kernels;

/// <summary>Which of two kernels with equal results runs: the one that took less time a byte lately.</summary>
/// <remarks>
/// For choices that hang on what the memory gives at the moment, which changes within a run. One call of
/// <see cref="OtherEvery"/> goes to the slower kernel, so that a change is noticed. Calls may come from several threads: each
/// average is written and read whole, and one that gets lost between two threads costs a later decision and no result.
/// </remarks>
internal sealed class KernelChoice
{
    /// <summary>One call of so many tries the kernel that is slower so far.</summary>
    internal const int OtherEvery = 16;

    /// <summary>Products of fewer bytes of weights are not timed: starting them weighs too much.</summary>
    internal const long LeastBytes = 1 << 20;

    private const double NewWeight = 0.25;

    private readonly double[] _ticksPerByte = new double[2];
    private uint _calls;

    /// <summary>The kernel for the next call, 0 or 1, and whether its time is wanted.</summary>
    /// <param name="bytes">Bytes of weights that the call reads.</param>
    /// <param name="start">A time to give <see cref="Took"/>, or 0 where the call is not timed.</param>
    internal int Next(long bytes, out long start)
    {
        int faster = _ticksPerByte[1] < _ticksPerByte[0] ? 1 : 0;
        start = 0;
        if (bytes < LeastBytes)
        {
            return faster;
        }

        start = Stopwatch.GetTimestamp();
        return Interlocked.Increment(ref _calls) % OtherEvery == 0 ? 1 - faster : faster;
    }

    /// <summary>Counts a call that began at <paramref name="start"/> and ended now.</summary>
    internal void Took(int kernel, long bytes, long start)
    {
        if (start != 0)
        {
            Add(kernel, (double)(Stopwatch.GetTimestamp() - start) / bytes);
        }
    }

    /// <summary>Counts a call that took so long a byte.</summary>
    internal void Add(int kernel, double ticksPerByte)
    {
        double before = _ticksPerByte[kernel];
        _ticksPerByte[kernel] = before == 0 ? ticksPerByte : before + (NewWeight * (ticksPerByte - before));
    }
}
