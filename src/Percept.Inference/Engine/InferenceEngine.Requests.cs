using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Inference;

/// <content>How requests come, wait, begin and are cancelled.</content>
public sealed partial class InferenceEngine
{
    /// <summary>Places of a cache beyond the prompt's that are there from the beginning; it grows with the answer.</summary>
    private const int Headroom = 256;

    /// <summary>Starts a run.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="cancellation">Stops the run: looked at before every token and between a tower's layers.</param>
    /// <exception cref="ArgumentException">The request contradicts itself, or names an adapter that there is not.</exception>
    /// <exception cref="ContextLengthException">Prompt and answer do not fit; nothing is ever cut.</exception>
    /// <exception cref="NotSupportedException">The model does not take such media.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public EngineRun Start(EngineRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        PreparedPrompt prompt = request.Prompt;
        Check(prompt);
        var plan = new GenerationPlan(
            new GenerationRequest
            {
                Prompts = [new GenerationPrompt(prompt.Ids)],
                Settings = request.Settings,
                ContextLength = ContextLength,
                Constraint = request.Constraint,
                TokenBytes = request.TokenBytes,
                TopLogProbabilities = request.TopLogProbabilities,
                Processors = request.Processors,
            },
            Language.VocabularySize);
        var sequence = new EngineSequence(request, plan, new RowDecoder(plan, 0, 0), AdapterOf(request), cancellation);
        lock (_gate)
        {
            // Nothing comes behind the end: nobody would answer it.
            ObjectDisposedException.ThrowIf(_disposed, this);
            _waiting.Add(sequence, CancellationToken.None);
        }

