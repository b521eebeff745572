using System.Text.Json;

namespace Percept.Inference;

/// <summary>Puts settings by their reference names over others.</summary>
internal static class GenerationSettingsReader
{
    private static readonly GenerationSettings s_defaults = new();

    /// <summary>One setting: the value, or null for the default.</summary>
    private delegate GenerationSettings Setter(GenerationSettings settings, SettingValue? value);

    private static readonly Dictionary<string, Setter> s_setters = new(StringComparer.Ordinal)
    {
        ["max_length"] = static (s, v) => s with { MaxLength = v?.Int() },
        ["max_new_tokens"] = static (s, v) => s with { MaxNewTokens = v?.Int() },
        ["min_length"] = static (s, v) => s with { MinLength = v?.Int() ?? s_defaults.MinLength },
        ["min_new_tokens"] = static (s, v) => s with { MinNewTokens = v?.Int() },
        ["max_time"] = static (s, v) => s with { MaxTime = v?.Seconds() },
        ["stop_strings"] = static (s, v) => s with { StopStrings = v?.Texts() ?? [] },
        ["do_sample"] = static (s, v) => s with { DoSample = v?.Flag() ?? s_defaults.DoSample },
        ["num_beams"] = static (s, v) => s with { NumBeams = v?.Int() ?? s_defaults.NumBeams },
        ["early_stopping"] = static (s, v) => s with { EarlyStopping = v?.Stopping() ?? s_defaults.EarlyStopping },
        ["length_penalty"] = static (s, v) => s with { LengthPenalty = v?.Number() ?? s_defaults.LengthPenalty },
        ["num_return_sequences"] = static (s, v) =>
            s with { NumReturnSequences = v?.Int() ?? s_defaults.NumReturnSequences },
        ["penalty_alpha"] = static (s, v) => s with { PenaltyAlpha = v?.Number() },
        ["prompt_lookup_num_tokens"] = static (s, v) => s with { PromptLookupNumTokens = v?.Int() },
        ["max_matching_ngram_size"] = static (s, v) =>
            s with { MaxMatchingNgramSize = v?.Int() ?? s_defaults.MaxMatchingNgramSize },
        ["guidance_scale"] = static (s, v) => s with { GuidanceScale = v?.Number() },
        ["temperature"] = static (s, v) => s with { Temperature = v?.Number() ?? s_defaults.Temperature },
        ["top_k"] = static (s, v) => s with { TopK = v?.Int() ?? s_defaults.TopK },
        ["top_p"] = static (s, v) => s with { TopP = v?.Number() ?? s_defaults.TopP },
        ["min_p"] = static (s, v) => s with { MinP = v?.Number() },
        ["top_h"] = static (s, v) => s with { TopH = v?.Number() },
        ["typical_p"] = static (s, v) => s with { TypicalP = v?.Number() ?? s_defaults.TypicalP },
        ["epsilon_cutoff"] = static (s, v) => s with { EpsilonCutoff = v?.Number() ?? s_defaults.EpsilonCutoff },
        ["eta_cutoff"] = static (s, v) => s with { EtaCutoff = v?.Number() ?? s_defaults.EtaCutoff },
        ["repetition_penalty"] = static (s, v) => s with { RepetitionPenalty = v?.Number() ?? s_defaults.RepetitionPenalty },
        ["encoder_repetition_penalty"] = static (s, v) =>
            s with { EncoderRepetitionPenalty = v?.Number() ?? s_defaults.EncoderRepetitionPenalty },
        ["frequency_penalty"] = static (s, v) => s with { FrequencyPenalty = v?.Number() ?? s_defaults.FrequencyPenalty },
        ["presence_penalty"] = static (s, v) => s with { PresencePenalty = v?.Number() ?? s_defaults.PresencePenalty },
        ["no_repeat_ngram_size"] = static (s, v) => s with { NoRepeatNgramSize = v?.Int() ?? s_defaults.NoRepeatNgramSize },
        ["encoder_no_repeat_ngram_size"] = static (s, v) =>
            s with { EncoderNoRepeatNgramSize = v?.Int() ?? s_defaults.EncoderNoRepeatNgramSize },
        ["bad_words_ids"] = static (s, v) => s with { BadWordsIds = v?.IdLists() ?? [] },
        ["sequence_bias"] = static (s, v) => s with { SequenceBias = v?.Biases() ?? [] },
        ["suppress_tokens"] = static (s, v) => s with { SuppressTokens = v?.Ids() ?? [] },
        ["begin_suppress_tokens"] = static (s, v) => s with { BeginSuppressTokens = v?.Ids() ?? [] },
        ["forced_bos_token_id"] = static (s, v) => s with { ForcedBosTokenId = v?.Int() },
        ["forced_eos_token_id"] = static (s, v) => s with { ForcedEosTokenIds = v?.Ids() ?? [] },
        ["exponential_decay_length_penalty"] = static (s, v) => s with { ExponentialDecayLengthPenalty = v?.Decay() },
        ["remove_invalid_values"] = static (s, v) =>
            s with { RemoveInvalidValues = v?.Flag() ?? s_defaults.RemoveInvalidValues },
        ["renormalize_logits"] = static (s, v) => s with { RenormalizeLogits = v?.Flag() ?? s_defaults.RenormalizeLogits },
        ["bos_token_id"] = static (s, v) => s with { BosTokenId = v?.Int() },
        ["eos_token_id"] = static (s, v) => s with { EosTokenIds = v?.Ids() ?? [] },
        ["pad_token_id"] = static (s, v) => s with { PadTokenId = v?.Int() },
        ["decoder_start_token_id"] = static (s, v) => s with { DecoderStartTokenIds = v?.Ids() ?? [] },
        ["seed"] = static (s, v) => s with { Seed = v?.Seed() },
    };

