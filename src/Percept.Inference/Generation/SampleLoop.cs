using System.Diagnostics;

namespace Percept.Inference;

/// <summary>Greedy decoding and sampling: each step feeds one token of every row that goes on.</summary>
internal sealed class SampleLoop
{
    private readonly IGenerationSession _session;
    private readonly GenerationPlan _plan;
    private readonly StepFeed _feed = new();
    private readonly RowDecoder[] _rows;
    private readonly float[] _logits;
    private readonly float[] _unconditional;

    internal SampleLoop(IGenerationSession session, GenerationPlan plan)
    {
        _session = session;
        _plan = plan;
        int copies = plan.Settings.NumReturnSequences;
        _rows = new RowDecoder[session.Rows * copies];
        for (int row = 0; row < _rows.Length; row++)
        {
            _rows[row] = new RowDecoder(plan, row, row / copies, row % copies);
        }

        _logits = new float[_rows.Length * plan.VocabularySize];
        _unconditional = plan.Chain.Guidance is null ? [] : new float[_logits.Length];
    }

    internal IReadOnlyList<GeneratedSequence> Run(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        while (Choose())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_plan.Settings.MaxTime is { } time && Stopwatch.GetElapsedTime(start) > time)
            {
                foreach (RowDecoder row in _rows)
                {
                    row.End(FinishReason.Time);
                }

                break;
            }

            if (_plan.Chain.Guidance is not null)
            {
                _plan.Request.Unconditional!.Step(_feed.Rows, _feed.Tokens, _unconditional);
            }

            _feed.Step(_session, _logits);
        }

        return [.. _rows.Select(row => row.ToSequence())];
    }

    /// <summary>Chooses a token for every row that goes on; false when none is left.</summary>
    private bool Choose()
    {
        int size = _plan.VocabularySize;
        for (int row = 0; row < _rows.Length; row++)
        {
            if (_rows[row].Finish is null)
            {
                int token = _rows[row].Choose(_logits.AsSpan(row * size, size));
                if (_rows[row].Finish is null)
                {
                    _feed.Add(row, token);
                }
            }
        }

        return _feed.Count > 0;
    }

    private void Begin()
    {
        GenerationRequest request = _plan.Request;
        int prompts = request.Prompts.Count;
        int copies = _plan.Settings.NumReturnSequences;
        _feed.Begin(_session, request, _logits.AsSpan(0, prompts * _plan.VocabularySize));
        if (_plan.Chain.Guidance is { } guidance)
        {
            BeginGuidance(request.Unconditional!, request);
            guidance.Unconditional = _unconditional;
        }

        if (copies > 1)
        {
            int[] sources = RowSpread.Sources(prompts, copies);
            _session.Reorder(sources);
            RowSpread.Repeat(_logits, prompts, copies, _plan.VocabularySize);
            if (_plan.Chain.Guidance is not null)
            {
                request.Unconditional!.Reorder(sources);
                RowSpread.Repeat(_unconditional, prompts, copies, _plan.VocabularySize);
            }
        }
    }

    private void BeginGuidance(IGenerationSession session, GenerationRequest request)
    {
        for (int row = 0; row < request.Prompts.Count; row++)
        {
            if (request.NegativePrompts is { } negative)
            {
                _feed.AddPrompt(row, new GenerationPrompt(negative[row]));
            }
            else if (request.Prompts[row].Ids.Count > 0)
            {
                _feed.Add(row, request.Prompts[row].Ids[^1]);
            }
            else
            {
                throw new ArgumentException(
                    "Guidance of a prompt without ids needs a negative prompt; give NegativePrompts.");
            }
        }

        _feed.Step(session, _unconditional.AsSpan(0, request.Prompts.Count * _plan.VocabularySize));
    }
}
