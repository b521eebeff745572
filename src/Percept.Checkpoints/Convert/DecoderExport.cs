using System.Globalization;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes a language model of the hub as GGUF: metadata and tensors, as llama.cpp's converter writes them.</summary>
internal sealed class DecoderExport
{
    /// <summary>What the hub's classes take where a configuration says nothing.</summary>
    private static readonly Dictionary<string, (string Architecture, int Positions, double Eps, double Theta)> s_types = new(
        StringComparer.Ordinal)
    {
        ["llama"] = ("llama", 2048, 1e-6, 10000),
        ["mistral"] = ("llama", 131072, 1e-6, 10000),
        ["qwen2"] = ("qwen2", 32768, 1e-6, 10000),
        ["qwen3"] = ("qwen3", 32768, 1e-6, 10000),
        ["gemma"] = ("gemma", 8192, 1e-6, 10000),
        ["gemma2"] = ("gemma2", 8192, 1e-6, 10000),
        ["gemma3_text"] = ("gemma3", 131072, 1e-6, 1_000_000),
        ["phi3"] = ("phi3", 4096, 1e-5, 10000),
    };

    private readonly ConfigReader _config;
    private readonly HubLayout _layout;
    private readonly string _type;
    private readonly int _heads;
    private readonly int _hidden;
    private readonly int _head;
    private readonly int _keyValueHeads;
    private readonly int _layers;

    /// <summary>Looks at a model.</summary>
    /// <param name="config">The configuration of the language model, or the part of an image-text model's.</param>
    /// <param name="layout">Its tensors.</param>
    /// <exception cref="NotSupportedException">GGUF, or Percept, can't say what the model is.</exception>
    /// <exception cref="InvalidDataException">Configuration and tensors do not fit, or something is missing.</exception>
    internal DecoderExport(ConfigReader config, HubLayout layout)
    {
        _config = config;
        _layout = layout;
        _type = config.FindText("model_type") ?? "llama";
        if (!s_types.ContainsKey(_type))
        {
            throw config.Unsupported("model_type", _type, string.Join(", ", s_types.Keys));
        }

        Shape table = layout.Need("model.embed_tokens.weight").Shape;
        Vocabulary = table[0];
        _hidden = table[-1];
        Same("vocab_size", Vocabulary);
        Same("hidden_size", _hidden);
        _layers = 1 + layout.Under("model.layers.").Select(LayerOf)
            .DefaultIfEmpty(-1).Max();
        Same("num_hidden_layers", _layers);
        _heads = config.FindInt("num_attention_heads") ?? (_type == "llama" ? 32 : config.Int("num_attention_heads"));
        (int queries, int keys) = _type == "phi3" ? Fused() : (
            layout.Need("model.layers.0.self_attn.q_proj.weight").Shape[0], layout.Need("model.layers.0.self_attn.k_proj.weight").Shape[0]);
        _head = queries / Math.Max(1, _heads);
        _keyValueHeads = _head == 0 ? 0 : keys / _head;
        if (_heads * _head != queries || _keyValueHeads * _head != keys || _keyValueHeads == 0 || _head % 2 != 0)
        {
            throw new InvalidDataException(
                $"'{config.File}' tells {_heads} attention heads, which {queries} rows of queries and {keys} of keys do not give. " +
                "Use the configuration that was published with the weights.");
        }

        Same("head_dim", _head);
        Same("num_key_value_heads", _keyValueHeads);
        IsTied = config.Flag("tie_word_embeddings", _type.StartsWith("gemma", StringComparison.Ordinal))
            || layout.Find("lm_head.weight") is null;
    }

    /// <summary>The value of <c>general.architecture</c>.</summary>
    internal string Architecture => s_types[_type].Architecture;

    /// <summary>The rows of the table of embeddings.</summary>
    internal int Vocabulary { get; }

    /// <summary>Whether the table of embeddings is the head.</summary>
    internal bool IsTied { get; }

    private bool IsGemma => Architecture.StartsWith("gemma", StringComparison.Ordinal);

