using System.Threading.Channels;

namespace Percept.Inference;

/// <summary>A run of an engine: its tokens as they come, and how it ended.</summary>
public sealed class EngineRun
{
    private readonly Channel<int> _tokens = Channel.CreateUnbounded<int>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly TaskCompletionSource<EngineResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal EngineRun()
    {
    }

    /// <summary>The end of the run, or the error that ended it.</summary>
    public Task<EngineResult> Completion => _completion.Task;

    /// <summary>The tokens of the answer as they are chosen; with beams all at the end. May be read once.</summary>
    /// <param name="cancellation">Stops reading; the run itself is stopped by the token given at its start.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidLogitsException">The model gave no numbers; the message names the first bad layer.</exception>
    public IAsyncEnumerable<int> Tokens(CancellationToken cancellation = default) => _tokens.Reader.ReadAllAsync(cancellation);

    internal void Put(int token) => _tokens.Writer.TryWrite(token);

    internal void End(EngineResult result)
    {
        _completion.TrySetResult(result);
        _tokens.Writer.TryComplete();
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
        _tokens.Writer.TryComplete(error);
    }
}
