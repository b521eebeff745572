using System.Text.Json.Nodes;
using Percept.Tensors;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>What GGUF files of each architecture tell as the hub's configuration.</summary>
public class GgufArchitectureTests
{
    [Theory]
    [InlineData("qwen2", "qwen2")]
    [InlineData("qwen3", "qwen3")]
    [InlineData("gemma", "gemma")]
    [InlineData("gemma2", "gemma2")]
    [InlineData("gemma3", "gemma3_text")]
    [InlineData("phi3", "phi3")]
    [InlineData("llama", "llama")]
    public void WhatAllHaveIsTold(string architecture, string type)
    {
        JsonObject config = new Model(architecture).Read();
        Assert.Equal(type, (string?)config["model_type"]);
        Assert.Equal(
            [40, 32, 64, 2, 4, 2, 8, 128],
            new[]
            {
                "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
                "max_position_embeddings",
            }.Select(name => (int)config[name]!));
        Assert.Equal(1e-5f, (float)config["rms_norm_eps"]!);
        Assert.Equal(10000, (double)config["rope_theta"]!);
        Assert.Null(config["rope_scaling"]);
        Assert.True((bool)config["tie_word_embeddings"]!);
        Assert.Equal(architecture == "llama", config.ContainsKey("percept_rope_interleaved"));
        Assert.Equal(architecture.StartsWith("gemma", StringComparison.Ordinal), config.ContainsKey("percept_norm_whole"));
        Assert.False(config.ContainsKey("percept_rope_divisors"));
    }

    [Fact]
    public void LlamaTellsBiasesHeadAndDivisors()
    {
        JsonObject config = new Model("llama").Tensor("output.weight", 40, 32).Tensor("blk.0.attn_q.bias", 32)
            .Tensor("blk.0.attn_output.bias", 32).Tensor("blk.0.ffn_gate.bias", 64).Tensor("rope_freqs.weight", 4)
            .Value("rope.dimension_count", GgufValue.Of(8u)).Read();
        Assert.False((bool)config["tie_word_embeddings"]!);
        Assert.True((bool)config["attention_bias"]!);
        Assert.True((bool)config["mlp_bias"]!);
        Assert.False(config.ContainsKey("partial_rotary_factor"));
        Assert.Equal([1f, 2, 3, 4], config["percept_rope_divisors"]!.AsArray().Select(value => (float)value!));
        Refusal.Of<NotSupportedException>(() => new Model("llama").Tensor("blk.0.attn_q.bias", 32).Read(), "biases in q, k and v");
        Refusal.Of<NotSupportedException>(() => new Model("llama").Value("expert_count", GgufValue.Of(8u)).Read(), "mixture of 8 experts");
    }

    [Fact]
    public void MistralIsALlamaWithWindows()
    {
        JsonObject config = new Model("llama").Value("attention.sliding_window", GgufValue.Of(64u)).Read();
        Assert.Equal(("mistral", 64), ((string?)config["model_type"], (int)config["sliding_window"]!));
    }

    [Fact]
    public void RotaryScalingIsTold()
    {
        JsonObject Of(params (string Key, GgufValue Value)[] values)
        {
            var model = new Model("qwen2");
            foreach ((string key, GgufValue value) in values)
            {
                model.Value("rope." + key, value);
            }

            return model.Read();
        }

        JsonNode linear = Of(("scaling.type", GgufValue.Of("linear")), ("scaling.factor", GgufValue.Of(4f)), ("freq_base", GgufValue.Of(5e5f)));
        Assert.Equal(5e5, (double)linear["rope_theta"]!);
        Assert.Equal(("linear", 4.0), ((string?)linear["rope_scaling"]!["rope_type"], (double)linear["rope_scaling"]!["factor"]!));
        Assert.Equal("linear", (string?)Of(("scale_linear", GgufValue.Of(2f)))["rope_scaling"]!["rope_type"]);
        Assert.Null(Of(("scaling.type", GgufValue.Of("none")))["rope_scaling"]);
        JsonNode yarn = Of(
            ("scaling.type", GgufValue.Of("yarn")), ("scaling.factor", GgufValue.Of(2f)), ("scaling.attn_factor", GgufValue.Of(0.5f)),
            ("scaling.original_context_length", GgufValue.Of(64u)), ("scaling.yarn_beta_fast", GgufValue.Of(16f)))["rope_scaling"]!;
        Assert.Equal(("yarn", 64, 16.0), ((string?)yarn["rope_type"], (int)yarn["original_max_position_embeddings"]!, (double)yarn["beta_fast"]!));
        Assert.Equal(0.5 * (1 + (0.1 * Math.Log(2))), (double)yarn["attention_factor"]!, 12);
        Assert.Equal(0.5, (double)Of(("dimension_count", GgufValue.Of(4u)))["partial_rotary_factor"]!);
        Refusal.Of<InvalidDataException>(() => Of(("dimension_count", GgufValue.Of(10u))), "rope.dimension_count' = 10");
        Refusal.Of<NotSupportedException>(
            () => Of(("scaling.type", GgufValue.Of("other")), ("scaling.factor", GgufValue.Of(2f))), "'other'", "yarn");
        Refusal.Of<InvalidDataException>(() => Of(("freq_base", GgufValue.Of(float.NaN))), "finite");
    }

