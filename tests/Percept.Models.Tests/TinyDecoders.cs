using System.Globalization;

namespace Percept.Models.Tests;

/// <summary>Small decoders of every family.</summary>
internal static class TinyDecoders
{
    private const int Hidden = 24, Heads = 4, KeyHeads = 2, Inner = 20, Vocabulary = 40;

    /// <summary>Every decoder, by what it shows.</summary>
    internal static IReadOnlyDictionary<string, Func<TinyCheckpoint>> All { get; } = new SortedDictionary<string, Func<TinyCheckpoint>>
    {
        ["llama"] = () => Llama("llama"),
        ["llama tied, dynamic rope"] = () => Llama("llama").Remove("lm_head.weight").With("tie_word_embeddings", "true")
            .With("rope_scaling", """{"type": "dynamic", "factor": 2.0}"""),
        ["mistral with a window"] = () => Llama("mistral").With("sliding_window", "4"),
        ["qwen2 with windows"] = () => Llama("qwen2", bias: true).With("use_sliding_window", "true")
            .With("sliding_window", "3").With("max_window_layers", "1"),
        ["qwen3"] = () => Llama("qwen3", norms: true),
        ["olmo2"] = Olmo2,
        ["gemma2"] = () => Gemma("gemma2").With("sliding_window", "4").With("query_pre_attn_scalar", "6"),
        ["gemma3"] = () => Gemma("gemma3_text").With("sliding_window", "4").With("sliding_window_pattern", "2"),
        ["phi3"] = Phi3,
        ["mixtral"] = Mixtral,
        ["qwen2_moe"] = () => Qwen2Moe().With("use_sliding_window", "true").With("sliding_window", "4"),
        ["qwen3_moe"] = Qwen3Moe,
        ["deepseek_v2"] = () => DeepSeek("deepseek_v2", 10).With("topk_method", "\"group_limited_greedy\""),
        ["deepseek_v3"] = () => DeepSeek("deepseek_v3", null),
        ["internlm2"] = InternLm2,
        ["gpt2"] = Gpt2,
        ["opt"] = () => Opt(Hidden, normsFirst: true),
        ["opt, norms last"] = () => Opt(12, normsFirst: false).With("do_layer_norm_before", "false"),
        ["bert as decoder"] = () => TinyEncoders.Bert("bert", cross: false).With("is_decoder", "true"),
    };

    internal static TinyCheckpoint Llama(string type, bool bias = false, bool norms = false)
    {
        TinyCheckpoint tiny = Begin(type);
        for (int i = 0; i < 2; i++)
        {
            AddAttention(tiny, $"model.layers.{i}.self_attn", bias, norms);
            AddMlp(tiny, $"model.layers.{i}.mlp", Inner);
            tiny.AddNorm($"model.layers.{i}.input_layernorm", Hidden)
                .AddNorm($"model.layers.{i}.post_attention_layernorm", Hidden);
        }

        return tiny;
    }

    internal static TinyCheckpoint Mixtral()
    {
        TinyCheckpoint tiny = Llama("mixtral").With("num_local_experts", "4").With("num_experts_per_tok", "2");
        for (int i = 0; i < 2; i++)
        {
            RemoveMlp(tiny, $"model.layers.{i}.mlp");
            string mixture = $"model.layers.{i}.block_sparse_moe";
            tiny.AddLinear($"{mixture}.gate", 4, Hidden);
            for (int e = 0; e < 4; e++)
            {
                tiny.AddLinear($"{mixture}.experts.{e}.w1", Inner, Hidden).AddLinear($"{mixture}.experts.{e}.w3", Inner, Hidden)
                    .AddLinear($"{mixture}.experts.{e}.w2", Hidden, Inner);
            }
        }

        return tiny;
    }

    internal static TinyCheckpoint Qwen2Moe()
    {
        TinyCheckpoint tiny = Llama("qwen2_moe", bias: true).With("num_experts", "5").With("num_experts_per_tok", "2")
            .With("moe_intermediate_size", "8").With("shared_expert_intermediate_size", "12").With("mlp_only_layers", "[1]");
        RemoveMlp(tiny, "model.layers.0.mlp");
        AddExperts(tiny, "model.layers.0.mlp", 5);
        AddMlp(tiny, "model.layers.0.mlp.shared_expert", 12);
        return tiny.AddLinear("model.layers.0.mlp.shared_expert_gate", 1, Hidden);
    }

    internal static TinyCheckpoint Qwen3Moe()
    {
        TinyCheckpoint tiny = Llama("qwen3_moe", norms: true).With("num_experts", "5").With("num_experts_per_tok", "2")
            .With("moe_intermediate_size", "8").With("norm_topk_prob", "true").With("decoder_sparse_step", "2");
        RemoveMlp(tiny, "model.layers.1.mlp");
        AddExperts(tiny, "model.layers.1.mlp", 5);
        return tiny;
    }