        return sequence.Run;
    }

    /// <summary>Ends all runs and frees caches; the model stays.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _stopping.Cancel();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
            _stopping.Dispose();
            _waiting.Dispose();
        }
    }

    private Adapter? AdapterOf(EngineRequest request)
    {
        if (request.Adapter is not { } name)
        {
            return _usual;
        }

        Adapter? adapter = Options.Adapters is { } set ? set.Find(name)
            : name == AdapterSet.None ? null
            : throw new ArgumentException($"There is no adapter '{name}': the model was loaded with none.", nameof(request));
        if (adapter == _usual)
        {
            return adapter;
        }

        if (_start is not null)
        {
            throw new NotSupportedException(
                $"The adapter '{_usual?.Name}' puts learned rows before every prompt, which cannot be switched off. Load the model without it.");
        }

        return Options.Adapters?.All.FirstOrDefault(one => one.Config.WholeParts.Count > 0) is { } whole
            ? throw new NotSupportedException(
                $"The adapter '{whole.Name}' holds whole parts of the model ({string.Join(", ", whole.Config.WholeParts)}), which cannot be switched " +
                "off. Load the model without it.")
            : adapter;
    }

    private void Check(PreparedPrompt prompt)
    {
        if (prompt.Ids.Count == 0)
        {
            throw new ArgumentException("The prompt is empty; give at least one token.", nameof(prompt));
        }

        if (prompt.Positions is { } positions && positions.Count != Language.PositionAxes * prompt.Ids.Count)
        {
            throw new ArgumentException(
                $"The prompt has {positions.Count} positions, expected {Language.PositionAxes} for each of its {prompt.Ids.Count} ids. " +
                "Prepare it with the processor of the same checkpoint.",
                nameof(prompt));
        }

        int end = 0;
        foreach (MediaSpan span in prompt.Spans)
        {
            if (_multimodal is null || !_multimodal.Kinds.Contains(span.Media.Kind))
            {
                throw new NotSupportedException(
                    $"This model does not take a medium of kind {span.Media.Kind}. Choose a model that does.");
            }

            if (span.Start < end || span.Count < 0 || span.Count > prompt.Ids.Count - span.Start)
            {
                throw new ArgumentException(
                    $"A medium takes the ids {span.Start} to {span.Start + span.Count} of a prompt of {prompt.Ids.Count}, of which those " +
                    $"before {end} are taken. Prepare it with the processor of the same checkpoint.",
                    nameof(prompt));
            }

            if (span.Offset < 0 || span.Count > span.Media.Tokens - span.Offset)
            {
                throw new PlaceholderMismatchException("a medium", span.Offset + span.Count, span.Media.Tokens);
            }

            end = span.Start + span.Count;
        }
    }

    private void Loop()
    {
        using GradientSwitch off = Gradients.Off();
        try
        {
            while (true)
            {
                if (_active.Count == 0 && _queue.Count == 0)
                {
                    _queue.Add(_waiting.Take(_stop));
                }

                while (_waiting.TryTake(out EngineSequence? next))
                {
                    _queue.Add(next);
                }

                EndCancelled(_queue);
                EndCancelled(_active);

                // A prompt is prepared when its turn to be fed has come. A run that shares no passes waits until no other is under
                // way: those would stand still, and not hear that they are cancelled, until it is through.
                while (_queue.Count > 0 && _active.Count < Options.MaxSequences && !IsPrefilling() && !_stop.IsCancellationRequested
                    && (_active.Count == 0 || (_queue[0].Adapter == Acting && !RunsAlone(_queue[0]))))
                {
                    EngineSequence first = _queue[0];
                    _queue.RemoveAt(0);
                    Admit(first);
                }

                _stop.ThrowIfCancellationRequested();
                Step();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Close();
        }
    }

    private static bool RunsAlone(EngineSequence sequence) =>
        sequence.Plan.Settings.Mode is not (GenerationMode.Greedy or GenerationMode.Sample)
        || sequence.Plan.Settings.UsesGuidance || sequence.Plan.Settings.NumReturnSequences > 1;

    private bool IsPrefilling()
    {
        foreach (EngineSequence sequence in _active)
        {
            if (sequence.IsPrefilling)
            {
                return true;
            }
        }

        return false;
    }

    private void Close()
    {
        while (_waiting.TryTake(out EngineSequence? sequence))
        {
            _queue.Add(sequence);
        }

        _active.AddRange(_queue);
        _queue.Clear();
        foreach (EngineSequence sequence in _active)
        {
            sequence.Run.Fail(Gone());
            Free(sequence, keep: false);
        }

        _active.Clear();
        if (Options.Adapters is { } adapters)
        {
            adapters.Active = _usual;
        }

        _prefixes.Dispose();
        _media.Dispose();
        _start?.Dispose();
    }

    private static ObjectDisposedException Gone() => new(nameof(InferenceEngine));

    private void Admit(EngineSequence sequence)
    {
        if (Options.Adapters is { } adapters && adapters.Active != sequence.Adapter)
        {
            adapters.Active = sequence.Adapter;
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(sequence.Cancellation, _stop);
            either.Token.ThrowIfCancellationRequested();
            sequence.MarkBegin();
            if (RunsAlone(sequence))
            {
                RunAlone(sequence, either.Token);
                return;
            }

            Begin(sequence, either.Token);
            _active.Add(sequence);
        }
        catch (OperationCanceledException)
        {
            sequence.Run.Fail(sequence.Cancellation.IsCancellationRequested ? sequence.Cancelled() : Gone());
            Free(sequence, keep: true);
        }
        catch (Exception error)
        {
            // An error of one request, also that its memory cannot be had, is that request's end; the others go on.
            sequence.Run.Fail(error);
            Free(sequence, keep: false);
        }
    }

    /// <summary>Finds what is known of the prompt, and embeds the rest.</summary>
    private void Begin(EngineSequence sequence, CancellationToken cancellation)
    {
        PreparedPrompt prompt = sequence.Request.Prompt;
        sequence.Before = Before;
        sequence.NextPosition = Before + sequence.Key.NextPosition;
        sequence.Key.LengthKind = Language.LengthKind(sequence.NextPosition);
        KvCache cache = _prefixes.Take(sequence.Key, prompt.Ids.Count, NewCache) ?? StartedCache(sequence.NextPosition);
        sequence.Cache = cache;
        sequence.Reused = cache.Length - Before;
        cache.Reserve(Before + Math.Min(sequence.Decoder.MaxLength, prompt.Ids.Count + Headroom));
        sequence.Pending = PromptEmbedder.Embed(prompt, sequence.Reused, Language, span => Rows(span, cancellation));
        sequence.MarkEncoded();
    }

    private void EndCancelled(List<EngineSequence> sequences)
    {
        for (int i = sequences.Count - 1; i >= 0; i--)
        {
            EngineSequence sequence = sequences[i];
            if (sequence.Cancellation.IsCancellationRequested)
            {
                sequence.Run.Fail(sequence.Cancelled());
                Free(sequence, keep: true);
                sequences.RemoveAt(i);
            }
            else if (sequence.HasBegun && sequence.Plan.Settings.MaxTime is { } most && sequence.Elapsed > most)
            {
                sequence.Decoder.End(FinishReason.Time);
                Complete(sequence);
                sequences.RemoveAt(i);
            }
        }
    }
}
