using System.Text.Json.Nodes;

namespace Percept.Checkpoints;

/// <summary>
/// Tells the configuration of a language model in a GGUF file (reference: llama.cpp, src/llama-model.cpp, load_hparams; what
/// the file does not say but the architecture fixes is written out).
/// </summary>
internal static class GgufDecoderConfig
{
    // The layers of the 27-billion models, whose attention scale differs from the others'.
    internal const int LargeGemma2 = 46;
    internal const int LargeGemma3 = 62;

    internal static JsonObject Read(GgufModel model)
    {
        GgufKeys keys = model.Keys;
        if (keys.FindCount("expert_count") is > 0 and int experts)
        {
            throw new NotSupportedException(
                $"'{model.File.Path}' is a mixture of {experts} experts, which Percept does not read from GGUF. " +
                "Use the model's safetensors files instead.");
        }

        JsonObject config = Common(model);
        switch (model.Architecture)
        {
            case "llama":
                Llama(model, config);
                break;
            case "qwen2" or "qwen3":
                config["use_sliding_window"] = false;
                config["hidden_act"] = "silu";
                break;
            case "phi3":
                config["hidden_act"] = "silu";
                config["sliding_window"] = keys.FindCount("attention.sliding_window") is > 0 and int window ? window : null;
                break;
            default:
                Gemma(model, config);
                break;
        }

        foreach ((string name, JsonNode? value) in GgufRope.Read(model, config["head_dim"]!.GetValue<int>()))
        {
            config[name] = value?.DeepClone();
        }

        return config;
    }

    private static JsonObject Common(GgufModel model)
    {
        GgufKeys keys = model.Keys;
        int hidden = keys.Count("embedding_length"), heads = keys.Count("attention.head_count");
        if (hidden == 0 || heads == 0)
        {
            throw new InvalidDataException(
                $"'{model.File.Path}' has '{keys.Key("embedding_length")}' = {hidden} and '{keys.Key("attention.head_count")}' = {heads}, " +
                "expected 1 or more. Convert the model again.");
        }

        int head = keys.FindCount("attention.key_length") ?? (hidden / heads);
        int value = keys.FindCount("attention.value_length") ?? head;
        if (head != value)
        {
            throw new NotSupportedException(
                $"'{model.File.Path}' has keys of {head} and values of {value} channels; Percept runs models where both are the same.");
        }

        var config = new JsonObject
        {
            ["model_type"] = model.Architecture == "gemma3" ? "gemma3_text" : model.Architecture,
            ["vocab_size"] = Vocabulary(model),
            ["hidden_size"] = hidden,
            ["intermediate_size"] = keys.Count("feed_forward_length"),
            ["num_hidden_layers"] = model.CheckedLayers("block_count", "blk."),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = keys.FindCount("attention.head_count_kv") ?? heads,
            ["head_dim"] = head,
            ["max_position_embeddings"] = keys.Count("context_length"),
            ["rms_norm_eps"] = (float)(keys.FindNumber("attention.layer_norm_rms_epsilon") ?? throw new InvalidDataException(
                $"'{model.File.Path}' has no '{keys.Key("attention.layer_norm_rms_epsilon")}'. Convert the model again.")),
            ["tie_word_embeddings"] = !model.Has("output.weight"),
        };
        foreach ((string from, string to) in new[] { ("bos", "bos_token_id"), ("eos", "eos_token_id"), ("padding", "pad_token_id") })
        {
            if (model.File.FindInteger($"tokenizer.ggml.{from}_token_id") is >= 0 and < uint.MaxValue and long id)
            {
                config[to] = id;
            }
        }

        return config;
    }

    /// <summary>The rows of the table of embeddings; the metadata may count otherwise, the tensor is what there is.</summary>
    private static int Vocabulary(GgufModel model)
    {
        const string Table = "token_embd.weight";
        return model.FindSizes(Table) is [<= int.MaxValue and var rows, _]
            ? (int)rows
            : throw new InvalidDataException(
                $"'{model.File.Path}' has no tensor '{Table}' of two axes. Download it again, with all of its parts.");
    }

    private static void Llama(GgufModel model, JsonObject config)
    {
        bool query = model.Has("blk.0.attn_q.bias"), output = model.Has("blk.0.attn_output.bias");
        if (query != output)
        {
            throw new NotSupportedException(
                $"'{model.File.Path}' has biases in {(query ? "q, k and v" : "the output")} of attention only, which no model of the " +
                "architecture 'llama' has. Use the model's safetensors files instead.");
        }

        config["hidden_act"] = "silu";
        config["attention_bias"] = query;
        config["mlp_bias"] = model.Has("blk.0.ffn_gate.bias");
        config["percept_rope_interleaved"] = true;

        // Mistral is written as this architecture too; its windows are what tells it.
        if (model.Keys.FindCount("attention.sliding_window") is > 0 and int window)
        {
            config["model_type"] = "mistral";
            config["sliding_window"] = window;
            config.Remove("attention_bias");
            config.Remove("mlp_bias");
        }
    }

    private static void Gemma(GgufModel model, JsonObject config)
    {
        GgufKeys keys = model.Keys;
        int layers = config["num_hidden_layers"]!.GetValue<int>(), head = config["head_dim"]!.GetValue<int>();
        int heads = config["num_attention_heads"]!.GetValue<int>(), hidden = config["hidden_size"]!.GetValue<int>();
        config[model.Architecture == "gemma" ? "hidden_act" : "hidden_activation"] = "gelu_pytorch_tanh";
        config["percept_norm_whole"] = true;
        if (model.Architecture == "gemma")
        {
            return;
        }

        bool second = model.Architecture == "gemma2";
        bool large = layers == (second ? LargeGemma2 : LargeGemma3);
        config["query_pre_attn_scalar"] = large ? hidden / heads : head;
        config["sliding_window"] = keys.Count("attention.sliding_window");
        config["final_logit_softcapping"] = Cap(keys, "final_logit_softcapping", second ? 30 : null);
        config["attn_logit_softcapping"] = Cap(keys, "attn_logit_softcapping", second ? 50 : null);
        if (!second)
        {
            config["sliding_window_pattern"] = Pattern(model);
            config["rope_local_base_freq"] = keys.FindNumber("rope.freq_base_swa") ?? 10000;
        }
    }

    private static JsonValue? Cap(GgufKeys keys, string name, double? missing) =>
        (keys.FindNumber(name) ?? missing) is > 0 and double cap ? JsonValue.Create(cap) : null;

    private static int Pattern(GgufModel model)
    {
        const string Name = "attention.sliding_window_pattern";
        if (model.File.TryGetType(model.Keys.Key(Name), out GgufValueType type) && type == GgufValueType.Array)
        {
            throw new NotSupportedException(
                $"'{model.File.Path}' lists each layer's window under '{model.Keys.Key(Name)}'; Percept reads a period. " +
                "Use the model's safetensors files instead.");
        }

        return model.Keys.FindCount(Name) is > 0 and int pattern ? pattern : 6;
    }
}