    internal static TinyCheckpoint DeepSeek(string type, int? queryRank)
    {
        TinyCheckpoint tiny = Begin(type).With("qk_nope_head_dim", "5").With("qk_rope_head_dim", "6").With("v_head_dim", "7")
            .With("kv_lora_rank", "9").With("q_lora_rank", queryRank?.ToString(CultureInfo.InvariantCulture) ?? "null")
            .With("n_routed_experts", "6").With("num_experts_per_tok", "2").With("moe_intermediate_size", "8")
            .With("n_shared_experts", "1").With("n_group", "3").With("topk_group", "2").With("first_k_dense_replace", "1")
            .With("routed_scaling_factor", "2.5");
        for (int i = 0; i < 2; i++)
        {
            string layer = $"model.layers.{i}", attention = $"{layer}.self_attn";
            if (queryRank is { } rank)
            {
                tiny.AddLinear($"{attention}.q_a_proj", rank, Hidden).AddNorm($"{attention}.q_a_layernorm", rank)
                    .AddLinear($"{attention}.q_b_proj", Heads * 11, rank);
            }
            else
            {
                tiny.AddLinear($"{attention}.q_proj", Heads * 11, Hidden);
            }

            tiny.AddLinear($"{attention}.kv_a_proj_with_mqa", 9 + 6, Hidden).AddNorm($"{attention}.kv_a_layernorm", 9)
                .AddLinear($"{attention}.kv_b_proj", Heads * 12, 9).AddLinear($"{attention}.o_proj", Hidden, Heads * 7)
                .AddNorm($"{layer}.input_layernorm", Hidden).AddNorm($"{layer}.post_attention_layernorm", Hidden);
        }

        AddMlp(tiny, "model.layers.0.mlp", Inner);
        AddExperts(tiny, "model.layers.1.mlp", 6);
        AddMlp(tiny, "model.layers.1.mlp.shared_experts", 8);
        return type == "deepseek_v3" ? tiny.Add("model.layers.1.mlp.gate.e_score_correction_bias", 6) : tiny;
    }

    internal static TinyCheckpoint InternLm2()
    {
        TinyCheckpoint tiny = new TinyCheckpoint(Config("internlm2")).With("bias", "false")
            .Add("model.tok_embeddings.weight", Vocabulary, Hidden).Add("output.weight", Vocabulary, Hidden)
            .AddNorm("model.norm", Hidden);
        for (int i = 0; i < 2; i++)
        {
            string layer = $"model.layers.{i}";
            tiny.AddLinear($"{layer}.attention.wqkv", (Heads + (2 * KeyHeads)) * 6, Hidden)
                .AddLinear($"{layer}.attention.wo", Hidden, Hidden)
                .AddLinear($"{layer}.feed_forward.w1", Inner, Hidden).AddLinear($"{layer}.feed_forward.w3", Inner, Hidden)
                .AddLinear($"{layer}.feed_forward.w2", Hidden, Inner)
                .AddNorm($"{layer}.attention_norm", Hidden).AddNorm($"{layer}.ffn_norm", Hidden);
        }

        return tiny;
    }

    internal static TinyCheckpoint Gpt2()
    {
        TinyCheckpoint tiny = new TinyCheckpoint(
            """{"model_type": "gpt2", "n_embd": 24, "n_head": 4, "n_layer": 2, "n_positions": 32, "vocab_size": 40}""")
            .Add("transformer.wte.weight", Vocabulary, Hidden).Add("transformer.wpe.weight", 32, Hidden)
            .AddNorm("transformer.ln_f", Hidden, bias: true);
        for (int i = 0; i < 2; i++)
        {
            // Stored [in, out].
            string layer = $"transformer.h.{i}";
            tiny.Add($"{layer}.attn.c_attn.weight", Hidden, 3 * Hidden).Add($"{layer}.attn.c_attn.bias", 3 * Hidden)
                .Add($"{layer}.attn.c_proj.weight", Hidden, Hidden).Add($"{layer}.attn.c_proj.bias", Hidden)
                .Add($"{layer}.mlp.c_fc.weight", Hidden, 4 * Hidden).Add($"{layer}.mlp.c_fc.bias", 4 * Hidden)
                .Add($"{layer}.mlp.c_proj.weight", 4 * Hidden, Hidden).Add($"{layer}.mlp.c_proj.bias", Hidden)
                .AddNorm($"{layer}.ln_1", Hidden, bias: true).AddNorm($"{layer}.ln_2", Hidden, bias: true);
        }

        return tiny;
    }

