using System.Globalization;
using System.Text.Json;
using Percept.Inference;

namespace Percept.Conformance;

/// <summary>Makes processors by the reference's class and constructor names.</summary>
internal static class LogitsProcessors
{
    private static readonly Dictionary<string, Func<RunArgs, int[][]?, ILogitsProcessor>> s_makers =
        new(StringComparer.Ordinal)
        {
            ["TemperatureLogitsWarper"] = static (s, _) => new TemperatureProcessor(s.Number("temperature")),
            ["TopKLogitsWarper"] = static (s, _) => new TopKProcessor(s.Int("top_k"), Keep(s)),
            ["TopPLogitsWarper"] = static (s, _) => new TopPProcessor(s.Number("top_p"), Keep(s)),
            ["MinPLogitsWarper"] = static (s, _) => new MinPProcessor(s.Number("min_p"), Keep(s)),
            ["TypicalLogitsWarper"] = static (s, _) => new TypicalProcessor(s.Number("mass", 0.9), Keep(s)),
            ["EpsilonLogitsWarper"] = static (s, _) => new EpsilonProcessor(s.Number("epsilon"), Keep(s)),
            ["EtaLogitsWarper"] = static (s, _) => new EtaProcessor(s.Number("epsilon"), Keep(s)),
            ["TopHLogitsWarper"] = static (s, _) => new TopHProcessor(s.Number("top_h")),
            ["RepetitionPenaltyLogitsProcessor"] = static (s, _) =>
                new RepetitionPenaltyProcessor(s.Number("penalty"), s.Int("prompt_ignore_length", 0)),
            ["EncoderRepetitionPenaltyLogitsProcessor"] = static (s, encoder) =>
                new EncoderRepetitionPenaltyProcessor(s.Number("penalty"), encoder!),
            ["NoRepeatNGramLogitsProcessor"] = static (s, _) => new NoRepeatNgramProcessor(s.Int("ngram_size")),
            ["EncoderNoRepeatNGramLogitsProcessor"] = static (s, encoder) =>
                new EncoderNoRepeatNgramProcessor(s.Int("encoder_ngram_size"), encoder!),
            ["NoBadWordsLogitsProcessor"] = static (s, _) =>
                BadWords.Make(Value(s, "bad_words_ids").IdLists(), s.IntsOrNone("eos_token_id") ?? []),
            ["SequenceBiasLogitsProcessor"] = static (s, _) => new SequenceBiasProcessor(Value(s, "sequence_bias").Biases()),
            ["MinLengthLogitsProcessor"] = static (s, _) =>
                new MinLengthProcessor(s.Int("min_length"), s.Ints("eos_token_id")),
            ["MinNewTokensLengthLogitsProcessor"] = static (s, _) =>
                new MinNewTokensProcessor(s.Int("min_new_tokens"), s.Ints("eos_token_id")),
            ["ForcedBOSTokenLogitsProcessor"] = static (s, _) => new ForcedBosProcessor(s.Int("bos_token_id")),
            ["ForcedEOSTokenLogitsProcessor"] = static (s, _) => new ForcedEosProcessor(s.Ints("eos_token_id")),
            ["SuppressTokensLogitsProcessor"] = static (s, _) => new SuppressTokensProcessor(s.Ints("suppress_tokens")),
            ["SuppressTokensAtBeginLogitsProcessor"] = static (s, _) => new SuppressTokensAtBeginProcessor(
                s.Ints("begin_suppress_tokens"), s.Int("begin_index"), firstIsForced: false),
            ["ExponentialDecayLengthPenalty"] = static (s, _) => new LengthDecayProcessor(
                Value(s, "exponential_decay_length_penalty").Decay(), s.Ints("eos_token_id")),
            ["LogitNormalization"] = static (_, _) => new NormalizationProcessor(),
            ["InfNanRemoveLogitsProcessor"] = static (_, _) => new RemoveInvalidProcessor(),
            ["PrefixConstrainedLogitsProcessor"] = static (s, _) => Allowed(s),
            ["WhisperTimeStampLogitsProcessor"] = static (s, _) => new WhisperTimestampProcessor(
                s.Int("no_timestamps_token_id"), s.Int("eos_token_id"), s.Int("begin_index"),
                s.IntOrNone("max_initial_timestamp_index"), s.Flag("_detect_timestamp_from_logprob", true)),
        };

    /// <summary>Makes a processor.</summary>
    /// <param name="name">The reference's class.</param>
    /// <param name="settings">Its constructor's arguments.</param>
    /// <param name="encoder">The encoder's ids, where it takes them.</param>
    /// <param name="context">The run, for what it lacks.</param>
    internal static ILogitsProcessor Make(string name, RunArgs settings, int[][]? encoder, RunContext context)
    {
        if (!s_makers.TryGetValue(name, out Func<RunArgs, int[][]?, ILogitsProcessor>? make))
        {
            throw new NotUnderstoodException($"there is no processor '{name}'");
        }

        if (encoder is null && name.StartsWith("Encoder", StringComparison.Ordinal))
        {
            context.Need("encoder_input_ids");
        }

        settings.Only("filter_value", "-Infinity");
        return make(settings, encoder);
    }

    private static int Keep(RunArgs settings) => settings.Int("min_tokens_to_keep", 1);

    private static SettingValue Value(RunArgs settings, string name) => new(name, settings.Need(name), "The case");

    // The function is told as a table: what may follow the last id.
    private static AllowedTokensProcessor Allowed(RunArgs settings)
    {
        settings.Skip("num_beams");
        var table = new Dictionary<int, int[]>();
        foreach (JsonProperty entry in settings.Need("allowed_after_last_id").EnumerateObject())
        {
            table.Add(
                int.Parse(entry.Name, CultureInfo.InvariantCulture),
                [.. entry.Value.EnumerateArray().Select(id => id.GetInt32())]);
        }

        return new AllowedTokensProcessor((_, ids) => table.GetValueOrDefault(ids[^1], []));
    }
}
