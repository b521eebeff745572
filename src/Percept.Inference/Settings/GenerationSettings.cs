using System.Text.Json;

namespace Percept.Inference;

/// <summary>
/// How text is generated. Names, defaults and meaning are those of the reference's <c>generation_config.json</c>, read
/// by <see cref="Load"/>; a caller changes single ones with <c>with</c> or <see cref="With"/>.
/// </summary>
public sealed partial record GenerationSettings
{
    /// <summary><c>max_length</c>: the greatest length, prompt included; null for none of its own.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// <c>max_new_tokens</c>: how many tokens at the most; goes before <see cref="MaxLength"/>. With neither, 20.
    /// </summary>
    public int? MaxNewTokens { get; init; }

    /// <summary><c>min_length</c>: the length, prompt included, before which no end token is taken.</summary>
    public int MinLength { get; init; }

    /// <summary><c>min_new_tokens</c>: the number of tokens before which no end token is taken.</summary>
    public int? MinNewTokens { get; init; }

    /// <summary><c>max_time</c>: the time after which no further token is begun; null for none.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary><c>stop_strings</c>: texts that end a row as soon as one is complete, even inside a token.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary><c>do_sample</c>: whether tokens are drawn.</summary>
    public bool DoSample { get; init; }

    /// <summary><c>num_beams</c>: the number of beams; 1 for none.</summary>
    public int NumBeams { get; init; } = 1;

    /// <summary><c>early_stopping</c> of beam search.</summary>
    public EarlyStopping EarlyStopping { get; init; }

    /// <summary><c>length_penalty</c>: the power of the length by which the score of a beam is divided.</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary><c>num_return_sequences</c>: how many answers for each prompt.</summary>
    public int NumReturnSequences { get; init; } = 1;

    /// <summary><c>penalty_alpha</c>: the weight of novelty in contrastive search; null for none.</summary>
    public double? PenaltyAlpha { get; init; }

    /// <summary>
    /// <c>prompt_lookup_num_tokens</c>: how many tokens are guessed at once from the text before; null for none.
    /// </summary>
    public int? PromptLookupNumTokens { get; init; }

    /// <summary><c>max_matching_ngram_size</c>: the longest run of tokens that is looked up for it.</summary>
    public int MaxMatchingNgramSize { get; init; } = 2;

    /// <summary><c>guidance_scale</c> of classifier-free guidance; null or 1 for none.</summary>
    public double? GuidanceScale { get; init; }

    /// <summary><c>temperature</c>, when sampling.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary><c>top_k</c>, when sampling (and in contrastive search); 0 for all.</summary>
    public int TopK { get; init; } = 50;

    /// <summary><c>top_p</c>, when sampling.</summary>
    public double TopP { get; init; } = 1;

    /// <summary><c>min_p</c>, when sampling; null for none.</summary>
    public double? MinP { get; init; }

    /// <summary><c>top_h</c>, when sampling; null for none.</summary>
    public double? TopH { get; init; }

    /// <summary><c>typical_p</c>, when sampling.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary><c>epsilon_cutoff</c>, when sampling; 0 for none.</summary>
    public double EpsilonCutoff { get; init; }

    /// <summary><c>eta_cutoff</c>, when sampling; 0 for none.</summary>
    public double EtaCutoff { get; init; }

    /// <summary><c>repetition_penalty</c>.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary><c>encoder_repetition_penalty</c>: above 1, ids of the encoder's input become more likely.</summary>
    public double EncoderRepetitionPenalty { get; init; } = 1;

    /// <summary>
    /// What every earlier occurrence takes from a generated id's logit (OpenAI's <c>frequency_penalty</c>).
    /// </summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>What having occurred takes from a generated id's logit (OpenAI's <c>presence_penalty</c>).</summary>
    public double PresencePenalty { get; init; }

    /// <summary><c>no_repeat_ngram_size</c>; 0 for none.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary><c>encoder_no_repeat_ngram_size</c>; 0 for none.</summary>
    public int EncoderNoRepeatNgramSize { get; init; }

