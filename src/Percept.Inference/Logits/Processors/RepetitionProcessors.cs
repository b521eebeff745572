namespace Percept.Inference;

/// <summary>Marks ids so that each counts once; forgetting all of them costs nothing.</summary>
internal struct SeenIds
{
    private int[]? _stamps;
    private int _stamp;

    /// <summary>Starts anew for ids below a bound.</summary>
    internal void Begin(int vocabularySize)
    {
        if (_stamps is null || _stamps.Length < vocabularySize || _stamp == int.MaxValue)
        {
            _stamps = new int[vocabularySize];
            _stamp = 0;
        }

        _stamp++;
    }

    /// <summary>Whether an id lies below the bound and comes for the first time.</summary>
    internal readonly bool Add(int id)
    {
        if ((uint)id >= (uint)_stamps!.Length || _stamps[id] == _stamp)
        {
            return false;
        }

        _stamps[id] = _stamp;
        return true;
    }
}

/// <summary>
/// Makes ids that occurred less likely (or, below 1, more likely): negative logits times the penalty, others divided by
/// it, once for each id. Left padding does not count.
/// </summary>
internal sealed class RepetitionPenaltyProcessor : ILogitsProcessor
{
    private readonly float _penalty;
    private readonly int _ignored;
    private SeenIds _seen;

    internal RepetitionPenaltyProcessor(double penalty, int promptIgnoreLength = 0)
    {
        SettingsCheck.Require(penalty > 0 && double.IsFinite(penalty), "repetition_penalty", penalty, "a number above 0");
        SettingsCheck.Require(promptIgnoreLength >= 0, "prompt_ignore_length", promptIgnoreLength, "a whole number from 0");
        _penalty = (float)penalty;
        _ignored = promptIgnoreLength;
    }

    public string Name => "RepetitionPenaltyLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        int start = Math.Min(Math.Max(context.Padding, _ignored), context.Length);
        Apply(context.Ids[start..], logits, _penalty, ref _seen);
    }

    internal static void Apply(ReadOnlySpan<int> ids, Span<float> logits, float penalty, ref SeenIds seen)
    {
        seen.Begin(logits.Length);
        foreach (int id in ids)
        {
            // Ids that stand for pictures may lie outside the vocabulary.
            if (id < logits.Length && seen.Add(id))
            {
                float logit = logits[id];
                logits[id] = logit < 0 ? logit * penalty : logit / penalty;
            }
        }
    }
}

/// <summary>The inverse for the ids of the encoder's input: above 1 they become more likely.</summary>
internal sealed class EncoderRepetitionPenaltyProcessor : ILogitsProcessor
{
    private readonly float _penalty;
    private readonly IReadOnlyList<int[]> _encoderIds;
    private SeenIds _seen;

    internal EncoderRepetitionPenaltyProcessor(double penalty, IReadOnlyList<int[]> encoderIds)
    {
        SettingsCheck.Require(
            penalty > 0 && double.IsFinite(penalty), "encoder_repetition_penalty", penalty, "a number above 0");
        _penalty = (float)(1 / penalty);
        _encoderIds = encoderIds;
    }

    public string Name => "EncoderRepetitionPenaltyLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits) =>
        RepetitionPenaltyProcessor.Apply(_encoderIds[context.Prompt], logits, _penalty, ref _seen);
}

/// <summary>
/// Takes away from the logits of generated ids: <c>frequency_penalty</c> for each time, <c>presence_penalty</c> once
/// (as OpenAI's interface has them; the prompt does not count).
/// </summary>
internal sealed class FrequencyPenaltyProcessor(double frequency, double presence) : ILogitsProcessor
{
    private readonly float _frequency = (float)frequency;
    private readonly float _presence = (float)presence;
    private SeenIds _seen;

    public string Name => "FrequencyPenalty";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        _seen.Begin(logits.Length);
        foreach (int id in context.Generated)
        {
            if ((uint)id < (uint)logits.Length)
            {
                logits[id] -= _frequency + (_seen.Add(id) ? _presence : 0);
            }
        }
    }
}

/// <summary>Forbids tokens that would complete a run of n tokens that occurred already.</summary>
internal sealed class NoRepeatNgramProcessor : ILogitsProcessor
{
    private readonly int _size;

    internal NoRepeatNgramProcessor(int size)
    {
        SettingsCheck.Require(size > 0, "no_repeat_ngram_size", size, "a whole number above 0");
        _size = size;
    }

    public string Name => "NoRepeatNGramLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits) => Forbid(context.Ids, context.Ids, _size, logits);

    internal static void Forbid(ReadOnlySpan<int> known, ReadOnlySpan<int> ids, int size, Span<float> logits)
    {
        if (ids.Length + 1 < size)
        {
            return;
        }

        ReadOnlySpan<int> prefix = ids[(ids.Length + 1 - size)..];
        for (int i = 0; i + size <= known.Length; i++)
        {
            int last = known[i + size - 1];
            if ((uint)last < (uint)logits.Length && known.Slice(i, size - 1).SequenceEqual(prefix))
            {
                logits[last] = LogitMath.Forbidden;
            }
        }
    }
}

/// <summary>Forbids tokens that would complete a run of n tokens of the encoder's input.</summary>
internal sealed class EncoderNoRepeatNgramProcessor : ILogitsProcessor
{
    private readonly int _size;
    private readonly IReadOnlyList<int[]> _encoderIds;

    internal EncoderNoRepeatNgramProcessor(int size, IReadOnlyList<int[]> encoderIds)
    {
        SettingsCheck.Require(size > 0, "encoder_no_repeat_ngram_size", size, "a whole number above 0");
        _size = size;
        _encoderIds = encoderIds;
    }

    public string Name => "EncoderNoRepeatNGramLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits) =>
        NoRepeatNgramProcessor.Forbid(_encoderIds[context.Prompt], context.Ids, _size, logits);
}
