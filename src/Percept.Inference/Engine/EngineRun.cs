namespace Percept.Inference;

/// <summary>A run of an engine: its tokens as they come, and how it ended.</summary>
public sealed class EngineRun
{
    private readonly TokenFeed _tokens;
    private readonly TaskCompletionSource<EngineResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly CancellationTokenSource _stop;

    internal EngineRun(int most, CancellationToken cancellation)
    {
        _tokens = new TokenFeed(most);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Stopping = _stop.Token;
    }

    /// <summary>The end of the run, or the error that ended it.</summary>
    public Task<EngineResult> Completion => _completion.Task;

    /// <summary>The tokens of the answer as they are chosen; with beams all at the end. May be read once.</summary>
    /// <param name="cancellation">Stops reading; the run itself is stopped by <see cref="Cancel"/> or the token given at its start.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The tokens were read before.</exception>
    /// <exception cref="InvalidLogitsException">The model gave no numbers; the message names the first bad layer.</exception>
    public IAsyncEnumerable<int> Tokens(CancellationToken cancellation = default) => _tokens.ReadAll(cancellation);

    /// <summary>Cancelled by the token given at the start, and by <see cref="Cancel"/>.</summary>
    internal CancellationToken Stopping { get; }

    /// <summary>Ends the run before its next token, as the token given at its start does; one that has ended stays as it is.</summary>
    public void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended.
        }
    }

    internal void Put(int token) => _tokens.Put(token);

    internal void End(EngineResult result)
    {
        _completion.TrySetResult(result);
        _tokens.End();
        _stop.Dispose();
    }

    internal void Fail(Exception error)
    {
        if (error is OperationCanceledException cancelled)
        {
            _completion.TrySetCanceled(cancelled.CancellationToken);
        }
        else
        {
            _completion.TrySetException(error);
        }

        // A run whose end nobody asks for must not end the process.
        _ = _completion.Task.Exception;
        _tokens.End(error);
        _stop.Dispose();
    }
}