    [Fact]
    public void LongRopeOfPhi3StandsInTensors()
    {
        JsonObject config = new Model("phi3").Tensor("rope_factors_long.weight", 4).Tensor("rope_factors_short.weight", 4)
            .Value("rope.scaling.original_context_length", GgufValue.Of(64u)).Value("rope.scaling.attn_factor", GgufValue.Of(1.25f))
            .Value("attention.sliding_window", GgufValue.Of(0u)).Read();
        JsonNode scaling = config["rope_scaling"]!;
        Assert.Equal("longrope", (string?)scaling["rope_type"]);
        Assert.Equal([1f, 2, 3, 4], scaling["long_factor"]!.AsArray().Select(value => (float)value!));
        Assert.Equal(1.25, (double)scaling["attention_factor"]!);
        Assert.Equal(64, (int)config["original_max_position_embeddings"]!);
        Assert.Null(config["sliding_window"]);
        Refusal.Of<InvalidDataException>(() => new Model("phi3").Tensor("rope_factors_long.weight", 4).Read(), "rope_factors_short.weight");
    }

    [Fact]
    public void WhatGemmaFixesIsWrittenOut()
    {
        JsonObject second = new Model("gemma2").Value("final_logit_softcapping", GgufValue.Of(25f)).Read();
        Assert.Equal((8, 16), ((int)second["query_pre_attn_scalar"]!, (int)second["sliding_window"]!));
        Assert.Equal((25.0, 50.0), ((double)second["final_logit_softcapping"]!, (double)second["attn_logit_softcapping"]!));
        JsonObject third = new Model("gemma3").Read();
        Assert.Equal((6, 10000.0), ((int)third["sliding_window_pattern"]!, (double)third["rope_local_base_freq"]!));
        Assert.True(third.ContainsKey("final_logit_softcapping") && third["final_logit_softcapping"] is null);
        JsonObject large = new Model("gemma2", layers: 46, keyLength: 16).Read();
        Assert.Equal((16, 8), ((int)large["head_dim"]!, (int)large["query_pre_attn_scalar"]!));
        JsonObject bare = new Model("gemma").Read();
        Assert.Equal("gelu_pytorch_tanh", (string?)bare["hidden_act"]);
    }

    [Fact]
    public void SettingsThatCannotBeMeantAreRefused()
    {
        Refusal.Of<InvalidDataException>(() => new Model("llama").Value("block_count", GgufValue.Of(9u)).Read(), "'llama.block_count' = 9", "2 layers");
        Refusal.Of<InvalidDataException>(() => new Model("llama").Value("block_count", GgufValue.Of(uint.MaxValue)).Read(), "4294967295");
        Refusal.Of<InvalidDataException>(() => new Model("llama").Value("attention.head_count", GgufValue.Of(0u)).Read(), "head_count' = 0");
        Refusal.Of<InvalidDataException>(() => new Model("llama").Value("embedding_length", GgufValue.Of("x")).Read(), "embedding_length");
        Refusal.Of<InvalidDataException>(() => new Model("llama").Value("context_length", null).Read(), "no 'llama.context_length'");
        Refusal.Of<NotSupportedException>(() => new Model("llama").Value("attention.value_length", GgufValue.Of(16u)).Read(), "values of 16");
        Refusal.Of<NotSupportedException>(
            () => new Model("llama").Value("attention.head_count_kv", GgufValue.OfArray<int>([2, 4])).Read(), "one a layer");
        Assert.Equal(2, (int)new Model("llama").Value("attention.head_count_kv", GgufValue.OfArray<int>([2, 2])).Read()["num_key_value_heads"]!);
        Refusal.Of<NotSupportedException>(() => new Model("mamba").Read(), "'mamba'", "llama, qwen2");
        using GgufFile bare = GgufFile.Parse(Percept.TestSupport.CheckpointGgufSeeds.Sample().Build());
        Refusal.Of<InvalidDataException>(() => GgufArchitecture.Read(bare), "llama.");
    }

