using System.Text.Json;
using Xunit;

namespace Percept.Inference.Tests.Settings;

/// <summary>Reading and checking of generation settings.</summary>
public class GenerationSettingsTests
{
    [Fact]
    public void EverySettingIsRead()
    {
        GenerationSettings settings = Read(
            """
            {"max_length":40,"max_new_tokens":7,"min_length":2,"min_new_tokens":3,"max_time":1.5,"stop_strings":["a","b"],
            "do_sample":true,"num_beams":4,"early_stopping":"never","length_penalty":-0.5,"num_return_sequences":2,
            "penalty_alpha":0.6,"prompt_lookup_num_tokens":5,"max_matching_ngram_size":3,"guidance_scale":1.8,
            "temperature":0.7,"top_k":20,"top_p":0.9,"min_p":0.05,"top_h":0.4,"typical_p":0.8,"epsilon_cutoff":0.001,
            "eta_cutoff":0.002,"repetition_penalty":1.2,"encoder_repetition_penalty":1.3,"frequency_penalty":0.1,
            "presence_penalty":0.2,"no_repeat_ngram_size":3,"encoder_no_repeat_ngram_size":4,"bad_words_ids":[[1],[2,3]],
            "sequence_bias":[[[4],-1.5]],"suppress_tokens":[5],"begin_suppress_tokens":[6,7],"forced_bos_token_id":8,
            "forced_eos_token_id":9,"exponential_decay_length_penalty":[2,1.5],"remove_invalid_values":true,
            "renormalize_logits":true,"bos_token_id":1,"eos_token_id":[2,3],"pad_token_id":0,"decoder_start_token_id":4,"seed":11}
            """);
        Assert.Equal((40, 7, 2, 3), (settings.MaxLength, settings.MaxNewTokens, settings.MinLength, settings.MinNewTokens));
        Assert.Equal(TimeSpan.FromSeconds(1.5), settings.MaxTime);
        Assert.Equal(["a", "b"], settings.StopStrings);
        Assert.Equal((true, 4, EarlyStopping.Never, -0.5, 2),
            (settings.DoSample, settings.NumBeams, settings.EarlyStopping, settings.LengthPenalty, settings.NumReturnSequences));
        Assert.Equal((0.6, 5, 3, 1.8),
            (settings.PenaltyAlpha, settings.PromptLookupNumTokens, settings.MaxMatchingNgramSize, settings.GuidanceScale));
        Assert.Equal((0.7, 20, 0.9, 0.05, 0.4), (settings.Temperature, settings.TopK, settings.TopP, settings.MinP, settings.TopH));
        Assert.Equal((0.8, 0.001, 0.002), (settings.TypicalP, settings.EpsilonCutoff, settings.EtaCutoff));
        Assert.Equal((1.2, 1.3, 0.1, 0.2),
            (settings.RepetitionPenalty, settings.EncoderRepetitionPenalty, settings.FrequencyPenalty, settings.PresencePenalty));
        Assert.Equal((3, 4), (settings.NoRepeatNgramSize, settings.EncoderNoRepeatNgramSize));
        Assert.Equal([[1], [2, 3]], settings.BadWordsIds);
        Assert.Equal(-1.5f, settings.SequenceBias[0].Bias);
        Assert.Equal([4], settings.SequenceBias[0].Ids);
        Assert.Equal([5], settings.SuppressTokens);
        Assert.Equal([6, 7], settings.BeginSuppressTokens);
        Assert.Equal(8, settings.ForcedBosTokenId);
        Assert.Equal([9], settings.ForcedEosTokenIds);
        Assert.Equal(new LengthDecay(2, 1.5), settings.ExponentialDecayLengthPenalty);
        Assert.True(settings.RemoveInvalidValues && settings.RenormalizeLogits);
        Assert.Equal((1, 0), (settings.BosTokenId, settings.PadTokenId));
        Assert.Equal([2, 3], settings.EosTokenIds);
        Assert.Equal([4], settings.DecoderStartTokenIds);
        Assert.Equal(11ul, settings.Seed);
        Assert.Empty(settings.Unread);
    }

