using System.Collections.Concurrent;
using Percept.Models;
using Percept.Tensors;

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
    private readonly Lock _gate = new();
    private readonly BlockingCollection<EngineSequence> _waiting = [];
    private readonly List<EngineSequence> _queue = [];
    private readonly List<EngineSequence> _active = [];
    private readonly SequenceBatch _batch;
    private readonly PrefixCache _prefixes;
    private readonly MediaCache _media;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop;
    private readonly Thread _thread;
    private readonly LearnedStart? _start;
    private readonly Adapter? _usual;
    private int[] _tokens = [];
    private bool _disposed;

    /// <summary>Starts an engine.</summary>
    /// <param name="model">An <see cref="ILanguageModel"/> or an <see cref="IMultimodalModel"/>.</param>
    /// <param name="options">How it runs; null for the defaults.</param>
    /// <exception cref="NotSupportedException">
    /// The model is neither, its keys cannot be stored as the options say, or rows of a medium see those behind them.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public InferenceEngine(object model, EngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Options = options ?? new EngineOptions();
        Options.Check();
        _multimodal = model as IMultimodalModel;
        Language = _multimodal?.Language ?? model as ILanguageModel
            ?? throw new NotSupportedException($"A {model.GetType().Name} generates no text; the engine needs a language model.");
        if (_multimodal is { MediaSeeAhead: true })
        {
            throw new NotSupportedException(
                $"The rows of a medium of this {model.GetType().Name} see those behind them, and the engine cuts prompts inside media: " +
                "it feeds them in pieces and takes over beginnings of earlier prompts. Use the model's own passes over the whole prompt.");
        }

        _usual = Options.Adapters?.Active;
        _start = Options.Prompt is { } learned ? new LearnedStart(Language, learned, Options.CacheType) : null;
        ContextLength = Math.Min(Options.ContextLength ?? int.MaxValue, Language.MaximumPositions) - Before;
        _batch = new SequenceBatch(Language.PositionAxes);
        _prefixes = new PrefixCache(Options.PrefixCacheBytes, Before);
        _media = new MediaCache(Options.MediaCacheBytes);
        _stop = _stopping.Token;

        // What the model cannot store is refused here rather than at every request.
        NewCache().Dispose();
        _thread = new Thread(Loop) { IsBackground = true, Name = "Percept engine" };
        _thread.Start();
    }

    /// <summary>How it runs.</summary>
    public EngineOptions Options { get; }

    /// <summary>The language model.</summary>
    public ILanguageModel Language { get; }

    /// <summary>The greatest number of positions of a sequence, without those of a learned prompt.</summary>
    public int ContextLength { get; }

    /// <summary>How many places of every cache a learned prompt takes.</summary>
    private int Before => Options.Prompt?.Tokens ?? 0;

    /// <summary>The adapter of the sequences that run.</summary>
    private Adapter? Acting => Options.Adapters?.Active;

    private Tensor Rows(MediaSpan span, CancellationToken cancellation) =>
        _media.Rows(span.Media, Acting?.Name ?? string.Empty, _multimodal!, cancellation);

    private KvCache NewCache() => new(Language.CacheShapes, Options.CacheType);

    /// <summary>A cache for a prompt of which nothing is known yet, behind the learned one.</summary>
    private KvCache StartedCache(int wholeLength)
    {
        KvCache cache = NewCache();
        _start?.CopyTo(cache, wholeLength);
        return cache;
    }

    /// <summary>One pass: a token of every sequence that decodes, and the next rows of one prompt.</summary>
    private void Step()
    {
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
        catch (Exception error)
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
        catch (Exception error)
        {
            // The other sequences of the pass go on: a caller's own processor may throw anything.
            sequence.Run.Fail(error is InvalidLogitsException invalid ? Explain(invalid, sequence, fed) : error);
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
        if (keep && cache.Length > Before)
        {
            // Keys behind the prompt may be embedded as those of a longer one; see LengthKind.
            if (Language.LengthKind(sequence.NextPosition) != sequence.Key.LengthKind)
            {
                cache.Truncate(Math.Min(cache.Length, Before + sequence.Request.Prompt.Ids.Count));
            }

            _prefixes.Put(sequence.Key, cache);
        }
        else
        {
            cache.Dispose();
        }
    }
}
