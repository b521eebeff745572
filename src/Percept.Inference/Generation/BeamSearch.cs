using System.Diagnostics;

namespace Percept.Inference;

/// <summary>
/// Beam search with the reference's rules: max(2, 1 + end ids) · beams candidates, of which those that end compete by
/// sum / length^<c>length_penalty</c> with what has ended before, and the best others go on.
/// </summary>
/// <remarks>
/// Rows stand as [prompts, beams]. Prompts do not influence each other: one that can improve no more takes no further
/// steps.
/// </remarks>
internal sealed class BeamSearch
{
    private readonly IGenerationSession _session;
    private readonly GenerationPlan _plan;
    private readonly StepFeed _feed = new();
    private readonly BeamGroup[] _groups;
    private readonly int _beams;
    private readonly float[] _logits;
    private readonly int[] _sources;

    internal BeamSearch(IGenerationSession session, GenerationPlan plan)
    {
        _session = session;
        _plan = plan;
        _beams = plan.Settings.NumBeams;
        if (plan.Request.TopLogProbabilities is not null)
        {
            throw new NotSupportedException(
                "Log-probabilities of single tokens are not told with beams (num_beams); leave one of them out.");
        }

        var shared = new BeamBuffers(plan);
        _groups = new BeamGroup[session.Rows];
        for (int prompt = 0; prompt < _groups.Length; prompt++)
        {
            _groups[prompt] = new BeamGroup(plan, shared, prompt);
        }

        _logits = new float[_groups.Length * _beams * plan.VocabularySize];
        _sources = RowSpread.Sources(_groups.Length, _beams);
    }

    internal IReadOnlyList<GeneratedSequence> Run(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        cancellationToken.ThrowIfCancellationRequested();
        int size = _plan.VocabularySize;
        _feed.Begin(_session, _plan.Request, _logits.AsSpan(0, _groups.Length * size));
        _session.Reorder(_sources);
        RowSpread.Repeat(_logits, _groups.Length, _beams, size);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool timeIsUp = _plan.Settings.MaxTime is { } time && Stopwatch.GetElapsedTime(start) > time;
            Advance(timeIsUp);
            if (_feed.Count == 0)
            {
                break;
            }

            _session.Reorder(_sources);
            _feed.Step(_session, _logits);
        }

        return Finish();
    }

    private void Advance(bool timeIsUp)
    {
        int size = _plan.VocabularySize;
        for (int i = 0; i < _groups.Length; i++)
        {
            BeamGroup group = _groups[i];
            int first = i * _beams;
            if (group.IsDone)
            {
                for (int beam = 0; beam < _beams; beam++)
                {
                    _sources[first + beam] = first + beam;
                }

                continue;
            }

            group.Advance(_logits.AsSpan(first * size, _beams * size), timeIsUp);
            for (int beam = 0; beam < _beams; beam++)
            {
                _sources[first + beam] = first + group.Source(beam);
                if (!group.IsDone)
                {
                    _feed.Add(first + beam, group.LastToken(beam));
                }
            }
        }
    }

    private List<GeneratedSequence> Finish()
    {
        var sequences = new List<GeneratedSequence>();
        foreach (BeamGroup group in _groups)
        {
            sequences.AddRange(group.Best(_plan.Settings.NumReturnSequences));
        }

        if (_plan.Request.Sink is { } sink)
        {
            for (int i = 0; i < sequences.Count; i++)
            {
                IReadOnlyList<int> tokens = sequences[i].Tokens;
                for (int k = 0; k < tokens.Count; k++)
                {
                    sink.Put(i, tokens[k], k + 1 == tokens.Count ? sequences[i].Finish : null);
                }
            }
        }

        return sequences;
    }
}
