using System.Diagnostics;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>One request on its way through an engine. For the engine's thread.</summary>
internal sealed class EngineSequence
{
    private readonly long _asked = Stopwatch.GetTimestamp();
    private readonly CancellationToken _asker;
    private int[] _positions = [];
    private long _begun;
    private long _encoded;
    private long _first;

    internal EngineSequence(
        EngineRequest request, GenerationPlan plan, RowDecoder decoder, Adapter? adapter, CancellationToken cancellation)
    {
        Adapter = adapter;
        Request = request;
        Plan = plan;
        Decoder = decoder;
        Run = new EngineRun(decoder.MaxLength - decoder.PromptLength, cancellation);
        _asker = cancellation;
        Cancellation = Run.Stopping;
        Key = new PromptKey(request.Prompt, adapter?.Name ?? string.Empty);
    }

    internal EngineRequest Request { get; }

    /// <summary>The adapter that answers; null for none.</summary>
    internal Adapter? Adapter { get; }

    internal GenerationPlan Plan { get; }

    internal RowDecoder Decoder { get; }

    /// <summary>Cancelled by the caller's token and by the run itself.</summary>
    internal CancellationToken Cancellation { get; }

    internal EngineRun Run { get; }

    internal PromptKey Key { get; }

    internal KvCache? Cache { get; set; }

    /// <summary>The prompt's embeddings from <see cref="Reused"/> on; none once they are all fed.</summary>
    internal Tensor Pending { get; set; }

    /// <summary>How many of the pending rows are fed.</summary>
    internal int Fed { get; set; }

    /// <summary>How many places of the cache a learned prompt takes, before those of the sequence's own.</summary>
    internal int Before { get; set; }

    /// <summary>How many positions of the prompt the cache held.</summary>
    internal int Reused { get; set; }

    /// <summary>The position of the next token.</summary>
    internal int NextPosition { get; set; }

    /// <summary>The token to feed next.</summary>
    internal int LastToken { get; set; }

    internal bool IsPrefilling => !Pending.IsNone;

    internal bool HasBegun => _begun != 0;

    /// <summary>How the run ends once it is cancelled: with the caller's token where that is the reason.</summary>
    internal OperationCanceledException Cancelled() => new(_asker.IsCancellationRequested ? _asker : Cancellation);

    /// <summary>The time since the run began.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

    /// <summary>Adds the last token to a batch.</summary>
    internal void AddToken(SequenceBatch batch)
    {
        if (batch.Axes == 1 && NextPosition == Cache!.Length)
        {
            batch.Add(1, Cache);
        }
        else
        {
            Span<int> positions = stackalloc int[batch.Axes];
            positions.Fill(NextPosition);
            batch.Add(positions, Cache);
        }

        NextPosition++;
    }

    /// <summary>Adds the next rows of the prompt to a batch.</summary>
    internal void AddPrompt(SequenceBatch batch, int count)
    {
        if (Request.Prompt.Positions is not { } all)
        {
            batch.Add(count, Cache);
            batch.SetWholeLength(batch.Count - 1, NextPosition);
            return;
        }

        int length = Request.Prompt.Ids.Count;
        if (_positions.Length < batch.Axes * count)
        {
            _positions = new int[batch.Axes * count];
        }

        Span<int> positions = _positions.AsSpan(0, batch.Axes * count);
        for (int axis = 0; axis < batch.Axes; axis++)
        {
            for (int i = 0; i < count; i++)
            {
                positions[(axis * count) + i] = Before + all[(axis * length) + Reused + Fed + i];
            }
        }

        batch.Add(positions, Cache);
        batch.SetWholeLength(batch.Count - 1, NextPosition);
    }

    /// <summary>Frees the prompt's embeddings.</summary>
    internal void EndPrompt()
    {
        if (!Pending.IsNone)
        {
            Pending.Dispose();
            Pending = default;
        }
    }

    internal void MarkBegin() => _begun = Stopwatch.GetTimestamp();

    internal void MarkEncoded() => _encoded = Stopwatch.GetTimestamp();

    internal void MarkToken()
    {
        if (_first == 0)
        {
            _first = Stopwatch.GetTimestamp();
        }
    }

    internal EngineUsage Usage(int generated)
    {
        long now = Stopwatch.GetTimestamp();
        long begun = _begun == 0 ? now : _begun, encoded = _encoded == 0 ? begun : _encoded, first = _first == 0 ? now : _first;
        PreparedPrompt prompt = Request.Prompt;
        return new EngineUsage(
            prompt.Ids.Count, prompt.Spans.Sum(span => span.Count), Reused, generated, Stopwatch.GetElapsedTime(_asked, begun),
            Stopwatch.GetElapsedTime(begun, encoded), Stopwatch.GetElapsedTime(encoded, first), Stopwatch.GetElapsedTime(first, now));
    }
}
