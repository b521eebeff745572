namespace Percept.Inference;

/// <summary>The processors of one generation in the reference's order.</summary>
/// <remarks>
/// For one thread; its processors own their buffers, so that a call allocates nothing once they have grown.
/// </remarks>
public sealed class LogitsChain
{
    private readonly ILogitsProcessor[] _processors;

    /// <summary>Makes a chain of given processors.</summary>
    /// <param name="processors">The processors in order.</param>
    public LogitsChain(IEnumerable<ILogitsProcessor> processors)
    {
        _processors = [.. processors];
        Guidance = _processors.OfType<GuidanceProcessor>().FirstOrDefault();
    }

    /// <summary>The processors in order.</summary>
    public IReadOnlyList<ILogitsProcessor> Processors => _processors;

    /// <summary>The step that needs the logits of the context without the prompt; null without guidance.</summary>
    internal GuidanceProcessor? Guidance { get; }

    /// <summary>Builds the chain that settings ask for.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="inputs">What processors need beside them.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static LogitsChain Build(GenerationSettings settings, LogitsChainInputs? inputs = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        inputs ??= new LogitsChainInputs();
        var processors = new List<ILogitsProcessor>();
        AddContent(processors, settings, inputs);
        AddLengths(processors, settings, inputs);
        processors.AddRange(inputs.Custom);
        if (settings.DoSample)
        {
            AddSampling(processors, settings);
        }

        if (settings.RenormalizeLogits)
        {
            processors.Add(new NormalizationProcessor());
        }

        return new LogitsChain(processors);
    }

    /// <summary>Runs all processors on one row.</summary>
    /// <param name="context">The row.</param>
    /// <param name="logits">Its logits [V]; changed in place.</param>
    public void Process(in LogitsContext context, Span<float> logits)
    {
        foreach (ILogitsProcessor processor in _processors)
        {
            processor.Process(context, logits);
        }
    }

    private static void AddContent(List<ILogitsProcessor> processors, GenerationSettings settings, LogitsChainInputs inputs)
    {
        if (settings.UsesGuidance)
        {
            processors.Add(new GuidanceProcessor(settings.GuidanceScale!.Value));
        }

        if (settings.SequenceBias.Count > 0)
        {
            processors.Add(new SequenceBiasProcessor(settings.SequenceBias));
        }

        if (settings.EncoderRepetitionPenalty != 1)
        {
            processors.Add(new EncoderRepetitionPenaltyProcessor(
                settings.EncoderRepetitionPenalty, inputs.NeedEncoderIds("encoder_repetition_penalty")));
        }

        if (settings.RepetitionPenalty != 1)
        {
            processors.Add(new RepetitionPenaltyProcessor(settings.RepetitionPenalty));
        }

        if (settings.NoRepeatNgramSize != 0)
        {
            processors.Add(new NoRepeatNgramProcessor(settings.NoRepeatNgramSize));
        }

        if (settings.EncoderNoRepeatNgramSize != 0)
        {
            processors.Add(new EncoderNoRepeatNgramProcessor(
                settings.EncoderNoRepeatNgramSize, inputs.NeedEncoderIds("encoder_no_repeat_ngram_size")));
        }

        if (settings.BadWordsIds.Count > 0)
        {
            processors.Add(BadWords.Make(settings.BadWordsIds, settings.EosTokenIds));
        }
    }

    private static void AddLengths(List<ILogitsProcessor> processors, GenerationSettings settings, LogitsChainInputs inputs)
    {
        if (settings.MinLength > 0 && settings.EosTokenIds.Count > 0)
        {
            processors.Add(new MinLengthProcessor(settings.MinLength, settings.EosTokenIds));
        }

        if (settings.MinNewTokens is > 0 and { } least && settings.EosTokenIds.Count > 0)
        {
            processors.Add(new MinNewTokensProcessor(least, settings.EosTokenIds));
        }

        if (inputs.Allowed is { } allowed)
        {
            processors.Add(new AllowedTokensProcessor(allowed));
        }

        if (settings.ForcedBosTokenId is { } first)
        {
            processors.Add(new ForcedBosProcessor(first));
        }

        if (settings.ForcedEosTokenIds.Count > 0)
        {
            processors.Add(new ForcedEosProcessor(settings.ForcedEosTokenIds));
        }

        if (settings.RemoveInvalidValues)
        {
            processors.Add(new RemoveInvalidProcessor());
        }

        if (settings.ExponentialDecayLengthPenalty is { } decay)
        {
            processors.Add(new LengthDecayProcessor(decay, settings.EosTokenIds));
        }

        if (settings.SuppressTokens.Count > 0)
        {
            processors.Add(new SuppressTokensProcessor(settings.SuppressTokens));
        }

        if (settings.BeginSuppressTokens.Count > 0)
        {
            processors.Add(new SuppressTokensAtBeginProcessor(
                settings.BeginSuppressTokens, null, settings.ForcedBosTokenId is not null));
        }

        if (settings.FrequencyPenalty != 0 || settings.PresencePenalty != 0)
        {
            processors.Add(new FrequencyPenaltyProcessor(settings.FrequencyPenalty, settings.PresencePenalty));
        }
    }

    private static void AddSampling(List<ILogitsProcessor> processors, GenerationSettings settings)
    {
        // Beams need something beside the end tokens to go on with.
        int keep = settings.NumBeams == 1 ? 1 : Math.Max(1, settings.EosTokenIds.Count) + 1;
        if (settings.Temperature != 1)
        {
            processors.Add(new TemperatureProcessor(settings.Temperature));
        }

        if (settings.TopH is { } share)
        {
            processors.Add(new TopHProcessor(share));
        }

        if (settings.TopK != 0)
        {
            processors.Add(new TopKProcessor(settings.TopK, keep));
        }

        if (settings.TopP < 1)
        {
            processors.Add(new TopPProcessor(settings.TopP, keep));
        }

        if (settings.MinP is { } minP)
        {
            processors.Add(new MinPProcessor(minP, keep));
        }

        if (settings.TypicalP < 1)
        {
            processors.Add(new TypicalProcessor(settings.TypicalP, keep));
        }

        if (settings.EpsilonCutoff is > 0 and < 1)
        {
            processors.Add(new EpsilonProcessor(settings.EpsilonCutoff, keep));
        }

        if (settings.EtaCutoff is > 0 and < 1)
        {
            processors.Add(new EtaProcessor(settings.EtaCutoff, keep));
        }
    }
}