    /// <summary>The metadata of the architecture.</summary>
    internal List<KeyValuePair<string, GgufValue>> Metadata()
    {
        (_, int positions, double eps, double theta) = s_types[_type];
        var values = new List<KeyValuePair<string, GgufValue>>();
        void Count(string name, int value) => values.Add(new($"{Architecture}.{name}", GgufValue.Of((uint)value)));
        void Number(string name, double value) => values.Add(new($"{Architecture}.{name}", GgufValue.Of((float)value)));
        string inner = _type == "phi3" ? "down_proj" : "gate_proj";
        Shape wide = _layout.Need($"model.layers.0.mlp.{inner}.weight").Shape;
        int width = _type == "phi3" ? wide[-1] : wide[0];
        Same("intermediate_size", width);
        CheckActivation();
        Count("block_count", _layers);
        Count("context_length", _config.FindInt("max_position_embeddings") ?? positions);
        Count("embedding_length", _hidden);
        Count("feed_forward_length", width);
        Count("attention.head_count", _heads);
        Count("attention.head_count_kv", _keyValueHeads);
        Number("attention.layer_norm_rms_epsilon", _config.FindNumber("rms_norm_eps") ?? eps);
        if (Architecture == "llama")
        {
            Count("vocab_size", Vocabulary);
        }

        if (_head * _heads != _hidden || IsGemma || Architecture == "qwen3")
        {
            Count("attention.key_length", _head);
            Count("attention.value_length", _head);
        }

        DecoderExportRope.Write(_config, Architecture, _head, theta, values);
        Windows(Count);
        if (Architecture is "gemma2" or "gemma3")
        {
            GemmaLater(Count, Number);
        }

        _config.Skip("attention_bias", "mlp_bias", "layer_types", "embd_pdrop", "rope_theta");
        return values;
    }

    /// <summary>The tensors, in the order of the layers.</summary>
    /// <param name="type">How matrices are stored.</param>
    internal List<TensorRecipe> Tensors(WeightType type)
    {
        KeyMap map = GgufNames.For(Architecture);
        var recipes = new List<(int Layer, TensorRecipe Recipe)>();
        foreach (string name in _layout.Under("model.").Concat(_layout.Under("lm_head.")))
        {
            if (IsTied && name == "lm_head.weight")
            {
                _layout.Ignored.Add(new(_layout.Names[name], "the table of embeddings is the head"));
                continue;
            }

            string own = map.ToFile(name);
            if (own == name)
            {
                throw new NotSupportedException(
                    $"Tensor '{_layout.Names[name]}' of '{_layout.Source.Description}' has no name in GGUF files of the architecture " +
                    $"'{Architecture}'. Use the safetensors files as they are.");
            }

            Shape shape = _layout.Need(name).Shape;
            int layer = name.StartsWith("model.layers.", StringComparison.Ordinal) ? LayerOf(name)
                : name.Contains("embed", StringComparison.Ordinal) ? -1 : _layers;
            bool isNorm = IsGemma && name.EndsWith("norm.weight", StringComparison.Ordinal);
            recipes.Add((layer, new TensorRecipe(
                own, _layout.Source, _layout.Names[name], WeightTypes.Choose(type, own, shape, _layers, IsTied), Order(name), isNorm ? 1 : 0)));
        }

        CheckLayers();
        return [.. recipes.OrderBy(pair => pair.Layer).Select(pair => pair.Recipe)];
    }

    /// <summary>The divisors of rotary frequencies as tensors, where the rule is one that GGUF holds so.</summary>
    internal List<TensorToWrite> RopeTensors() => DecoderExportRope.Tensors(_config, Architecture, _head, s_types[_type].Theta);

    private int[]? Order(string name)
    {
        if (Architecture != "llama")
        {
            return null;
        }

        return name.Contains(".self_attn.q_proj.", StringComparison.Ordinal) ? RowOrders.ToNeighbours(_heads, _head)
            : name.Contains(".self_attn.k_proj.", StringComparison.Ordinal) ? RowOrders.ToNeighbours(_keyValueHeads, _head)
            : null;
    }

