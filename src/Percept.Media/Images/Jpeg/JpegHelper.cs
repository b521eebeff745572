namespace Percept.Media;

/// <summary>
/// Work that a thread of the pool takes over if one is free: where none has begun by the time the caller is through with the
/// rest, nobody waits for it.
/// </summary>
internal sealed class JpegHelper
{
    private readonly Action _work;
    private readonly Task _task;
    private int _taken;

    private JpegHelper(Action work)
    {
        _work = work;
        _task = Task.Run(() =>
        {
            if (TryTake())
            {
                _work();
            }
        });
    }

    internal static JpegHelper Start(Action work) => new(work);

    /// <summary>Does the work here when no thread has begun it.</summary>
    internal void RunIfNotBegun()
    {
        if (TryTake())
        {
            _work();
        }
    }

    /// <summary>
    /// Waits until no other thread works on it any more. Work that has not begun never will.
    /// </summary>
    internal void Leave()
    {
        if (!TryTake())
        {
            // Failures are looked at afterwards; here nothing is thrown.
            Task.WaitAny(_task);
        }
    }

    /// <summary>Throws what the work threw on its own thread; to be called behind <see cref="Leave"/>.</summary>
    internal void ThrowIfFailed()
    {
        if (_task.IsFaulted)
        {
            _task.GetAwaiter().GetResult();
        }
    }

    private bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;
}
