using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>
/// Writes the vision tower and projector of an image-text model as a GGUF file beside the language model ("mmproj"), in the
/// layout that llama.cpp's first converter wrote and every reader takes.
/// </summary>
internal sealed class TowerExport
{
    private readonly ConfigReader _config;
    private readonly ConfigReader _vision;
    private readonly HubLayout _layout;
    private readonly bool _hasClass;
    private readonly int[] _features;
    private readonly int _layers;

    /// <summary>Looks at a model.</summary>
    /// <param name="config">The configuration of the whole model.</param>
    /// <param name="layout">Its tensors.</param>
    /// <exception cref="NotSupportedException">GGUF can't say what the tower or projector is.</exception>
    /// <exception cref="InvalidDataException">Configuration and tensors do not fit, or something is missing.</exception>
    internal TowerExport(ConfigReader config, HubLayout layout)
    {
        _config = config;
        _layout = layout;
        if (config.Has("mm_vision_tower"))
        {
            throw new NotSupportedException(
                $"'{config.File}' is in the layout of LLaVA's authors, whose vision tower stands elsewhere. " +
                "Convert the model in the hub's layout instead.");
        }

        _vision = config.Section("vision_config");
        string type = _vision.Text("model_type", "clip_vision_model");
        _hasClass = type switch
        {
            "clip_vision_model" => true,
            "siglip_vision_model" => false,
            _ => throw _vision.Unsupported("model_type", type, "clip_vision_model, siglip_vision_model"),
        };
        string strategy = config.Text("vision_feature_select_strategy", "default");
        if (strategy != (_hasClass ? "default" : "full"))
        {
            throw config.Unsupported(
                "vision_feature_select_strategy", strategy, $"{(_hasClass ? "default" : "full")} for this tower in GGUF files");
        }

        if (config.Text("projector_hidden_act", "gelu") is var activation && activation != "gelu")
        {
            throw config.Unsupported("projector_hidden_act", activation, "gelu");
        }

        int all = _vision.Int("num_hidden_layers", 12);
        _features = [.. (config.FindInts("vision_feature_layer") ?? [-2]).Select(layer => layer < 0 ? all + 1 + layer : layer)];
        _layers = _features.Max();
        if (!_features.SequenceEqual(_features.Order()))
        {
            throw config.Unsupported("vision_feature_layer", $"[{string.Join(", ", _features)}]", "a layer, or several from front to back");
        }

        if (_features.Any(layer => layer < 0 || layer > all))
        {
            throw new InvalidDataException(
                $"'{config.File}' takes features of layer {_features.Max()} of {all}. Use the configuration that was published with the weights.");
        }
    }

    private int Hidden => _layout.Need("vision_tower.vision_model.encoder.layers.0.layer_norm1.weight").Shape[0];

    /// <summary>All metadata.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="folder">The model's folder, where the image processor's settings are.</param>
    /// <param name="type">How matrices are stored.</param>
    internal List<KeyValuePair<string, GgufValue>> Metadata(string name, string folder, WeightType type)
    {
        var values = new List<KeyValuePair<string, GgufValue>>();
        void Add(string key, GgufValue value) => values.Add(new(key, value));
        void Count(string key, int value) => Add("clip.vision." + key, GgufValue.Of((uint)value));
        (float[] mean, float[] deviation) = Colours(folder);
        Add("general.architecture", GgufValue.Of(GgufArchitecture.Tower));
        Add("general.type", GgufValue.Of("mmproj"));
        Add("clip.has_text_encoder", GgufValue.Of(false));
        Add("clip.has_vision_encoder", GgufValue.Of(true));
        Add("clip.has_llava_projector", GgufValue.Of(true));
        Add("general.file_type", GgufValue.Of((type is WeightType.F32 or WeightType.BF16 ? type : WeightType.F16).FileType()));
        Add("general.name", GgufValue.Of(name));
        Add("general.description", GgufValue.Of("image encoder for LLaVA"));
        Add("clip.projector_type", GgufValue.Of("mlp"));
        Count("image_size", _vision.FindInt("image_size") ?? 224);
        Count("patch_size", _layout.Need("vision_tower.vision_model.embeddings.patch_embedding.weight").Shape[-1]);
        Count("embedding_length", Hidden);
        Count("feed_forward_length", _layout.Need("vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight").Shape[0]);
        Count("projection_dim", _vision.FindInt("projection_dim") ?? (_hasClass ? 512 : 0));
        Count("attention.head_count", _vision.FindInt("num_attention_heads") ?? 12);
        double eps = _vision.FindNumber("layer_norm_eps") ?? (_hasClass ? 1e-5 : 1e-6);
        Add("clip.vision.attention.layer_norm_epsilon", GgufValue.Of((float)eps));
        Count("block_count", _layers);
        Add("clip.vision.feature_layer", GgufValue.OfArray<int>(_features));
        Add("clip.vision.image_mean", GgufValue.OfArray<float>(mean));
        Add("clip.vision.image_std", GgufValue.OfArray<float>(deviation));
        Activation(Add);
        Tiles(Add);
        _vision.Skip("num_channels", "hidden_size", "intermediate_size", "patch_size", "vision_use_head", "vocab_size");
        _config.Skip("multimodal_projector_bias", "image_token_index", "image_token_id", "image_seq_length", "ignore_index", "vocab_size",
            "tie_word_embeddings", "use_image_newline_parameter");
        return values;
    }

