namespace Percept.Inference;

/// <summary>The beams of one prompt: those that run, and the best that have ended.</summary>
/// <remarks>
/// Scores are float32 and masked by −1e9, as in the reference: where all candidates are masked, it shows.
/// </remarks>
internal sealed class BeamGroup
{
    private const float Masked = -1e9f;

    private readonly GenerationPlan _plan;
    private readonly BeamBuffers _shared;
    private readonly GenerationPrompt _prompt;
    private readonly int _promptIndex;
    private readonly int _beams;
    private readonly int _maxLength;
    private readonly int[] _sources;
    private readonly ConstraintCursor?[] _cursors;
    private BeamSet _running;
    private BeamSet _runningNext;
    private BeamSet _finished;
    private BeamSet _finishedNext;
    private int _length;
    private bool _improvable = true;

    internal BeamGroup(GenerationPlan plan, BeamBuffers shared, int promptIndex)
    {
        _plan = plan;
        _shared = shared;
        _promptIndex = promptIndex;
        _prompt = plan.Request.Prompts[promptIndex];
        _beams = plan.Settings.NumBeams;
        _maxLength = plan.LengthLimit(_prompt);
        _length = _prompt.Ids.Count;
        _sources = new int[_beams];
        _running = new BeamSet(_beams, _maxLength);
        _runningNext = new BeamSet(_beams, _maxLength);
        _finished = new BeamSet(_beams, _maxLength);
        _finishedNext = new BeamSet(_beams, _maxLength);
        int[] ids = [.. _prompt.Ids];
        int stopState = plan.Stops?.Start(ids.AsSpan(_prompt.Padding)) ?? 0;
        for (int beam = 0; beam < _beams; beam++)
        {
            // Only the first beam counts in the first step; the others would repeat it.
            _running.Set(beam, ids, beam == 0 ? 0 : Masked, stopState, null);
            _finished.Set(beam, ids, Masked, 0, null);
        }

        _cursors = new ConstraintCursor?[2 * _beams];
        for (int beam = 0; beam < _beams; beam++)
        {
            _cursors[beam] = plan.Cursor((promptIndex * _beams) + beam);
            _cursors[_beams + beam] = _cursors[beam]?.Clone();
        }
    }

    /// <summary>Whether the search for this prompt is over.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>The beam from which a running beam goes on.</summary>
    internal int Source(int beam) => _sources[beam];

    /// <summary>The token that a running beam took last.</summary>
    internal int LastToken(int beam) => _running.Ids(beam, _length)[^1];

    /// <summary>Takes one step.</summary>
    /// <param name="logits">The logits [beams, V] that follow each running beam; changed.</param>
    /// <param name="timeIsUp">Whether every candidate ends with this step.</param>
    internal void Advance(Span<float> logits, bool timeIsUp)
    {
        Score(logits);
        Collect(logits);
        Judge(timeIsUp);
        KeepRunning();
        KeepFinished();
        _length++;
        IsDone = !CanImprove();
    }

    /// <summary>The best answers.</summary>
    internal IEnumerable<GeneratedSequence> Best(int count)
    {
        int start = _prompt.Ids.Count;
        for (int i = 0; i < count; i++)
        {
            int length = _finished.Lengths[i];
            yield return new GeneratedSequence(
                _promptIndex, _finished.Ids(i, length)[start..].ToArray(), _finished.Ends[i] ?? FinishReason.Length)
            {
                Score = _finished.Scores[i],
            };
        }
    }

    // Log-probabilities, processed, added to those of the beam.
    private void Score(Span<float> logits)
    {
        int size = _plan.VocabularySize;
        for (int beam = 0; beam < _beams; beam++)
        {
            Span<float> row = logits.Slice(beam * size, size);
            int rowIndex = (_promptIndex * _beams) + beam;
            TokenSampler.Greatest(row, rowIndex, _length - _prompt.Ids.Count);
            LogitMath.LogSoftmax(row, _shared.Scratch);
            _plan.Chain.Process(
                new LogitsContext(
                    _running.Ids(beam, _length), _prompt.Ids.Count, _maxLength, rowIndex, _promptIndex, _prompt.Padding),
                row);
            float sum = _running.Scores[beam];
            for (int token = 0; token < size; token++)
            {
                row[token] += sum;
            }
        }
    }

    private void Collect(ReadOnlySpan<float> scores)
    {
        TopSelector candidates = _shared.Candidates;
        candidates.Clear();
        if (_plan.Settings.DoSample)
        {
            // Drawn without replacement: the greatest of log-probability + Gumbel noise, in this order.
            for (int i = 0; i < scores.Length; i++)
            {
                if (scores[i] > LogitMath.Forbidden)
                {
                    double uniform = _plan.Sampler.Uniform(_plan.Stream(_promptIndex, 0), _length, i);
                    candidates.Add((float)(scores[i] - Math.Log(-Math.Log(uniform + double.Epsilon))), i);
                }
            }
        }
        else
        {
            for (int i = 0; i < scores.Length; i++)
            {
                candidates.Add(scores[i], i);
            }
        }

        candidates.Sort();
        for (int i = 0; i < candidates.Count; i++)
        {
            _shared.Scores[i] = scores[candidates.Index(i)];
        }

        if (candidates.Count == 0 || float.IsNegativeInfinity(_shared.Scores[0]))
        {
            throw InvalidLogitsException.AllForbidden(_promptIndex * _beams, _length - _prompt.Ids.Count);
        }
    }