    /// <summary>The number in a name of a layer's tensor; −1 when there is none.</summary>
    private static int LayerOf(string name) =>
        int.TryParse(name.Split('.')[2], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) && layer < int.MaxValue ? layer : -1;

    /// <summary>Every layer must have what the first has.</summary>
    private void CheckLayers()
    {
        string[] first = [.. _layout.Under("model.layers.0.").Select(name => name["model.layers.0.".Length..])];
        for (int layer = 1; layer < _layers; layer++)
        {
            foreach (string name in first)
            {
                StoredTensor other = _layout.Need($"model.layers.{layer}.{name}");
                if (other.Shape != _layout.Need($"model.layers.0.{name}").Shape)
                {
                    throw new InvalidDataException(
                        $"Tensor '{other.Name}' of '{other.File}' has shape {other.Shape}, but that of the first layer " +
                        $"{_layout.Need($"model.layers.0.{name}").Shape}. Download the checkpoint again.");
                }
            }
        }

        _layout.Need("model.norm.weight");
    }

    private (int Queries, int Keys) Fused()
    {
        int rows = _layout.Need("model.layers.0.self_attn.qkv_proj.weight").Shape[0];
        int queries = _layout.Need("model.layers.0.self_attn.o_proj.weight").Shape[-1];
        return (queries, (rows - queries) / 2);
    }

    private void Same(string name, int found)
    {
        if (_config.FindInt(name) is { } told && told != found)
        {
            throw new InvalidDataException(
                $"'{_config.File}' tells '{name}' = {told}, but the tensors of '{_layout.Source.Description}' tell {found}. " +
                "Use the configuration that was published with the weights.");
        }
    }

    private void CheckActivation()
    {
        string expected = IsGemma ? "gelu_pytorch_tanh" : "silu";

        // Gemma 1 says "gelu" and means the tanh form.
        string found = (IsGemma ? _config.FindText("hidden_activation", "hidden_act") : _config.FindText("hidden_act")) ?? expected;
        if (found != expected && !(_type == "gemma" && found == "gelu"))
        {
            throw _config.Unsupported("hidden_act", found, expected);
        }

        _config.Skip("hidden_act");
    }

    private void Windows(Action<string, int> count)
    {
        int? window = _config.FindInt("sliding_window");
        if (_type is "qwen2" or "qwen3")
        {
            if (_config.Flag("use_sliding_window", false))
            {
                throw _config.Unsupported("use_sliding_window", "true", "false: GGUF files of this architecture have no windows");
            }

            _config.Skip("max_window_layers");
        }
        else if (_type is "mistral" or "phi3" or "gemma2" or "gemma3_text")
        {
            int? missing = _type switch
            {
                "mistral" when !_config.IsNull("sliding_window") => 4096,
                "gemma2" or "gemma3_text" => 4096,
                _ => null,
            };
            if ((window ?? missing) is { } size)
            {
                count("attention.sliding_window", size);
            }
        }
    }

    private void GemmaLater(Action<string, int> count, Action<string, double> number)
    {
        bool second = _type == "gemma2";
        int fixedScale = _layers == (second ? GgufDecoderConfig.LargeGemma2 : GgufDecoderConfig.LargeGemma3) ? _hidden / _heads : _head;
        if (_config.Number("query_pre_attn_scalar", 256) is var scale && scale != fixedScale)
        {
            throw _config.Unsupported("query_pre_attn_scalar", scale.ToString(CultureInfo.InvariantCulture),
                $"{fixedScale}: GGUF files of this architecture fix it");
        }

        foreach ((string name, double? missing) in new (string, double?)[]
        {
            ("attn_logit_softcapping", second ? 50 : null), ("final_logit_softcapping", second ? 30 : null),
        })
        {
            double? cap = _config.IsNull(name) ? null : _config.FindNumber(name) ?? missing;
            if (cap is { } value || second)
            {
                // None is written as 0 where the architecture has one by default.
                number(name, cap ?? 0);
            }
        }

        if (!second && (_config.FindInt("sliding_window_pattern", "_sliding_window_pattern") ?? 6) is var pattern && pattern != 6)
        {
            count("attention.sliding_window_pattern", pattern);
        }
    }
}
