using System.Collections.Concurrent;
using System.Diagnostics;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Inference;

/// <summary>
/// Runs a model for any number of callers: sequences decode together in one pass, beside the next piece of one waiting prompt.
/// </summary>
/// <remarks>
/// Safe for several threads. One thread of its own computes. Answers do not depend on what else runs. Prompts that begin as an
/// earlier one did, media included, start from its cache. Beams, contrastive search, guidance and prompt lookup run alone.
/// </remarks>
public sealed partial class InferenceEngine : IDisposable
{
    private readonly IMultimodalModel? _multimodal;
    private readonly BlockingCollection<EngineSequence> _waiting = [];
    private readonly List<EngineSequence> _active = [];
    private readonly SequenceBatch _batch;
    private readonly PrefixCache _prefixes;
    private readonly MediaCache _media;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private int[] _tokens = [];
    private int _disposed;

    /// <summary>Starts an engine.</summary>
    /// <param name="model">An <see cref="ILanguageModel"/> or an <see cref="IMultimodalModel"/>.</param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The model is neither.</exception>
    public InferenceEngine(object model, EngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Options = options ?? new EngineOptions();
        _multimodal = model as IMultimodalModel;
        Language = _multimodal?.Language ?? model as ILanguageModel
            ?? throw new NotSupportedException($"A {model.GetType().Name} generates no text; the engine needs a language model.");
        ContextLength = Math.Min(Options.ContextLength ?? int.MaxValue, Language.MaximumPositions);
        _batch = new SequenceBatch(Language.PositionAxes);
        _prefixes = new PrefixCache(Options.PrefixCacheBytes);
        _media = new MediaCache(Options.MediaCacheBytes);
        _thread = new Thread(Loop) { IsBackground = true, Name = "Percept engine" };
        _thread.Start();
    }

    /// <summary>How it runs.</summary>
    public EngineOptions Options { get; }

    /// <summary>The language model.</summary>
    public ILanguageModel Language { get; }

    /// <summary>The greatest number of positions of a sequence.</summary>
    public int ContextLength { get; }

    /// <summary>Starts a run.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="cancellation">Stops the run: looked at before every token and between a tower's layers.</param>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="ContextLengthException">Prompt and answer do not fit; nothing is ever cut.</exception>
    /// <exception cref="NotSupportedException">The model does not take such media.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public EngineRun Start(EngineRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        PreparedPrompt prompt = request.Prompt;
        if (prompt.Ids.Count == 0)
        {
            throw new ArgumentException("The prompt is empty; give at least one token.", nameof(request));
        }