    private void Judge(bool timeIsUp)
    {
        for (int i = 0; i < _shared.Candidates.Count; i++)
        {
            (int beam, int token) = Candidate(i);
            bool stops = false;
            _shared.StopStates[i] = _plan.Stops?.Step(_running.StopStates[beam], token, out stops) ?? 0;
            _shared.Ends[i] = _plan.IsEnd(token) ? FinishReason.EndOfSequence
                : stops ? FinishReason.StopString
                : _length + 1 >= _maxLength ? FinishReason.Length
                : timeIsUp ? FinishReason.Time
                : ConstraintEnds(beam, token) ? FinishReason.EndOfSequence
                : null;
        }
    }

    private bool ConstraintEnds(int beam, int token)
    {
        if (_cursors[beam] is not { } cursor || !cursor.Allows(token))
        {
            return false;
        }

        ConstraintCursor next = _cursors[_beams + beam]!;
        next.CopyFrom(cursor);
        next.Advance(token);
        return next.IsComplete;
    }

    private (int Beam, int Token) Candidate(int place) =>
        Math.DivRem(_shared.Candidates.Index(place), _plan.VocabularySize);

    private void KeepRunning()
    {
        TopSelector best = _shared.Running;
        best.Clear();
        for (int i = 0; i < _shared.Candidates.Count; i++)
        {
            best.Add(_shared.Scores[i] + (_shared.Ends[i] is null ? 0 : Masked), i);
        }

        best.Sort();
        for (int beam = 0; beam < _beams; beam++)
        {
            // A vocabulary smaller than the number of candidates repeats the last one.
            int place = best.Index(Math.Min(beam, best.Count - 1));
            (int source, int token) = Candidate(place);
            _sources[beam] = source;
            _runningNext.Take(beam, _running, source, _length, token);
            _runningNext.Scores[beam] = best.Value(Math.Min(beam, best.Count - 1));
            _runningNext.StopStates[beam] = _shared.StopStates[place];
            if (_cursors[source] is { } cursor)
            {
                ConstraintCursor next = _cursors[_beams + beam]!;
                next.CopyFrom(cursor);
                if (_shared.Ends[place] is null && next.Allows(token))
                {
                    next.Advance(token);
                }
            }
        }

        for (int beam = 0; beam < _beams && _cursors[beam] is not null; beam++)
        {
            _cursors[beam]!.CopyFrom(_cursors[_beams + beam]!);
        }
    }

    private void KeepFinished()
    {
        bool full = _plan.Settings.EarlyStopping == EarlyStopping.AtBeamCount && _finished.AllEnded;
        float divisor = (float)Math.Pow(_length + 1 - _prompt.Ids.Count, _plan.Settings.LengthPenalty);
        TopSelector best = _shared.Finished;
        best.Clear();
        for (int i = 0; i < _beams; i++)
        {
            best.Add(_finished.Scores[i], i);
        }

        for (int i = 0; i < _shared.Candidates.Count; i++)
        {
            // Candidates behind the first are there for the running beams only.
            float score = _shared.Scores[i] / divisor;
            score += full ? Masked : 0;
            score += _improvable ? 0 : Masked;
            score += _shared.Ends[i] is not null && i < _beams ? 0 : Masked;
            best.Add(score, _beams + i);
        }

        best.Sort();
        for (int i = 0; i < _beams; i++)
        {
            int place = best.Index(i);
            if (place < _beams)
            {
                _finishedNext.Copy(i, _finished, place);
            }
            else
            {
                place -= _beams;
                (int source, int token) = Candidate(place);
                _finishedNext.Take(i, _running, source, _length, token);
                _finishedNext.Ends[i] = place < _beams ? _shared.Ends[place] : null;
                _finishedNext.Scores[i] = best.Value(i);
            }
        }

        (_running, _runningNext) = (_runningNext, _running);
        (_finished, _finishedNext) = (_finishedNext, _finished);
    }

    private bool CanImprove()
    {
        GenerationSettings settings = _plan.Settings;
        int prompt = _prompt.Ids.Count;
        int length = settings.EarlyStopping == EarlyStopping.Never && settings.LengthPenalty > 0
            ? _maxLength - prompt
            : _length - prompt;
        float possible = _running.Scores[0] / (float)Math.Pow(length, settings.LengthPenalty);
        float worst = _finished.Worst;
        bool improves = false;
        for (int i = 0; i < _beams; i++)
        {
            improves |= possible > (_finished.Ends[i] is null ? Masked : worst);
        }

        _improvable &= improves;
        bool open = settings.EarlyStopping != EarlyStopping.AtBeamCount || !_finished.AllEnded;
        bool goesOn = false;
        for (int i = 0; i < _shared.Candidates.Count; i++)
        {
            goesOn |= _shared.Ends[i] is null;
        }

        return _improvable && open && goesOn;
    }
}