    /// <summary><c>bad_words_ids</c>: sequences that are never completed.</summary>
    public IReadOnlyList<IReadOnlyList<int>> BadWordsIds { get; init; } = [];

    /// <summary><c>sequence_bias</c>.</summary>
    public IReadOnlyList<SequenceBias> SequenceBias { get; init; } = [];

    /// <summary><c>suppress_tokens</c>: ids that are never taken.</summary>
    public IReadOnlyList<int> SuppressTokens { get; init; } = [];

    /// <summary><c>begin_suppress_tokens</c>: ids that are not taken first.</summary>
    public IReadOnlyList<int> BeginSuppressTokens { get; init; } = [];

    /// <summary><c>forced_bos_token_id</c>: what follows a sequence of one token.</summary>
    public int? ForcedBosTokenId { get; init; }

    /// <summary><c>forced_eos_token_id</c>: what takes the last place that there is.</summary>
    public IReadOnlyList<int> ForcedEosTokenIds { get; init; } = [];

    /// <summary><c>exponential_decay_length_penalty</c>; null for none.</summary>
    public LengthDecay? ExponentialDecayLengthPenalty { get; init; }

    /// <summary><c>remove_invalid_values</c>: whether NaN and infinities are replaced.</summary>
    public bool RemoveInvalidValues { get; init; }

    /// <summary><c>renormalize_logits</c>: whether the changed logits become log-probabilities.</summary>
    public bool RenormalizeLogits { get; init; }

    /// <summary><c>bos_token_id</c>.</summary>
    public int? BosTokenId { get; init; }

    /// <summary><c>eos_token_id</c>: every id that ends a row.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary><c>pad_token_id</c>: fills finished rows.</summary>
    public int? PadTokenId { get; init; }

    /// <summary><c>decoder_start_token_id</c>: what the decoder of an encoder-decoder starts with.</summary>
    public IReadOnlyList<int> DecoderStartTokenIds { get; init; } = [];

    /// <summary>The seed of the draws; null for a different one each time.</summary>
    public ulong? Seed { get; init; }

    /// <summary>What stands in the file but is read by nobody here, such as what one family alone has.</summary>
    public IReadOnlyDictionary<string, JsonElement> Unread { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>How tokens are chosen.</summary>
    public GenerationMode Mode =>
        NumBeams > 1 ? DoSample ? GenerationMode.BeamSample : GenerationMode.Beam
        : PromptLookupNumTokens is > 0 ? GenerationMode.PromptLookup
        : DoSample ? GenerationMode.Sample
        : PenaltyAlpha is > 0 && TopK > 1 ? GenerationMode.Contrastive
        : GenerationMode.Greedy;

    /// <summary>Whether a context without the prompt is decoded beside each row.</summary>
    public bool UsesGuidance => GuidanceScale is { } scale && scale != 1;

    /// <summary>
    /// What fills finished rows of a batch: the padding id, else the first end id; with beams the first end id also
    /// where the padding id is 0, which the reference takes for none. 0 where there is neither.
    /// </summary>
    public int FillTokenId => NumBeams > 1
        ? PadTokenId is { } pad and not 0 ? pad : EosTokenIds.Count > 0 ? EosTokenIds[0] : 0
        : PadTokenId ?? (EosTokenIds.Count > 0 ? EosTokenIds[0] : 0);

    /// <summary>The greatest length of a row.</summary>
    /// <param name="promptLength">The prompt's length, its left padding included.</param>
    /// <param name="embeddedLength">
    /// How many positions stand before it that are no ids (a prompt given as embeddings).
    /// </param>
    public int LengthLimit(int promptLength, int embeddedLength = 0) =>
        MaxNewTokens is { } count ? (int)Math.Min((long)promptLength + count, int.MaxValue)
        : MaxLength is { } length ? length - embeddedLength
        : promptLength + DefaultNewTokens;
}