    /// <summary>Settings that describe the file, the calling program or its memory; they change no token.</summary>
    private static readonly HashSet<string> s_descriptive = new(StringComparer.Ordinal)
    {
        "_from_model_config", "transformers_version", "use_cache", "cache_implementation", "cache_config",
        "return_legacy_cache", "prefill_chunk_size", "output_attentions", "output_hidden_states", "output_scores",
        "output_logits", "return_dict_in_generate", "disable_compile", "compile_config", "generation_kwargs",
        "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold", "assistant_lookbehind",
        "target_lookbehind", "is_assistant", "chat_format", "continuous_batching_config",
    };

    /// <summary>Ways to generate that are not supported, with the values that ask for none of them.</summary>
    private static readonly Dictionary<string, string[]> s_refused = new(StringComparer.Ordinal)
    {
        ["num_beam_groups"] = ["1"],
        ["diversity_penalty"] = ["0", "0.0"],
        ["dola_layers"] = [],
        ["force_words_ids"] = [],
        ["constraints"] = [],
        ["watermarking_config"] = [],
        ["token_healing"] = ["false"],
        ["low_memory"] = ["false"],
        ["assistant_early_exit"] = [],
        ["repetition_penalty_normalize"] = ["false"],
    };

    internal static GenerationSettings Apply(GenerationSettings settings, JsonElement values, string source)
    {
        if (values.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{source} holds {values.ValueKind}, expected an object of settings.");
        }

        var unread = new Dictionary<string, JsonElement>(settings.Unread, StringComparer.Ordinal);
        foreach (JsonProperty property in values.EnumerateObject())
        {
            bool isNull = property.Value.ValueKind == JsonValueKind.Null;
            string name = NameOf(property, source);
            if (s_setters.TryGetValue(name, out Setter? set))
            {
                settings = set(settings, isNull ? null : new SettingValue(name, property.Value, source));
            }
            else if (s_refused.TryGetValue(name, out string[]? harmless))
            {
                if (!isNull && !harmless.Contains(property.Value.GetRawText()))
                {
                    throw new NotSupportedException(
                        $"{source} sets '{name}' to {property.Value.GetRawText()}, which is not supported; " +
                        "leave the setting out.");
                }
            }
            else if (!isNull && !s_descriptive.Contains(name))
            {
                unread[name] = property.Value.Clone();
            }
        }

        return settings with { Unread = unread };
    }

    private static string NameOf(in JsonProperty property, string source)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"{source} has a setting whose name is no text of whole characters.", error);
        }
    }
}
