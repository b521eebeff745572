namespace Percept.Inference;

/// <summary>Forbids end tokens until the sequence, prompt included, has a length.</summary>
internal sealed class MinLengthProcessor : ILogitsProcessor
{
    private readonly int _minLength;
    private readonly IReadOnlyList<int> _ends;

    internal MinLengthProcessor(int minLength, IReadOnlyList<int> eosTokenIds)
    {
        SettingsCheck.Require(minLength >= 0, "min_length", minLength, "a whole number from 0");
        _minLength = minLength;
        _ends = eosTokenIds;
    }

    public string Name => "MinLengthLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        if (context.Length < _minLength)
        {
            SuppressTokensProcessor.Forbid(_ends, logits);
        }
    }
}

/// <summary>Forbids end tokens until so many tokens are generated.</summary>
internal sealed class MinNewTokensProcessor : ILogitsProcessor
{
    private readonly int _minNewTokens;
    private readonly IReadOnlyList<int> _ends;

    internal MinNewTokensProcessor(int minNewTokens, IReadOnlyList<int> eosTokenIds)
    {
        SettingsCheck.Require(minNewTokens >= 0, "min_new_tokens", minNewTokens, "a whole number from 0");
        _minNewTokens = minNewTokens;
        _ends = eosTokenIds;
    }

    public string Name => "MinNewTokensLengthLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        if (context.Length - context.PromptLength < _minNewTokens)
        {
            SuppressTokensProcessor.Forbid(_ends, logits);
        }
    }
}

/// <summary>Leaves one token where the sequence has length 1.</summary>
internal sealed class ForcedBosProcessor(int token) : ILogitsProcessor
{
    private readonly int[] _tokens = [token];

    public string Name => "ForcedBOSTokenLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        if (context.Length == 1)
        {
            Force(_tokens, logits);
        }
    }

    internal static void Force(IReadOnlyList<int> tokens, Span<float> logits)
    {
        logits.Fill(LogitMath.Forbidden);
        for (int i = 0; i < tokens.Count; i++)
        {
            logits[tokens[i]] = 0;
        }
    }
}

/// <summary>Leaves some tokens for the last place that there is.</summary>
/// <param name="tokens">The tokens.</param>
internal sealed class ForcedEosProcessor(IReadOnlyList<int> tokens) : ILogitsProcessor
{
    public string Name => "ForcedEOSTokenLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        if (context.Length == context.MaxLength - 1)
        {
            ForcedBosProcessor.Force(tokens, logits);
        }
    }
}

/// <summary>Makes end tokens more likely with every token beyond a length.</summary>
/// <remarks>An end token that is forbidden stays forbidden; the reference makes a NaN of it.</remarks>
internal sealed class LengthDecayProcessor(LengthDecay decay, IReadOnlyList<int> eosTokenIds) : ILogitsProcessor
{
    public string Name => "ExponentialDecayLengthPenalty";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        int beyond = context.Length - context.PromptLength - decay.Start;
        if (beyond <= 0)
        {
            return;
        }

        float growth = (float)(Math.Pow(decay.Factor, beyond) - 1);
        for (int i = 0; i < eosTokenIds.Count; i++)
        {
            int id = eosTokenIds[i];
            if ((uint)id < (uint)logits.Length && logits[id] > LogitMath.Forbidden)
            {
                logits[id] += Math.Abs(logits[id]) * growth;
            }
        }
    }
}

/// <summary>Replaces NaN by 0 and infinities by the greatest and the lowest float32.</summary>
internal sealed class RemoveInvalidProcessor : ILogitsProcessor
{
    public string Name => "InfNanRemoveLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            float logit = logits[i];
            logits[i] = float.IsNaN(logit) ? 0 : Math.Clamp(logit, float.MinValue, float.MaxValue);
        }
    }
}

/// <summary>Makes log-probabilities of logits.</summary>
internal sealed class NormalizationProcessor : ILogitsProcessor
{
    private LogitsBuffer<float> _scratch;

    public string Name => "LogitNormalization";

    public void Process(in LogitsContext context, Span<float> logits) =>
        LogitMath.LogSoftmax(logits, _scratch.Take(logits.Length));
}
