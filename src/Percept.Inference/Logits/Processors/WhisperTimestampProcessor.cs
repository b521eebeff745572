using System.Numerics.Tensors;

namespace Percept.Inference;

/// <summary>
/// The rules of Whisper's timestamps: they come in pairs, never go back, the first lies near the start, and a timestamp
/// is taken when all of them together are more probable than the best text token.
/// </summary>
internal sealed class WhisperTimestampProcessor : ILogitsProcessor
{
    private readonly int _noTimestamps;
    private readonly int _first;
    private readonly int _end;
    private readonly int _begin;
    private readonly int? _maxInitial;
    private readonly bool _byProbability;
    private LogitsBuffer<float> _scratch;

    /// <summary>Makes the rules.</summary>
    /// <param name="noTimestampsTokenId">The token before the first timestamp in the vocabulary.</param>
    /// <param name="eosTokenId">The end token; text tokens lie below it.</param>
    /// <param name="beginIndex">The length of the decoder's prompt.</param>
    /// <param name="maxInitialTimestampIndex">The greatest timestamp that may come first; null for any.</param>
    /// <param name="detectFromLogProbability">Whether the probabilities decide as told above.</param>
    internal WhisperTimestampProcessor(
        int noTimestampsTokenId,
        int eosTokenId,
        int beginIndex,
        int? maxInitialTimestampIndex,
        bool detectFromLogProbability = true)
    {
        _noTimestamps = noTimestampsTokenId;
        _first = noTimestampsTokenId + 1;
        _end = eosTokenId;
        _begin = beginIndex;
        _maxInitial = maxInitialTimestampIndex;
        _byProbability = detectFromLogProbability;
    }

    public string Name => "WhisperTimeStampLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        logits[_noTimestamps] = LogitMath.Forbidden;
        ReadOnlySpan<int> ids = context.Ids[Math.Min(_begin, context.Length)..];
        bool lastIsTime = ids.Length >= 1 && ids[^1] >= _first;
        bool beforeIsTime = ids.Length < 2 || ids[^2] >= _first;
        if (lastIsTime && beforeIsTime)
        {
            logits[_first..].Fill(LogitMath.Forbidden);
        }
        else if (lastIsTime)
        {
            logits[.._end].Fill(LogitMath.Forbidden);
        }

        if (LastTime(ids) is { } time)
        {
            // An open pair may end at its own start; a closed one is left behind.
            int least = lastIsTime && !beforeIsTime ? time : time + 1;
            logits[_first..least].Fill(LogitMath.Forbidden);
        }

        if (context.Length == _begin)
        {
            logits[.._first].Fill(LogitMath.Forbidden);
            if (_maxInitial is { } most && _first + most + 1 < logits.Length)
            {
                logits[(_first + most + 1)..].Fill(LogitMath.Forbidden);
            }
        }

        if (_byProbability && LogitMath.LogSumExp(logits[_first..], _scratch.Take(logits.Length))
            > TensorPrimitives.Max<float>(logits[.._first]))
        {
            logits[.._first].Fill(LogitMath.Forbidden);
        }
    }

    private int? LastTime(ReadOnlySpan<int> ids)
    {
        for (int i = ids.Length - 1; i >= 0; i--)
        {
            if (ids[i] >= _first)
            {
                return ids[i];
            }
        }

        return null;
    }
}
