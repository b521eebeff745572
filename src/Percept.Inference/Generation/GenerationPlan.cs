namespace Percept.Inference;

/// <summary>What all rows of a request share: processors, sampler, ends. For one thread.</summary>
internal sealed class GenerationPlan
{
    private readonly int[] _ends;
    private readonly ConstraintProcessor? _constraint;

    /// <summary>Checks a request and prepares it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="vocabularySize">The number of logits.</param>
    internal GenerationPlan(GenerationRequest request, int vocabularySize)
    {
        Request = request;
        Settings = request.Settings;
        VocabularySize = vocabularySize;
        Settings.Check();
        CheckVocabulary();
        Sampler = new TokenSampler(Settings.Seed);
        _ends = [.. Settings.EosTokenIds];
        if (Settings.StopStrings.Count > 0)
        {
            Stops = new StopMatcher(Settings.StopStrings, request.TokenBytes ?? throw new ArgumentException(
                "The setting 'stop_strings' needs the bytes of the vocabulary's tokens (TokenBytes); give the tokenizer's."));
        }

        _constraint = request.Constraint is { } constraint ? new ConstraintProcessor(constraint, Settings.EosTokenIds) : null;

        // Where both are set the count of new tokens holds; positions that are no ids count for the whole length.
        int shortest = Settings.MinNewTokens is null ? Math.Max(0, Settings.MinLength - request.EmbeddedLength) : 0;
        Chain = LogitsChain.Build(Settings with { MinLength = shortest }, new LogitsChainInputs
        {
            EncoderIds = request.EncoderIds ?? [.. request.Prompts.Select(prompt => prompt.Ids.ToArray())],
            Allowed = request.Allowed,
            Custom = _constraint is null ? request.Processors : [_constraint, .. request.Processors],
        });
    }

    internal GenerationRequest Request { get; }

    internal GenerationSettings Settings { get; }

    internal int VocabularySize { get; }

    internal LogitsChain Chain { get; }

    internal TokenSampler Sampler { get; }

    internal StopMatcher? Stops { get; }

    /// <summary>Whether an id ends a row.</summary>
    internal bool IsEnd(int token) => _ends.AsSpan().Contains(token);

    /// <summary>
    /// The stream of draws of a row. With a given seed a prompt draws as if it were alone, so that a batch of prompts
    /// gives what they give one by one; without one all rows differ.
    /// </summary>
    internal int Stream(int row, int copy) => Settings.Seed is null ? row : copy;

    /// <summary>The place of a row in the constraint; null without one.</summary>
    internal ConstraintCursor? Cursor(int row) => _constraint?.Cursor(row);

    /// <summary>The greatest length of a row, and whether it fits into the model.</summary>
    internal int LengthLimit(GenerationPrompt prompt)
    {
        int limit = Settings.LengthLimit(prompt.Ids.Count, Request.EmbeddedLength);
        if (limit <= prompt.Ids.Count)
        {
            throw new ArgumentException(
                $"The greatest length is {limit} (max_length), but the prompt alone has {prompt.Ids.Count} ids; set " +
                "max_new_tokens instead.");
        }

        long needed = (long)limit - prompt.Padding + Request.EmbeddedLength;
        if (Request.ContextLength is { } available && needed > available)
        {
            // The reference's default of 20 more tokens gives way to the model's limit; what was asked for does not.
            int room = available + prompt.Padding - Request.EmbeddedLength;
            if (Settings.MaxNewTokens is null && Settings.MaxLength is null && room > prompt.Ids.Count)
            {
                return room;
            }

            throw new ContextLengthException((int)Math.Min(needed, int.MaxValue), available);
        }

        return limit;
    }

    private void CheckVocabulary()
    {
        foreach ((string name, IEnumerable<int> ids) in
            (ReadOnlySpan<(string, IEnumerable<int>)>)
            [
                ("forced_eos_token_id", Settings.ForcedEosTokenIds),
                ("forced_bos_token_id", Settings.ForcedBosTokenId is { } id ? [id] : []),
            ])
        {
            foreach (int token in ids)
            {
                SettingsCheck.Require(token < VocabularySize, name, token, $"an id below {VocabularySize}");
            }
        }
    }
}
