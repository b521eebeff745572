using System.Diagnostics;
using System.Numerics.Tensors;

namespace Percept.Inference;

/// <summary>
/// Contrastive search (arXiv 2202.06417): of the k most probable tokens, the one with the greatest
/// (1 − α) · probability − α · the greatest cosine of its hidden state with those of all tokens before.
/// </summary>
/// <remarks>Every candidate is fed; a row goes on from the cache of the one that was taken.</remarks>
internal sealed class ContrastiveSearch
{
    private readonly IHiddenStateSession _session;
    private readonly GenerationPlan _plan;
    private readonly StepFeed _feed = new();
    private readonly RowDecoder[] _rows;
    private readonly float[][] _states;
    private readonly int _candidates;
    private readonly float _alpha;
    private readonly TopSelector _top;
    private readonly float[] _logits;
    private readonly float[] _next;
    private readonly float[] _probabilities;

    internal ContrastiveSearch(IHiddenStateSession session, GenerationPlan plan)
    {
        _session = session;
        _plan = plan;
        if (!plan.Request.FirstLogits.IsEmpty)
        {
            throw new NotSupportedException(
                "Contrastive search (penalty_alpha) needs the hidden states of the prompt, which are not known of a prompt " +
                "that was fed before; leave penalty_alpha out.");
        }

        _candidates = Math.Min(plan.Settings.TopK, plan.VocabularySize);
        _alpha = (float)plan.Settings.PenaltyAlpha!.Value;
        _top = new TopSelector(_candidates);
        _rows = new RowDecoder[session.Rows];
        _states = new float[session.Rows][];
        for (int row = 0; row < _rows.Length; row++)
        {
            _rows[row] = new RowDecoder(plan, row, row);
            _states[row] = new float[_rows[row].MaxLength * session.HiddenSize];
        }

        _logits = new float[_rows.Length * plan.VocabularySize];
        _next = new float[_rows.Length * _candidates * plan.VocabularySize];
        _probabilities = new float[_rows.Length * _candidates];
    }

    internal IReadOnlyList<GeneratedSequence> Run(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        int width = _session.HiddenSize;
        var hidden = new float[_rows.Length * _candidates * width];
        int[] spread = RowSpread.Sources(_rows.Length, _candidates);
        var chosen = new int[_rows.Length];
        while (RowDecoder.AnyGoesOn(_rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_plan.Settings.MaxTime is { } time && Stopwatch.GetElapsedTime(start) > time)
            {
                Array.ForEach(_rows, static row => row.End(FinishReason.Time));
                break;
            }

            Propose();
            _session.Reorder(spread);
            _session.Step(_feed.Rows, _feed.Tokens, _next, hidden);
            Take(hidden, chosen);
            _feed.Clear();
            _session.Reorder(chosen);
        }

        return [.. _rows.Select(row => row.ToSequence())];
    }

    private void Begin()
    {
        for (int row = 0; row < _rows.Length; row++)
        {
            _feed.AddPrompt(row, _plan.Request.Prompts[row]);
        }

        int width = _session.HiddenSize;
        var hidden = new float[_feed.Count * width];
        _session.Step(_feed.Rows, _feed.Tokens, _logits, hidden);
        int at = 0;
        for (int row = 0; row < _rows.Length; row++)
        {
            // States lie where the ids do; the places of padding stay empty.
            GenerationPrompt prompt = _plan.Request.Prompts[row];
            for (int i = prompt.Padding; i < prompt.Ids.Count; i++)
            {
                Unit(hidden.AsSpan(at, width), _states[row].AsSpan(i * width, width));
                at += width;
            }
        }

        _feed.Clear();
        _plan.Request.PromptsFed?.Invoke();
    }

    // The candidates of every row that goes on, in falling order of probability.
    private void Propose()
    {
        int size = _plan.VocabularySize;
        Span<float> scratch = _next.AsSpan(0, size);
        for (int row = 0; row < _rows.Length; row++)
        {
            if (_rows[row].Finish is not null)
            {
                continue;
            }

            Span<float> logits = _logits.AsSpan(row * size, size);
            _rows[row].Process(logits);
            TokenSampler.Greatest(logits, row, _rows[row].Generated.Length);
            LogitMath.Softmax(logits, scratch);
            _top.Clear();
            for (int token = 0; token < size; token++)
            {
                _top.Add(scratch[token], token);
            }

            _top.Sort();
            for (int i = 0; i < _candidates; i++)
            {
                _feed.Add((row * _candidates) + i, _top.Index(i));
                _probabilities[(row * _candidates) + i] = _top.Value(i);
            }
        }
    }

    private void Take(ReadOnlySpan<float> hidden, Span<int> chosen)
    {
        int size = _plan.VocabularySize;
        int width = _session.HiddenSize;
        float best = 0;
        for (int row = 0, at = 0; row < _rows.Length; row++)
        {
            chosen[row] = row * _candidates;
            RowDecoder decoder = _rows[row];
            if (decoder.Finish is not null)
            {
                continue;
            }

            int taken = -1;
            for (int i = 0; i < _candidates; i++)
            {
                ReadOnlySpan<float> state = hidden.Slice((at + i) * width, width);
                float score = _probabilities[(row * _candidates) + i] > 0
                    ? ((1 - _alpha) * _probabilities[(row * _candidates) + i]) - (_alpha * Likeness(row, state))
                    : float.NegativeInfinity;
                if (taken < 0 || score > best)
                {
                    (taken, best) = (i, score);
                }
            }

            int source = (row * _candidates) + taken;
            int length = decoder.Ids.Length;
            Unit(hidden.Slice((at + taken) * width, width), _states[row].AsSpan(length * width, width));
            decoder.Accept(_feed.Tokens[at + taken]);
            _next.AsSpan(source * size, size).CopyTo(_logits.AsSpan(row * size, size));
            chosen[row] = source;
            at += _candidates;
        }
    }

    /// <summary>The greatest cosine of a state with those of all ids before it.</summary>
    private float Likeness(int row, ReadOnlySpan<float> state)
    {
        int width = _session.HiddenSize;
        float norm = TensorPrimitives.Norm(state);
        float greatest = float.NegativeInfinity;
        for (int i = _plan.Request.Prompts[row].Padding; i < _rows[row].Ids.Length; i++)
        {
            greatest = Math.Max(greatest, TensorPrimitives.Dot(state, _states[row].AsSpan(i * width, width)));
        }

        return greatest / norm;
    }

    private static void Unit(ReadOnlySpan<float> state, Span<float> unit) =>
        TensorPrimitives.Divide(state, TensorPrimitives.Norm(state), unit);
}