    internal static TinyCheckpoint Opt(int width, bool normsFirst)
    {
        TinyCheckpoint tiny = new TinyCheckpoint(
            """
            {"model_type": "opt", "hidden_size": 24, "num_attention_heads": 4, "num_hidden_layers": 2, "ffn_dim": 20,
             "max_position_embeddings": 32, "vocab_size": 40}
            """)
            .With("word_embed_proj_dim", width.ToString(CultureInfo.InvariantCulture))
            .Add("model.decoder.embed_tokens.weight", Vocabulary, width).Add("model.decoder.embed_positions.weight", 34, Hidden);
        if (width != Hidden)
        {
            tiny.AddLinear("model.decoder.project_in", Hidden, width).AddLinear("model.decoder.project_out", width, Hidden);
        }

        TinyEncoders.AddFairseqLayers(tiny, "model.decoder", Inner, cross: false);
        return normsFirst ? tiny.AddNorm("model.decoder.final_layer_norm", Hidden, bias: true) : tiny;
    }

    private static string Config(string type) =>
        $$"""
        {"model_type": "{{type}}", "hidden_size": 24, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2,
         "intermediate_size": 20, "vocab_size": 40, "max_position_embeddings": 64, "head_dim": 6}
        """;

    private static TinyCheckpoint Begin(string type) => new TinyCheckpoint(Config(type))
        .Add("model.embed_tokens.weight", Vocabulary, Hidden).Add("lm_head.weight", Vocabulary, Hidden)
        .AddNorm("model.norm", Hidden);

    private static TinyCheckpoint Gemma(string type)
    {
        TinyCheckpoint tiny = Llama(type, norms: type == "gemma3_text").Remove("lm_head.weight");
        for (int i = 0; i < 2; i++)
        {
            tiny.AddNorm($"model.layers.{i}.pre_feedforward_layernorm", Hidden)
                .AddNorm($"model.layers.{i}.post_feedforward_layernorm", Hidden);
        }

        return tiny;
    }

    private static TinyCheckpoint Olmo2()
    {
        TinyCheckpoint tiny = Llama("olmo2");
        for (int i = 0; i < 2; i++)
        {
            tiny.Remove($"model.layers.{i}.input_layernorm.weight").AddNorm($"model.layers.{i}.post_feedforward_layernorm", Hidden)
                .AddNorm($"model.layers.{i}.self_attn.q_norm", Heads * 6).AddNorm($"model.layers.{i}.self_attn.k_norm", KeyHeads * 6);
        }

        return tiny;
    }

    private static TinyCheckpoint Phi3()
    {
        TinyCheckpoint tiny = Begin("phi3");
        for (int i = 0; i < 2; i++)
        {
            string layer = $"model.layers.{i}";
            tiny.AddLinear($"{layer}.self_attn.qkv_proj", (Heads + (2 * KeyHeads)) * 6, Hidden)
                .AddLinear($"{layer}.self_attn.o_proj", Hidden, Hidden)
                .AddLinear($"{layer}.mlp.gate_up_proj", 2 * Inner, Hidden).AddLinear($"{layer}.mlp.down_proj", Hidden, Inner)
                .AddNorm($"{layer}.input_layernorm", Hidden).AddNorm($"{layer}.post_attention_layernorm", Hidden);
        }

        return tiny;
    }

    private static void AddAttention(TinyCheckpoint tiny, string name, bool bias, bool norms)
    {
        tiny.AddLinear($"{name}.q_proj", Heads * 6, Hidden, bias).AddLinear($"{name}.k_proj", KeyHeads * 6, Hidden, bias)
            .AddLinear($"{name}.v_proj", KeyHeads * 6, Hidden, bias).AddLinear($"{name}.o_proj", Hidden, Heads * 6);
        if (norms)
        {
            tiny.AddNorm($"{name}.q_norm", 6).AddNorm($"{name}.k_norm", 6);
        }
    }

    private static void AddMlp(TinyCheckpoint tiny, string name, int inner) => tiny
        .AddLinear($"{name}.gate_proj", inner, Hidden).AddLinear($"{name}.up_proj", inner, Hidden)
        .AddLinear($"{name}.down_proj", Hidden, inner);

    private static void RemoveMlp(TinyCheckpoint tiny, string name) => tiny
        .Remove($"{name}.gate_proj.weight").Remove($"{name}.up_proj.weight").Remove($"{name}.down_proj.weight");

    private static void AddExperts(TinyCheckpoint tiny, string name, int experts)
    {
        tiny.AddLinear($"{name}.gate", experts, Hidden);
        for (int e = 0; e < experts; e++)
        {
            AddMlp(tiny, $"{name}.experts.{e}", 8);
        }
    }
}
