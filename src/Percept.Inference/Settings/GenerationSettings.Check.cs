using System.Globalization;

namespace Percept.Inference;

/// <content>Checks.</content>
public sealed partial record GenerationSettings
{
    /// <summary>How many tokens are generated when no setting says.</summary>
    public const int DefaultNewTokens = 20;

    /// <summary>Refuses settings that are out of range or contradict each other.</summary>
    /// <remarks>
    /// Settings that have no effect in the mode chosen (a temperature without sampling) are no contradiction: a model's
    /// file sets them for sampling, and a caller may switch sampling off.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// A setting is out of range or contradicts another; the message names both.
    /// </exception>
    /// <exception cref="NotSupportedException">Two settings together are not supported.</exception>
    public void Check()
    {
        CheckLengths();
        SettingsCheck.Require(NumBeams >= 1, "num_beams", NumBeams, "a whole number above 0");
        SettingsCheck.Require(double.IsFinite(LengthPenalty), "length_penalty", LengthPenalty, "a finite number");
        SettingsCheck.Require(NumReturnSequences >= 1, "num_return_sequences", NumReturnSequences, "a whole number above 0");
        SettingsCheck.Require(
            NumBeams == 1 || NumReturnSequences <= NumBeams, "num_return_sequences", NumReturnSequences,
            $"at most num_beams, which is {NumBeams}");
        SettingsCheck.Require(
            NumBeams > 1 || DoSample || NumReturnSequences == 1, "num_return_sequences", NumReturnSequences,
            "1 without sampling and without beams, as all answers would be equal");
        SettingsCheck.Require(TopK >= 0, "top_k", TopK, "a whole number from 0");
        SettingsCheck.Require(PenaltyAlpha is null or (>= 0 and <= 1), "penalty_alpha", PenaltyAlpha, "a number from 0 to 1");
        SettingsCheck.Require(
            PromptLookupNumTokens is null or > 0, "prompt_lookup_num_tokens", PromptLookupNumTokens, "a whole number above 0");
        SettingsCheck.Require(
            MaxMatchingNgramSize > 0, "max_matching_ngram_size", MaxMatchingNgramSize, "a whole number above 0");
        SettingsCheck.Require(
            StopStrings.All(text => text.Length > 0), "stop_strings", "a list with an empty text", "texts that are not empty");
        CheckIds();
        CheckCombinations();
    }

    private void CheckLengths()
    {
        SettingsCheck.Require(MaxLength is null or > 0, "max_length", MaxLength, "a whole number above 0");
        SettingsCheck.Require(MaxNewTokens is null or > 0, "max_new_tokens", MaxNewTokens, "a whole number above 0");
        SettingsCheck.Require(MinLength >= 0, "min_length", MinLength, "a whole number from 0");
        SettingsCheck.Require(MinNewTokens is null or >= 0, "min_new_tokens", MinNewTokens, "a whole number from 0");
        SettingsCheck.Require(
            MaxNewTokens is not { } most || MinNewTokens is not { } least || least <= most, "min_new_tokens", MinNewTokens,
            $"at most max_new_tokens, which is {MaxNewTokens}");
        SettingsCheck.Require(
            MaxNewTokens is not null || MaxLength is not { } length || MinLength <= length, "min_length", MinLength,
            $"at most max_length, which is {MaxLength}");
        SettingsCheck.Require(
            MaxTime is not { } time || time > TimeSpan.Zero, "max_time", MaxTime?.TotalSeconds, "seconds above 0");
    }

    private void CheckIds()
    {
        foreach ((string name, IEnumerable<int> ids) in
            (ReadOnlySpan<(string, IEnumerable<int>)>)
            [
                ("eos_token_id", EosTokenIds), ("forced_eos_token_id", ForcedEosTokenIds),
                ("decoder_start_token_id", DecoderStartTokenIds), ("bad_words_ids", BadWordsIds.SelectMany(word => word)),
            ])
        {
            foreach (int id in ids)
            {
                SettingsCheck.Require(id >= 0, name, id, "an id from 0");
            }
        }

        SettingsCheck.Require(
            BadWordsIds.All(word => word.Count > 0), "bad_words_ids", "a list with an empty word", "words of at least one id");
        SettingsCheck.Require(
            ForcedBosTokenId is null or >= 0, "forced_bos_token_id", ForcedBosTokenId, "an id from 0");
    }

    private void CheckCombinations()
    {
        if (NumBeams > 1 && PromptLookupNumTokens is not null)
        {
            throw Together("num_beams", NumBeams, "prompt_lookup_num_tokens", PromptLookupNumTokens);
        }

        if (UsesGuidance && Mode is not (GenerationMode.Greedy or GenerationMode.Sample))
        {
            // With beams the reference mixes the contexts of different beams up; there is nothing to follow.
            (string name, object? value, string off) = Mode switch
            {
                GenerationMode.Contrastive => ("penalty_alpha", PenaltyAlpha, "leave it out"),
                GenerationMode.PromptLookup => ("prompt_lookup_num_tokens", PromptLookupNumTokens, "leave it out"),
                _ => ("num_beams", NumBeams, "set it to 1"),
            };
            throw new NotSupportedException(string.Create(
                CultureInfo.InvariantCulture,
                $"Guidance ('guidance_scale' {GuidanceScale}) goes with greedy decoding and sampling only, and '{name}' is {value}; {off}, " +
                $"or set 'guidance_scale' to 1."));
        }

        if (Mode == GenerationMode.PromptLookup && NumReturnSequences > 1)
        {
            throw Together("num_return_sequences", NumReturnSequences, "prompt_lookup_num_tokens", PromptLookupNumTokens);
        }
    }

    private static NotSupportedException Together(string one, object? value, string other, object? otherValue) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The setting '{one}' ({value}) is not supported together with {other} ({otherValue}); leave one of them out."));
}
