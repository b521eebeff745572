using System.Diagnostics;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>One request on its way through an engine. For the engine's thread.</summary>
internal sealed class EngineSequence
{
    private readonly long _asked = Stopwatch.GetTimestamp();
    private long _begun;
    private long _encoded;
    private long _first;

    internal EngineSequence(EngineRequest request, GenerationPlan plan, RowDecoder decoder, CancellationToken cancellation)
    {
        Request = request;
        Plan = plan;
        Decoder = decoder;
        Cancellation = cancellation;
        Key = new PromptKey(request.Prompt);
    }

    internal EngineRequest Request { get; }

    internal GenerationPlan Plan { get; }

    internal RowDecoder Decoder { get; }

    internal CancellationToken Cancellation { get; }

    internal EngineRun Run { get; } = new();

    internal PromptKey Key { get; }

    internal KvCache? Cache { get; set; }

    /// <summary>The prompt's embeddings from <see cref="Reused"/> on; none once they are all fed.</summary>
    internal Tensor Pending { get; set; }

    /// <summary>How many of the pending rows are fed.</summary>
    internal int Fed { get; set; }

    /// <summary>How many positions of the prompt the cache held.</summary>
    internal int Reused { get; set; }

    /// <summary>The position of the next token.</summary>
    internal int NextPosition { get; set; }

    /// <summary>The token to feed next.</summary>
    internal int LastToken { get; set; }

    internal bool IsPrefilling => !Pending.IsNone;

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
            return;
        }

        int length = Request.Prompt.Ids.Count;
        var positions = new int[batch.Axes * count];
        for (int axis = 0; axis < batch.Axes; axis++)
        {
            for (int i = 0; i < count; i++)
            {
                positions[(axis * count) + i] = all[(axis * length) + Reused + Fed + i];
            }
        }

        batch.Add(positions, Cache);
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