    [Fact]
    public void OverridesGoBeforeAndNullPutsTheDefaultBack()
    {
        GenerationSettings settings = Read("""{"temperature":0.5,"top_k":7,"eos_token_id":2,"max_new_tokens":9,"extra":1}""")
            .With(Json("""{"temperature":0.9,"top_k":null,"eos_token_id":null,"max_new_tokens":null,"other":[2]}"""));
        Assert.Equal((0.9, 50, null), (settings.Temperature, settings.TopK, settings.MaxNewTokens));
        Assert.Empty(settings.EosTokenIds);
        Assert.Equal(["extra", "other"], settings.Unread.Keys.Order());
    }

    [Fact]
    public void WhatDescribesTheFileIsNotReported() => Assert.Empty(Read(
        """{"_from_model_config":true,"transformers_version":"5.23.0","use_cache":true,"cache_implementation":"hybrid","num_beam_groups":1,"low_memory":null}""")
        .Unread);

    [Theory]
    [InlineData("""{"num_beam_groups":2}""", "num_beam_groups")]
    [InlineData("""{"diversity_penalty":0.5}""", "diversity_penalty")]
    [InlineData("""{"dola_layers":"high"}""", "dola_layers")]
    [InlineData("""{"watermarking_config":{}}""", "watermarking_config")]
    [InlineData("""{"force_words_ids":[[1]]}""", "force_words_ids")]
    [InlineData("""{"token_healing":true}""", "token_healing")]
    public void WaysThatAreNotThereAreRefused(string json, string name) =>
        Assert.Contains(name, Assert.Throws<NotSupportedException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"temperature":"hot"}""", "temperature")]
    [InlineData("""{"top_k":1.5}""", "top_k")]
    [InlineData("""{"do_sample":1}""", "do_sample")]
    [InlineData("""{"early_stopping":"always"}""", "early_stopping")]
    [InlineData("""{"eos_token_id":"x"}""", "eos_token_id")]
    [InlineData("""{"bad_words_ids":[1]}""", "bad_words_ids")]
    [InlineData("""{"sequence_bias":[[[1]]]}""", "sequence_bias")]
    [InlineData("""{"exponential_decay_length_penalty":[1]}""", "exponential_decay_length_penalty")]
    [InlineData("""{"stop_strings":[1]}""", "stop_strings")]
    [InlineData("[1]", "object")]
    public void ValuesOfAnotherKindAreTold(string json, string name) =>
        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"max_new_tokens":0}""", "max_new_tokens")]
    [InlineData("""{"max_new_tokens":3,"min_new_tokens":4}""", "min_new_tokens")]
    [InlineData("""{"max_length":5,"min_length":6}""", "min_length")]
    [InlineData("""{"num_beams":0}""", "num_beams")]
    [InlineData("""{"num_beams":2,"num_return_sequences":3}""", "num_return_sequences")]
    [InlineData("""{"num_return_sequences":2}""", "num_return_sequences")]
    [InlineData("""{"penalty_alpha":1.5}""", "penalty_alpha")]
    [InlineData("""{"stop_strings":[""]}""", "stop_strings")]
    [InlineData("""{"eos_token_id":[2,-1]}""", "eos_token_id")]
    [InlineData("""{"bad_words_ids":[[]]}""", "bad_words_ids")]
    [InlineData("""{"max_time":-1}""", "max_time")]
    [InlineData("""{"top_k":-1}""", "top_k")]
    public void ContradictionsAreTold(string json, string name) =>
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => Read(json).Check()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"max_time":1e300}""", "max_time")]
    [InlineData("""{"stop_strings":["\ud800"]}""", "stop_strings")]
    [InlineData("""{"\ud800":1}""", "whole characters")]
    public void WhatCannotBeReadIsNamed(string json, string name) =>
        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"do_sample":true,"temperature":0}""", "temperature")]
    [InlineData("""{"do_sample":true,"top_p":-0.5}""", "top_p")]
    [InlineData("""{"do_sample":true,"min_p":1.5}""", "min_p")]
    [InlineData("""{"do_sample":true,"top_h":2}""", "top_h")]
    [InlineData("""{"do_sample":true,"typical_p":0}""", "typical_p")]
    [InlineData("""{"repetition_penalty":0}""", "repetition_penalty")]
    [InlineData("""{"no_repeat_ngram_size":-1}""", "no_repeat_ngram_size")]
    public void ValuesOutOfRangeAreTold(string json, string name) =>
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => LogitsChain.Build(Read(json))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"num_beams":2,"prompt_lookup_num_tokens":3}""")]
    [InlineData("""{"num_beams":2,"guidance_scale":3}""")]
    [InlineData("""{"prompt_lookup_num_tokens":2,"guidance_scale":3}""")]
    [InlineData("""{"do_sample":true,"prompt_lookup_num_tokens":2,"num_return_sequences":3}""")]
    public void WhatDoesNotGoTogetherIsRefused(string json) =>
        Assert.Throws<NotSupportedException>(() => Read(json).Check());

    [Theory]
    [InlineData("""{"num_beams":2,"guidance_scale":3}""", "'num_beams' is 2; set it to 1")]
    [InlineData("""{"prompt_lookup_num_tokens":4,"guidance_scale":3}""", "'prompt_lookup_num_tokens' is 4; leave it out")]
    [InlineData("""{"penalty_alpha":0.5,"top_k":4,"guidance_scale":3}""", "'penalty_alpha' is 0.5; leave it out")]
    public void WhatGuidanceDoesNotGoWithIsTold(string json, string said)
    {
        string message = Assert.Throws<NotSupportedException>(() => Read(json).Check()).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.Contains("set 'guidance_scale' to 1", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", GenerationMode.Greedy)]
    [InlineData("""{"do_sample":true}""", GenerationMode.Sample)]
    [InlineData("""{"num_beams":2}""", GenerationMode.Beam)]
    [InlineData("""{"num_beams":2,"do_sample":true,"penalty_alpha":0.5}""", GenerationMode.BeamSample)]
    [InlineData("""{"penalty_alpha":0.5}""", GenerationMode.Contrastive)]
    [InlineData("""{"penalty_alpha":0.5,"top_k":1}""", GenerationMode.Greedy)]
    [InlineData("""{"penalty_alpha":0.5,"do_sample":true}""", GenerationMode.Sample)]
    [InlineData("""{"prompt_lookup_num_tokens":3,"do_sample":true}""", GenerationMode.PromptLookup)]
    public void TheModeFollowsFromTheSettings(string json, GenerationMode mode) => Assert.Equal(mode, Read(json).Mode);

    [Fact]
    public void LengthsFollowTheReference()
    {
        Assert.Equal(27, new GenerationSettings().LengthLimit(7));
        Assert.Equal(12, new GenerationSettings { MaxLength = 40, MaxNewTokens = 5 }.LengthLimit(7));
        Assert.Equal(40, new GenerationSettings { MaxLength = 40 }.LengthLimit(7));
        Assert.Equal(31, new GenerationSettings { MaxLength = 40 }.LengthLimit(0, 9));
        Assert.Equal(5, new GenerationSettings { MaxNewTokens = 5 }.LengthLimit(0, 9));
    }

    [Fact]
    public void FoldersAreRead()
    {
        string folder = Directory.CreateTempSubdirectory("percept").FullName;
        try
        {
            Assert.Equal(50, GenerationSettings.Load(folder).TopK);
            File.WriteAllText(
                Path.Combine(folder, "config.json"), """{"model_type":"x","eos_token_id":5,"num_beams":4,"hidden_size":3}""");
            GenerationSettings old = GenerationSettings.Load(folder);
            Assert.Equal([5], old.EosTokenIds);
            Assert.Equal(4, old.NumBeams);
            Assert.Empty(old.Unread);
            File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"x","text_config":{"eos_token_id":[6,7]}}""");
            Assert.Equal([6, 7], GenerationSettings.Load(folder).EosTokenIds);
            File.WriteAllText(Path.Combine(folder, "generation_config.json"), """{"eos_token_id":8,"lang_to_id":{"a":1}}""");
            GenerationSettings own = GenerationSettings.Load(folder);
            Assert.Equal([8], own.EosTokenIds);
            Assert.Equal(1, own.Unread["lang_to_id"].GetProperty("a").GetInt32());
            File.WriteAllText(Path.Combine(folder, "generation_config.json"), "{");
            Assert.Contains(
                "generation_config.json", Assert.Throws<InvalidDataException>(() => GenerationSettings.Load(folder)).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static GenerationSettings Read(string json) => GenerationSettings.Read(Json(json));

    private static JsonElement Json(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
