using System.Diagnostics;

namespace Percept.Inference;

/// <summary>
/// Speculative decoding by prompt lookup: what followed the last tokens where they stood before is guessed, fed at
/// once, and kept as far as it is what would have been chosen. The tokens are those of the plain loop.
/// </summary>
internal sealed class PromptLookupLoop
{
    private readonly IGenerationSession _session;
    private readonly GenerationPlan _plan;
    private readonly StepFeed _feed = new();
    private readonly RowDecoder[] _rows;
    private readonly int _guesses;
    private readonly int[] _tokens;
    private readonly float[] _logits;
    private readonly float[] _verified;

    internal PromptLookupLoop(IGenerationSession session, GenerationPlan plan)
    {
        _session = session;
        _plan = plan;
        _guesses = plan.Settings.PromptLookupNumTokens!.Value;
        _rows = new RowDecoder[session.Rows];
        for (int row = 0; row < _rows.Length; row++)
        {
            _rows[row] = new RowDecoder(plan, row, row);
        }

        _tokens = new int[_guesses + 1];
        _logits = new float[_rows.Length * plan.VocabularySize];
        _verified = new float[(_guesses + 1) * plan.VocabularySize];
    }

    internal IReadOnlyList<GeneratedSequence> Run(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        cancellationToken.ThrowIfCancellationRequested();
        _feed.Begin(_session, _plan.Request, _logits);
        ChoosePlain();
        while (RowDecoder.AnyGoesOn(_rows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_plan.Settings.MaxTime is { } time && Stopwatch.GetElapsedTime(start) > time)
            {
                Array.ForEach(_rows, static row => row.End(FinishReason.Time));
                break;
            }

            Advance();
        }

        return [.. _rows.Select(row => row.ToSequence())];
    }

    /// <summary>Finds what followed the last ids where they stood before.</summary>
    /// <param name="ids">The ids so far.</param>
    /// <param name="longest">
    /// The longest run of last ids that is looked up; shorter ones follow when there is none.
    /// </param>
    /// <param name="guesses">Receives what followed the first such place.</param>
    /// <returns>How many ids were found.</returns>
    internal static int Look(ReadOnlySpan<int> ids, int longest, Span<int> guesses)
    {
        for (int size = Math.Min(longest, ids.Length - 1); size > 0; size--)
        {
            ReadOnlySpan<int> last = ids[^size..];
            // The place must not be the end itself.
            int at = ids[..^1].IndexOf(last);
            if (at >= 0)
            {
                ReadOnlySpan<int> followed = ids[(at + size)..];
                int count = Math.Min(followed.Length, guesses.Length);
                followed[..count].CopyTo(guesses);
                return count;
            }
        }

        return 0;
    }

    // Rows with guesses are verified one by one; all others take one step together.
    private void Advance()
    {
        for (int row = 0; row < _rows.Length; row++)
        {
            RowDecoder decoder = _rows[row];
            if (decoder.Finish is not null)
            {
                continue;
            }

            int room = Math.Clamp(decoder.MaxLength - decoder.Ids.Length - 1, 0, _guesses);
            int padding = _plan.Request.Prompts[row].Padding;
            int count = Look(
                decoder.Ids[padding..], _plan.Settings.MaxMatchingNgramSize, _tokens.AsSpan(1, room));
            if (count == 0)
            {
                _feed.Add(row, decoder.Ids[^1]);
                continue;
            }

            Verify(row, count);
        }

        if (_feed.Count > 0)
        {
            ChoosePlain();
        }
    }

    // Feeds what was collected unless the prompts were just fed, and chooses a token for each of those rows.
    private void ChoosePlain()
    {
        int size = _plan.VocabularySize;
        if (_feed.Count == 0)
        {
            for (int row = 0; row < _rows.Length; row++)
            {
                _rows[row].Choose(_logits.AsSpan(row * size, size));
            }

            return;
        }

        _session.Step(_feed.Rows, _feed.Tokens, _logits);
        foreach (int row in _feed.Rows)
        {
            _rows[row].Choose(_logits.AsSpan(row * size, size));
        }

        _feed.Clear();
    }

    private void Verify(int row, int guesses)
    {
        int size = _plan.VocabularySize;
        RowDecoder decoder = _rows[row];
        _tokens[0] = decoder.Ids[^1];
        _session.StepAll(row, _tokens.AsSpan(0, guesses + 1), _verified.AsSpan(0, (guesses + 1) * size));
        int right = 0;
        while (true)
        {
            int token = decoder.Choose(_verified.AsSpan(right * size, size));
            if (decoder.Finish is not null || right == guesses || token != _tokens[right + 1])
            {
                break;
            }

            right++;
        }

        // The last token chosen is not fed yet; the guesses behind it were wrong.
        if (right < guesses)
        {
            _session.Truncate(row, _session.Length(row) - (guesses - right));
        }
    }
}
