namespace Percept.Inference;

/// <summary>
/// One row of a generation: its ids, and what of it ends it. Chooses a token of logits, and takes it.
/// </summary>
/// <remarks>
/// The loops are written with it; so is any engine that runs rows of different requests together. For one thread at a
/// time. Once its buffers have their size, a token allocates nothing (but for log-probabilities, where they are asked
/// for).
/// </remarks>
internal sealed class RowDecoder
{
    private const int FirstCapacity = 4096;

    private readonly GenerationPlan _plan;
    private readonly GenerationPrompt _prompt;
    private readonly int _row;
    private readonly int _stream;
    private readonly ConstraintCursor? _cursor;
    private readonly List<TokenDetail> _details = [];
    private readonly float[]? _raw;
    private int[] _ids;
    private int _count;
    private int _stopState;

    /// <summary>Starts a row.</summary>
    /// <param name="plan">What it shares with the other rows.</param>
    /// <param name="row">Its number: its place in the constraint.</param>
    /// <param name="promptIndex">The prompt that it continues.</param>
    /// <param name="copy">Which of the prompt's answers it is.</param>
    internal RowDecoder(GenerationPlan plan, int row, int promptIndex, int copy = 0)
    {
        _plan = plan;
        _row = row;
        _stream = plan.Stream(row, copy);
        PromptIndex = promptIndex;
        _prompt = plan.Request.Prompts[promptIndex];
        PromptLength = _prompt.Ids.Count;
        MaxLength = plan.LengthLimit(_prompt);
        _ids = new int[Math.Min(MaxLength, PromptLength + FirstCapacity)];
        for (int i = 0; i < PromptLength; i++)
        {
            _ids[i] = _prompt.Ids[i];
        }

        _count = PromptLength;
        _stopState = plan.Stops?.Start(Ids[_prompt.Padding..]) ?? 0;
        _cursor = plan.Cursor(row);
        _raw = plan.Request.TopLogProbabilities is null ? null : new float[plan.VocabularySize];
    }

    /// <summary>The prompt that the row continues.</summary>
    internal int PromptIndex { get; }

    internal int PromptLength { get; }

    internal int MaxLength { get; }

    /// <summary>The ids so far, with padding and prompt.</summary>
    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>The generated ids.</summary>
    internal ReadOnlySpan<int> Generated => _ids.AsSpan(PromptLength, _count - PromptLength);

    /// <summary>Why the row ended; null while it goes on.</summary>
    internal FinishReason? Finish { get; private set; }

    /// <summary>Processes logits, chooses a token and takes it.</summary>
    /// <param name="logits">The logits [V] that follow the ids so far; changed.</param>
    /// <returns>The token.</returns>
    internal int Choose(Span<float> logits)
    {
        if (!_plan.Settings.RemoveInvalidValues)
        {
            // Behind the processors it may look as if all tokens were forbidden.
            TokenSampler.RequireNumbers(logits, _row, Generated.Length);
        }

        if (_raw is not null)
        {
            logits.CopyTo(_raw);
        }

        Process(logits);
        int position = Generated.Length;
        int token = _plan.Settings.DoSample
            ? _plan.Sampler.Draw(logits, _stream, position)
            : TokenSampler.Greatest(logits, _row, position);
        if (_raw is not null)
        {
            _details.Add(LogProbabilities.Of(_raw, token, _plan.Request.TopLogProbabilities!.Value));
        }

        Accept(token);
        return token;
    }

    /// <summary>Runs the processors on the logits that follow the ids so far.</summary>
    internal void Process(Span<float> logits) => _plan.Chain.Process(
        new LogitsContext(Ids, PromptLength, MaxLength, _row, PromptIndex, _prompt.Padding), logits);

    /// <summary>Takes a token and finds out whether it ends the row.</summary>
    internal void Accept(int token)
    {
        if (_count == _ids.Length)
        {
            Array.Resize(ref _ids, (int)Math.Min(MaxLength, 2L * _ids.Length));
        }

        _ids[_count++] = token;
        if (_plan.IsEnd(token))
        {
            Finish = FinishReason.EndOfSequence;
        }
        else
        {
            Follow(token);
        }

        if (Finish is null && _count >= MaxLength)
        {
            Finish = FinishReason.Length;
        }

        _plan.Request.Sink?.Put(_row, token, Finish);
    }

    /// <summary>Whether some row has not ended.</summary>
    internal static bool AnyGoesOn(ReadOnlySpan<RowDecoder> rows)
    {
        foreach (RowDecoder row in rows)
        {
            if (row.Finish is null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends the row before its next token.</summary>
    internal void End(FinishReason reason) => Finish ??= reason;

    /// <summary>The answer.</summary>
    internal GeneratedSequence ToSequence() =>
        new(PromptIndex, Generated.ToArray(), Finish ?? FinishReason.Length) { Details = [.. _details] };

    private void Follow(int token)
    {
        if (_plan.Stops is { } stops)
        {
            _stopState = stops.Step(_stopState, token, out bool matches);
            Finish = matches ? FinishReason.StopString : null;
        }

        if (_cursor is { } cursor)
        {
            cursor.Advance(token);
            if (cursor.IsComplete)
            {
                Finish ??= FinishReason.EndOfSequence;
            }
        }
    }
}