        foreach (MediaSpan span in prompt.Spans)
        {
            if (_multimodal is null || !_multimodal.Kinds.Contains(span.Media.Kind))
            {
                throw new NotSupportedException(
                    $"This model does not take a medium of kind {span.Media.Kind}. Choose a model that does.");
            }
        }

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
        var sequence = new EngineSequence(request, plan, new RowDecoder(plan, 0, 0), cancellation);
        _waiting.Add(sequence, CancellationToken.None);
        return sequence.Run;
    }

    /// <summary>Ends all runs and frees caches; the model stays.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _stopping.Cancel();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _stopping.Dispose();
        _waiting.Dispose();
    }

    private void Loop()
    {
        using GradientSwitch off = Gradients.Off();
        try
        {
            while (true)
            {
                if (_active.Count == 0)
                {
                    Admit(_waiting.Take(_stopping.Token));
                }

                while (_active.Count < Options.MaxSequences && _waiting.TryTake(out EngineSequence? next))
                {
                    Admit(next);
                }

                _stopping.Token.ThrowIfCancellationRequested();
                Step();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            Close();
        }
    }

    private void Close()
    {
        var gone = new ObjectDisposedException(nameof(InferenceEngine));
        foreach (EngineSequence sequence in _active)
        {
            sequence.Run.Fail(gone);
            Free(sequence, keep: false);
        }

        while (_waiting.TryTake(out EngineSequence? sequence))
        {
            sequence.Run.Fail(gone);
        }

        _active.Clear();
        _prefixes.Dispose();
        _media.Dispose();
    }

    private void Admit(EngineSequence sequence)
    {
        try
        {
            sequence.Cancellation.ThrowIfCancellationRequested();
            sequence.MarkBegin();
            bool alone = sequence.Plan.Settings.Mode is not (GenerationMode.Greedy or GenerationMode.Sample)
                || sequence.Plan.Settings.UsesGuidance || sequence.Plan.Settings.NumReturnSequences > 1;
            if (alone)
            {
                RunAlone(sequence);
                return;
            }

            Begin(sequence);
            _active.Add(sequence);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // An error of one request is that request's end; the others go on.
            sequence.Run.Fail(error);
            Free(sequence, keep: false);
        }
    }

    /// <summary>Finds what is known of the prompt, and embeds the rest.</summary>
    private void Begin(EngineSequence sequence)
    {
        PreparedPrompt prompt = sequence.Request.Prompt;
        KvCache cache = _prefixes.Take(prompt, NewCache) ?? NewCache();
        sequence.Cache = cache;
        sequence.Reused = cache.Length;
        cache.Reserve(sequence.Decoder.MaxLength);
        sequence.Pending = PromptEmbedder.Embed(
            prompt, cache.Length, Language, span => _media.Rows(span.Media, _multimodal!, sequence.Cancellation));
        sequence.NextPosition = prompt.Positions is { } positions
            ? (positions.Count == 0 ? -1 : positions.Max()) + 1
            : prompt.Ids.Count;
        sequence.MarkEncoded();
    }

    private KvCache NewCache() => new(Language.CacheShapes, Options.CacheType);

    /// <summary>One pass: a token of every sequence that decodes, and the next rows of one prompt.</summary>
    private void Step()
    {
        EndCancelled();
        if (_active.Count == 0)
        {
            return;
        }

        try
        {
            using TensorScope scope = TensorScope.Open();
            EngineSequence? prompt = Gather(out int decoding, out int fed);
            Tensor hidden = Language.Forward(Inputs(prompt, decoding, fed), _batch);
            bool done = prompt is not null && prompt.Fed + fed == prompt.Pending.Shape[0];
            Span<float> logits = decoding > 0 || done
                ? Language.Logits(Wanted(hidden, decoding, done)).Writable<float>()
                : [];
            Choose(logits, prompt, decoding, fed, done);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever goes wrong in a pass that they share ends all of its sequences.
            foreach (EngineSequence sequence in _active)
            {
                sequence.Run.Fail(error);
                Free(sequence, keep: false);
            }

            _active.Clear();
        }
    }

    private void EndCancelled()
    {
        for (int i = _active.Count - 1; i >= 0; i--)
        {
            EngineSequence sequence = _active[i];
            if (sequence.Cancellation.IsCancellationRequested)
            {
                sequence.Run.Fail(new OperationCanceledException(sequence.Cancellation));
                Free(sequence, keep: true);
                _active.RemoveAt(i);
            }
            else if (sequence.Plan.Settings.MaxTime is { } most && sequence.Elapsed > most)
            {
                sequence.Decoder.End(FinishReason.Time);
                Complete(sequence);
                _active.RemoveAt(i);
            }
        }
    }

    /// <summary>Fills the batch: first the sequences that decode, then the piece of a prompt.</summary>
    private EngineSequence? Gather(out int decoding, out int fed)
    {
        _batch.Clear();
        if (_tokens.Length < _active.Count)
        {
            _tokens = new int[Math.Max(_active.Count, Options.MaxSequences)];
        }

        EngineSequence? prompt = null;
        decoding = 0;
        fed = 0;
        foreach (EngineSequence sequence in _active)
        {
            if (sequence.IsPrefilling)
            {
                prompt ??= sequence;
            }
            else
            {
                _tokens[decoding++] = sequence.LastToken;
                sequence.AddToken(_batch);
            }
        }

        if (prompt is not null)
        {
            fed = Math.Min(Options.PrefillChunk, prompt.Pending.Shape[0] - prompt.Fed);
            prompt.AddPrompt(_batch, fed);
        }

        return prompt;
    }

    private Tensor Inputs(EngineSequence? prompt, int decoding, int fed)
    {
        Tensor piece = prompt is null ? default : prompt.Pending.Rows(prompt.Fed, fed);
        if (decoding == 0)
        {
            return piece;
        }

        Tensor tokens = Language.Embed(Tensor.From((ReadOnlySpan<int>)_tokens.AsSpan(0, decoding), [decoding]));
        return prompt is null ? tokens : Ops.Concat([tokens, piece], 0);
    }

    /// <summary>The states whose logits are needed: those of the decoding sequences, and a finished prompt's last.</summary>
    private static Tensor Wanted(Tensor hidden, int decoding, bool done)
    {
        int rows = hidden.Shape[0];
        if (!done)
        {
            return hidden.Rows(0, decoding);
        }

        Tensor last = hidden.Rows(rows - 1, 1);
        return decoding == 0 ? last
            : decoding == rows - 1 ? hidden
            : Ops.Concat([hidden.Rows(0, decoding), last], 0);
    }

    private void Choose(Span<float> logits, EngineSequence? prompt, int decoding, int fed, bool done)
    {
        int size = Language.VocabularySize, row = 0;
        for (int i = 0; i < _active.Count; i++)
        {
            EngineSequence sequence = _active[i];
            if (sequence.IsPrefilling)
            {
                continue;
            }

            bool ended = Take(sequence, logits.Slice(row++ * size, size), 1);
            if (ended)
            {
                _active.RemoveAt(i--);
            }
        }

        if (prompt is null)
        {
            return;
        }

        prompt.Fed += fed;
        if (done && Take(prompt, logits.Slice(decoding * size, size), fed))
        {
            _active.Remove(prompt);
        }
    }

    /// <summary>Chooses a sequence's next token; true when the sequence has ended.</summary>
    private bool Take(EngineSequence sequence, Span<float> logits, int fed)
    {
        try
        {
            int token = sequence.Decoder.Choose(logits);
            sequence.EndPrompt();
            sequence.MarkToken();
            sequence.LastToken = token;
            sequence.Run.Put(token);
        }
        catch (InvalidLogitsException error)
        {
            sequence.Run.Fail(Explain(error, sequence, fed));
            Free(sequence, keep: false);
            return true;
        }

        if (sequence.Decoder.Finish is null)
        {
            return false;
        }

        Complete(sequence);
        return true;
    }

    private void Complete(EngineSequence sequence)
    {
        GeneratedSequence answer = sequence.Decoder.ToSequence();
        EngineUsage usage = sequence.Usage(answer.Tokens.Count);
        sequence.Key.Add(sequence.Decoder.Generated);
        Free(sequence, keep: true);
        sequence.Run.End(new EngineResult([answer], usage));
    }

    private void Free(EngineSequence sequence, bool keep)
    {
        sequence.EndPrompt();
        if (sequence.Cache is not { } cache)
        {
            return;
        }

        sequence.Cache = null;
        if (keep && cache.Length > 0)
        {
            _prefixes.Put(sequence.Key, cache);
        }
        else
        {
            cache.Dispose();
        }
    }
}