    /// <summary>The tensors: projector, embeddings, then the layers that a feature is taken of.</summary>
    /// <param name="type">How matrices are stored.</param>
    internal List<TensorRecipe> Tensors(WeightType type)
    {
        var recipes = new List<(int Layer, TensorRecipe Recipe)>();
        IEnumerable<string> names = new[] { "vision_tower.", "multi_modal_projector.", "image_newline" }.SelectMany(_layout.Under);
        foreach (string name in names)
        {
            string own = GgufNames.SwappedTower.ToFile(name);
            int layer = Layer(name);
            if (layer >= _layers || own.StartsWith("v.post_ln.", StringComparison.Ordinal)
                || name.Contains("vision_model.head.", StringComparison.Ordinal))
            {
                _layout.Ignored.Add(new(_layout.Names[name], "behind the layer that features are taken of"));
                continue;
            }

            if (own == name)
            {
                throw new NotSupportedException(
                    $"Tensor '{_layout.Names[name]}' of '{_layout.Source.Description}' has no name in GGUF files of vision towers.");
            }

            Shape shape = _layout.Need(name).Shape;
            DType stored = own == "model.image_newline" ? DType.F32 : WeightTypes.ChooseTower(type, shape);
            int place = own.StartsWith("mm.", StringComparison.Ordinal) ? -2 : layer;
            recipes.Add((place, new TensorRecipe(own, _layout.Source, _layout.Names[name], stored)));
        }

        _layout.Need("multi_modal_projector.linear_1.weight");
        return [.. recipes.OrderBy(pair => pair.Layer).Select(pair => pair.Recipe)];
    }

    private static int Layer(string name)
    {
        const string Prefix = "vision_tower.vision_model.encoder.layers.";
        return name.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(name[Prefix.Length..].Split('.')[0], out int layer) ? layer : -1;
    }

    private void Activation(Action<string, GgufValue> add)
    {
        string found = _vision.FindText("hidden_act") ?? (_hasClass ? "quick_gelu" : "gelu_pytorch_tanh");
        string tanh = _hasClass ? "gelu" : "gelu_pytorch_tanh";
        if (found != tanh && found is not "quick_gelu" and not "silu")
        {
            throw _vision.Unsupported("hidden_act", found, $"quick_gelu, silu, {tanh}");
        }

        add("clip.use_gelu", GgufValue.Of(found == tanh));
        if (found == "silu")
        {
            add("clip.use_silu", GgufValue.Of(true));
        }
    }

    private void Tiles(Action<string, GgufValue> add)
    {
        bool tiles = _layout.Find("image_newline") is not null;
        if (_config.Find("image_grid_pinpoints") is not { } pinpoints || !tiles)
        {
            return;
        }

        int[] flat = [.. pinpoints.EnumerateArray().SelectMany(pair => pair.EnumerateArray()).Select(size => size.GetInt32())];
        add("clip.vision.image_grid_pinpoints", GgufValue.OfArray<int>(flat));
        add("clip.vision.mm_patch_merge_type", GgufValue.Of("spatial_unpad"));
    }

    /// <summary>Means and deviations of the image processor; those of CLIP or SigLIP where there is none.</summary>
    private (float[] Mean, float[] Deviation) Colours(string folder)
    {
        float[] mean = _hasClass ? [0.48145466f, 0.4578275f, 0.40821073f] : [0.5f, 0.5f, 0.5f];
        float[] deviation = _hasClass ? [0.26862954f, 0.26130258f, 0.27577711f] : [0.5f, 0.5f, 0.5f];
        string file = Path.Combine(folder, "preprocessor_config.json");
        if (!File.Exists(file))
        {
            return (mean, deviation);
        }

        ConfigReader settings = ConfigReader.Read(file);
        float[]? Read(string name) => settings.FindNumbers(name)?.Select(value => (float)value).ToArray();
        return (Read("image_mean") ?? mean, Read("image_std") ?? deviation);
    }
}
