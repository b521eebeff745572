using System.Collections;
using System.Collections.Concurrent;

namespace Percept.Data;

/// <summary>
/// Prepares items on background threads ahead of whoever consumes them, and gives the results in the order of the inputs. What fails
/// is thrown where its result would have been given, with the item's name.
/// </summary>
/// <remarks>
/// Inputs are enumerated on the consumer's thread, at most <see cref="PrefetchOptions.Ahead"/> beyond what it has taken. For one consumer.
/// Ending the enumeration early ends the threads and disposes results that nobody took.
/// </remarks>
/// <typeparam name="TIn">What is prepared.</typeparam>
/// <typeparam name="TOut">What becomes of it.</typeparam>
public sealed class Prefetcher<TIn, TOut> : IEnumerable<TOut>
{
    private readonly IEnumerable<TIn> _inputs;
    private readonly Func<TIn, CancellationToken, TOut> _prepare;
    private readonly PrefetchOptions _options;
    private readonly CancellationToken _cancellation;

    /// <summary>Prepares items once they are enumerated.</summary>
    /// <param name="inputs">The items.</param>
    /// <param name="prepare">Prepares one; called by several threads.</param>
    /// <param name="options">Threads and bounds.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is below 1.</exception>
    public Prefetcher(
        IEnumerable<TIn> inputs, Func<TIn, CancellationToken, TOut> prepare, PrefetchOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(prepare);
        _options = options ?? new PrefetchOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Ahead, 1, nameof(options));
        _inputs = inputs;
        _prepare = prepare;
        _cancellation = cancellation;
    }

    /// <summary>Starts the threads and gives the results.</summary>
    /// <exception cref="PreparationException">An item failed.</exception>
    /// <exception cref="OperationCanceledException">The token ended the enumeration.</exception>
    public IEnumerator<TOut> GetEnumerator() => Run().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<TOut> Run()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        using var work = new BlockingCollection<(TIn Item, TaskCompletionSource<TOut> Result)>();
        Task[] threads =
        [
            .. Enumerable.Range(0, Math.Min(_options.Threads, _options.Ahead)).Select(_ => Task.Factory.StartNew(
                () => Work(work, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        var waiting = new Queue<(TIn Item, Task<TOut> Result)>();
        using IEnumerator<TIn> inputs = _inputs.GetEnumerator();
        try
        {
            bool more = true;
            while (true)
            {
                while (more && waiting.Count < _options.Ahead && (more = inputs.MoveNext()))
                {
                    var result = new TaskCompletionSource<TOut>(TaskCreationOptions.RunContinuationsAsynchronously);
                    waiting.Enqueue((inputs.Current, result.Task));
                    work.Add((inputs.Current, result));
                }

                if (!waiting.TryDequeue(out (TIn Item, Task<TOut> Result) next))
                {
                    break;
                }

                yield return Await(next.Item, next.Result);
            }
        }
        finally
        {
            stop.Cancel();
            work.CompleteAdding();
            Task.WaitAll(threads);
            foreach ((_, Task<TOut> left) in waiting)
            {
                if (left.IsCompletedSuccessfully)
                {
                    (left.Result as IDisposable)?.Dispose();
                }
            }
        }
    }

    private TOut Await(TIn item, Task<TOut> result)
    {
        try
        {
            result.Wait(_cancellation);
            return result.Result;
        }
        catch (AggregateException failure) when (failure.InnerException is { } reason)
        {
            throw reason is OperationCanceledException && _cancellation.IsCancellationRequested
                ? new OperationCanceledException(_cancellation)
                : new PreparationException(item?.ToString() ?? "an item", reason);
        }
    }

    private void Work(BlockingCollection<(TIn Item, TaskCompletionSource<TOut> Result)> work, CancellationToken stop)
    {
        foreach ((TIn item, TaskCompletionSource<TOut> result) in work.GetConsumingEnumerable(CancellationToken.None))
        {
            if (stop.IsCancellationRequested)
            {
                result.SetCanceled(stop);
                continue;
            }

            try
            {
                result.SetResult(_prepare(item, stop));
            }
            catch (Exception failure)
            {
                // Whatever it is, it belongs to the consumer; a thread that ended here would leave it waiting.
                result.SetException(failure);
            }
        }
    }
}
