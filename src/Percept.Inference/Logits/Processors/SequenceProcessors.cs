namespace Percept.Inference;

/// <summary>Adds a bias to the token that would complete a sequence.</summary>
/// <remarks>
/// As in the reference, a sequence of several tokens counts only where the context is at least as long as the whole of
/// it, and of equal sequences the last bias counts.
/// </remarks>
internal sealed class SequenceBiasProcessor : ILogitsProcessor
{
    private readonly SequenceBias[] _biases;
    private bool _checked;

    internal SequenceBiasProcessor(IReadOnlyList<SequenceBias> biases, string name = "SequenceBiasLogitsProcessor")
    {
        Name = name;
        var last = new Dictionary<string, SequenceBias>(StringComparer.Ordinal);
        foreach (SequenceBias bias in biases)
        {
            SettingsCheck.Require(bias.Ids.Count > 0 && bias.Ids.All(id => id >= 0), "sequence_bias",
                $"[{string.Join(", ", bias.Ids)}]", "at least one id, none below 0");
            last[string.Join(' ', bias.Ids)] = bias;
        }

        _biases = [.. last.Values];
    }

    public string Name { get; }

    public void Process(in LogitsContext context, Span<float> logits)
    {
        if (!_checked)
        {
            Check(logits.Length);
        }

        ReadOnlySpan<int> ids = context.Ids;
        foreach (SequenceBias bias in _biases)
        {
            int count = bias.Ids.Count;
            if (count == 1 || (count <= ids.Length && EndsWith(ids, bias.Ids)))
            {
                logits[bias.Ids[count - 1]] += bias.Bias;
            }
        }
    }

    // All ids but the last must end the context.
    private static bool EndsWith(ReadOnlySpan<int> ids, IReadOnlyList<int> sequence)
    {
        int start = ids.Length - sequence.Count + 1;
        for (int i = 0; i + 1 < sequence.Count; i++)
        {
            if (ids[start + i] != sequence[i])
            {
                return false;
            }
        }

        return true;
    }

    private void Check(int vocabularySize)
    {
        foreach (SequenceBias bias in _biases)
        {
            foreach (int id in bias.Ids)
            {
                SettingsCheck.Require(id < vocabularySize, "sequence_bias", id, $"ids below {vocabularySize}");
            }
        }

        _checked = true;
    }
}

/// <summary>Forbids tokens that would complete a sequence; a sequence that is an end token alone is left out.</summary>
internal static class BadWords
{
    internal static SequenceBiasProcessor Make(IReadOnlyList<IReadOnlyList<int>> words, IReadOnlyList<int> eosTokenIds) => new(
        [
            .. words.Where(word => word.Count != 1 || !eosTokenIds.Contains(word[0]))
                .Select(word => new SequenceBias(word, float.NegativeInfinity)),
        ],
        "NoBadWordsLogitsProcessor");
}

/// <summary>Allows only the tokens that a function names.</summary>
internal sealed class AllowedTokensProcessor(AllowedTokens allowed) : ILogitsProcessor
{
    private LogitsBuffer<float> _kept;

    public string Name => "PrefixConstrainedLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        ReadOnlySpan<int> ids = allowed(context.Prompt, context.Ids);
        if (ids.IsEmpty)
        {
            throw new InvalidOperationException(
                $"The allowed tokens of prompt {context.Prompt} after {context.Length} ids are none; name at least one.");
        }

        Span<float> kept = _kept.Take(ids.Length);
        for (int i = 0; i < ids.Length; i++)
        {
            kept[i] = logits[ids[i]];
        }

        logits.Fill(LogitMath.Forbidden);
        for (int i = 0; i < ids.Length; i++)
        {
            logits[ids[i]] = kept[i];
        }
    }
}

/// <summary>Forbids tokens everywhere.</summary>
internal sealed class SuppressTokensProcessor(IReadOnlyList<int> tokens) : ILogitsProcessor
{
    public string Name => "SuppressTokensLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits) => Forbid(tokens, logits);

    internal static void Forbid(IReadOnlyList<int> tokens, Span<float> logits)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if ((uint)tokens[i] < (uint)logits.Length)
            {
                logits[tokens[i]] = LogitMath.Forbidden;
            }
        }
    }
}

/// <summary>Forbids tokens as the first that is generated.</summary>
/// <param name="tokens">The tokens.</param>
/// <param name="begin">The length at which they are forbidden; null: the length of the prompt, one more where the first token
/// after a prompt of one is forced.</param>
/// <param name="firstIsForced">Whether <c>forced_bos_token_id</c> takes the first place after a prompt of one.</param>
internal sealed class SuppressTokensAtBeginProcessor(IReadOnlyList<int> tokens, int? begin, bool firstIsForced)
    : ILogitsProcessor
{
    public string Name => "SuppressTokensAtBeginLogitsProcessor";

    public void Process(in LogitsContext context, Span<float> logits)
    {
        int at = begin ?? context.PromptLength + (firstIsForced && context.PromptLength <= 1 ? 1 : 0);
        if (context.Length == at)
        {
            SuppressTokensProcessor.Forbid(tokens, logits);
        }
    }
}
