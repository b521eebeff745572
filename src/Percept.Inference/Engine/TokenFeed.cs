using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Percept.Inference;

/// <summary>
/// The tokens of a run on their way from the engine's thread to whoever reads them. Handing a token over allocates nothing.
/// </summary>
internal sealed class TokenFeed : IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private const int FirstCapacity = 4096;

    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _signal;
    private int[] _tokens;
    private int _count;
    private bool _ended;
    private bool _waits;
    private bool _isRead;
    private Exception? _error;

    /// <summary>Makes an empty feed.</summary>
    /// <param name="most">How many tokens there may be.</param>
    internal TokenFeed(int most) => _tokens = new int[Math.Min(most, FirstCapacity)];

    /// <summary>Adds a token.</summary>
    internal void Put(int token)
    {
        bool wakes;
        lock (_lock)
        {
            if (_count == _tokens.Length)
            {
                Array.Resize(ref _tokens, Math.Max(16, 2 * _count));
            }

            _tokens[_count++] = token;
            wakes = _waits;
            _waits = false;
        }

        Wake(wakes);
    }

    /// <summary>Ends the feed; a second end changes nothing.</summary>
    /// <param name="error">What ended it; null when it is whole.</param>
    internal void End(Exception? error = null)
    {
        bool wakes;
        lock (_lock)
        {
            _error = _ended ? _error : error;
            _ended = true;
            wakes = _waits;
            _waits = false;
        }

        Wake(wakes);
    }

    /// <summary>All tokens from the first on, as they come.</summary>
    internal async IAsyncEnumerable<int> ReadAll([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _isRead, true))
        {
            throw new InvalidOperationException("The tokens are read by somebody already. Read them once, and pass them on.");
        }

        for (int i = 0; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            State state = Look(i, out int token, out short waited);
            if (state == State.Ended)
            {
                yield break;
            }

            if (state == State.Here)
            {
                i++;
                yield return token;
                continue;
            }

            using (cancellation.UnsafeRegister(static feed => ((TokenFeed)feed!).StopWaiting(), this))
            {
                await new ValueTask<bool>(this, waited).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => _signal.SetResult(true);

    /// <inheritdoc/>
    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    /// <summary>Looks for the token of a place; where it is still to come, begins to wait.</summary>
    private State Look(int place, out int token, out short waited)
    {
        lock (_lock)
        {
            waited = 0;
            token = place < _count ? _tokens[place] : 0;
            if (place < _count)
            {
                return State.Here;
            }

            if (_ended)
            {
                if (_error is { } error)
                {
                    ExceptionDispatchInfo.Throw(error);
                }

                return State.Ended;
            }

            _signal.Reset();
            _waits = true;
            waited = _signal.Version;
            return State.Coming;
        }
    }

    private void StopWaiting()
    {
        bool wakes;
        lock (_lock)
        {
            wakes = _waits;
            _waits = false;
        }

        Wake(wakes);
    }

    /// <summary>Lets the reader go on, on another thread than the engine's.</summary>
    private void Wake(bool wakes)
    {
        if (wakes)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>What there is of a token.</summary>
    private enum State
    {
        Coming,
        Here,
        Ended,
    }
}