    [Fact]
    public void ATowerTellsWhatItSees()
    {
        JsonObject config = Tower().Read();
        JsonNode vision = config["vision_config"]!;
        Assert.Equal("clip_vision_model", (string?)vision["model_type"]);
        Assert.Equal((8, 20, 2, "quick_gelu"), ((int)vision["hidden_size"]!, (int)vision["intermediate_size"]!, (int)vision["num_hidden_layers"]!,
            (string?)vision["hidden_act"]));
        Assert.Equal(("llava", -2, "default"), ((string?)config["model_type"], (int)config["vision_feature_layer"]!,
            (string?)config["vision_feature_select_strategy"]));
        Assert.Equal(-1, (int)Tower().Value("has_llava_projector", GgufValue.Of(true)).Read()["vision_feature_layer"]!);
        Assert.Equal(-1, (int)Tower().Value("vision.feature_layer", GgufValue.OfArray<int>([2])).Read()["vision_feature_layer"]!);
        Assert.Equal(
            [-3, -2], Tower().Value("vision.feature_layer", GgufValue.OfArray<int>([0, 1])).Read()["vision_feature_layer"]!.AsArray()
                .Select(layer => (int)layer!));
        Refusal.Of<InvalidDataException>(() => Tower().Value("vision.feature_layer", GgufValue.OfArray<int>([3])).Read(), "layer 3", "2 layers");
        Refusal.Of<NotSupportedException>(() => Tower().Value("projector_type", GgufValue.Of("ldp")).Read(), "'ldp'", "'mlp'");
        Refusal.Of<NotSupportedException>(() => Tower().Value("has_vision_encoder", GgufValue.Of(false)).Read(), "no vision tower");
    }

    [Fact]
    public void ATilingTowerTellsItsTiles()
    {
        Model tower = Tower().Tensor("model.image_newline", 16).Value("vision.image_grid_pinpoints", GgufValue.OfArray<int>([4, 8, 8, 4]));
        JsonObject config = tower.Read();
        Assert.Equal("llava_next", (string?)config["model_type"]);
        Assert.Equal("[[4,8],[8,4]]", config["image_grid_pinpoints"]!.ToJsonString());
        Assert.Equal("LlavaNextImageProcessor", (string?)tower.ReadProcessor()["image_processor_type"]);
        Refusal.Of<InvalidDataException>(() => Tower().Tensor("v.image_newline", 16).Read(), "0 sizes");
        JsonObject processor = Tower().ReadProcessor();
        Assert.Equal("CLIPImageProcessor", (string?)processor["image_processor_type"]);
        Assert.Equal([0.5f, 0.25f, 0.125f], processor["image_mean"]!.AsArray().Select(value => (float)value!));
        Assert.Equal((4, 4), ((int)processor["size"]!["shortest_edge"]!, (int)processor["crop_size"]!["height"]!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheWideningMatrixIsToldByItsShape(bool swapped)
    {
        using var folder = new TempFolder();
        string path = Tower(swapped).Save(folder);
        using GgufSource source = GgufSource.Open(path);
        KeyMap map = GgufNames.For(source);
        string wide = swapped ? "ffn_down" : "ffn_up", narrow = swapped ? "ffn_up" : "ffn_down";
        Assert.Equal("vision_tower.vision_model.encoder.layers.1.mlp.fc1.weight", map.ToModel($"v.blk.1.{wide}.weight"));
        Assert.Equal($"v.blk.1.{narrow}.weight", map.ToFile("vision_tower.vision_model.encoder.layers.1.mlp.fc2.weight"));
        Assert.Equal(20, (int)GgufArchitecture.Read(source)["vision_config"]!["intermediate_size"]!);
        Assert.Equal("multi_modal_projector.linear_2.bias", map.ToModel("mm.2.bias"));
    }

    [Theory]
    [InlineData("llama", "blk.3.ffn_norm.weight", "model.layers.3.post_attention_layernorm.weight")]
    [InlineData("llama", "output.weight", "lm_head.weight")]
    [InlineData("llama", "output_norm.weight", "model.norm.weight")]
    [InlineData("qwen2", "blk.0.attn_q.bias", "model.layers.0.self_attn.q_proj.bias")]
    [InlineData("qwen3", "blk.0.attn_q_norm.weight", "model.layers.0.self_attn.q_norm.weight")]
    [InlineData("gemma2", "blk.0.ffn_norm.weight", "model.layers.0.pre_feedforward_layernorm.weight")]
    [InlineData("gemma3", "blk.0.post_attention_norm.weight", "model.layers.0.post_attention_layernorm.weight")]
    [InlineData("gemma3", "blk.10.post_ffw_norm.weight", "model.layers.10.post_feedforward_layernorm.weight")]
    [InlineData("phi3", "blk.0.attn_qkv.weight", "model.layers.0.self_attn.qkv_proj.weight")]
    [InlineData("phi3", "blk.0.ffn_up.weight", "model.layers.0.mlp.gate_up_proj.weight")]
    public void NamesAreReadBothWays(string architecture, string file, string model)
    {
        KeyMap map = GgufNames.For(architecture);
        Assert.Equal(model, map.ToModel(file));
        Assert.Equal(file, map.ToFile(model));
    }

    [Fact]
    public void WhatTheConfigurationTellsIsNoWeight()
    {
        Assert.NotNull(GgufNames.For("llama").IgnoredBecause("rope_freqs.weight"));
        Assert.NotNull(GgufNames.For("phi3").IgnoredBecause("rope_factors_long.weight"));
        Assert.NotNull(GgufNames.For("llama").IgnoredBecause("blk.0.attn_rot_embd"));
        Refusal.Of<NotSupportedException>(() => GgufNames.For("mamba"), "'mamba'");
    }

    private static Model Tower(bool swapped = false) => new Model("clip")
        .Value("has_vision_encoder", GgufValue.Of(true)).Value("projector_type", GgufValue.Of("mlp"))
        .Value("vision.image_size", GgufValue.Of(4u)).Value("vision.patch_size", GgufValue.Of(2u))
        .Value("vision.embedding_length", GgufValue.Of(8u)).Value("vision.feed_forward_length", GgufValue.Of(99u))
        .Value("vision.block_count", GgufValue.Of(2u)).Value("vision.attention.head_count", GgufValue.Of(2u))
        .Value("vision.image_mean", GgufValue.OfArray<float>([0.5f, 0.25f, 0.125f]))
        .Value("vision.image_std", GgufValue.OfArray<float>([1, 1, 1]))
        .Tensor("v.class_embd", 8).Tensor("mm.0.weight", 16, 8).Tensor("mm.0.bias", 16).Tensor("mm.2.weight", 16, 16)
        .Tensor("v.blk.0.ffn_down.weight", swapped ? [20, 8] : [8, 20]).Tensor("v.blk.0.ffn_up.weight", swapped ? [8, 20] : [20, 8])
        .Tensor("v.blk.1.ffn_up.weight", 8, 20);

    /// <summary>A file that holds what configurations are read from.</summary>
    private sealed class Model
    {
        private readonly Dictionary<string, GgufValue?> _values = [];
        private readonly List<(string Name, int[] Sizes)> _tensors = [];
        private readonly string _architecture;

        internal Model(string architecture, int layers = 2, int keyLength = 8)
        {
            _architecture = architecture;
            _values["general.architecture"] = GgufValue.Of(architecture);
            if (architecture == "clip")
            {
                return;
            }

            foreach ((string key, int value) in new[]
            {
                ("block_count", layers), ("context_length", 128), ("embedding_length", 32), ("feed_forward_length", 64),
                ("attention.head_count", 4), ("attention.head_count_kv", 2), ("attention.sliding_window", architecture.StartsWith("gemma", StringComparison.Ordinal) ? 16 : 0),
                ("attention.key_length", keyLength), ("attention.value_length", keyLength),
            })
            {
                Value(key, GgufValue.Of((uint)value));
            }

            Value("attention.layer_norm_rms_epsilon", GgufValue.Of(1e-5f));
            Tensor("token_embd.weight", 40, 32).Tensor($"blk.{layers - 1}.attn_norm.weight", 32);
        }

        internal Model Value(string key, GgufValue? value)
        {
            _values[$"{_architecture}.{key}"] = value;
            return this;
        }

        internal Model Tensor(string name, params int[] sizes)
        {
            _tensors.Add((name, sizes));
            return this;
        }

        internal string Save(TempFolder folder)
        {
            using TensorScope scope = TensorScope.Open();
            GgufWriter.Write(
                folder.File("m.gguf"), _values.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!)),
                _tensors.Select(pair => TensorToWrite.Of(
                    pair.Name, Tensors.Tensor.From([.. Enumerable.Range(1, pair.Sizes.Aggregate((a, b) => a * b)).Select(i => (float)i)], Shape.Create(pair.Sizes)))));
            return folder.File("m.gguf");
        }

        internal JsonObject Read()
        {
            using var folder = new TempFolder();
            using GgufFile file = GgufFile.Open(Save(folder));
            return GgufArchitecture.Read(file);
        }

        internal JsonObject ReadProcessor()
        {
            using var folder = new TempFolder();
            using GgufFile file = GgufFile.Open(Save(folder));
            return GgufArchitecture.ReadImageProcessor(file);
        }
    }
}
