using System.Text.Json.Nodes;

namespace Percept.Checkpoints;

/// <summary>
/// Tells the configuration of a vision tower with its projector ("mmproj") as an image-text model's <c>config.json</c> does
/// (reference: llama.cpp, tools/mtmd/clip.cpp and the converters before it).
/// </summary>
internal static class GgufTowerConfig
{
    private const string Mlp = "mlp";

    internal static JsonObject Read(GgufModel model)
    {
        CheckKind(model);
        bool hasClass = model.Has("v.class_embd");
        JsonObject vision = Vision(model, hasClass);
        bool newline = GgufNames.NewlineOf(model) is not null;
        var config = new JsonObject
        {
            ["model_type"] = newline ? "llava_next" : "llava",
            ["vision_config"] = vision,
            ["vision_feature_layer"] = FeatureLayer(model, vision["num_hidden_layers"]!.GetValue<int>()),
            ["vision_feature_select_strategy"] = hasClass ? "default" : "full",
            ["projector_hidden_act"] = "gelu",
            ["multimodal_projector_bias"] = model.Has("mm.0.bias"),
        };
        if (newline)
        {
            config["image_grid_pinpoints"] = Pinpoints(model);
        }

        return config;
    }

    internal static JsonObject ReadProcessor(GgufModel model)
    {
        CheckKind(model);
        int size = model.Keys.Count("vision.image_size");
        bool hasClass = model.Has("v.class_embd"), newline = GgufNames.NewlineOf(model) is not null;
        JsonObject Square() => new() { ["height"] = size, ["width"] = size };
        var config = new JsonObject
        {
            ["image_processor_type"] = newline ? "LlavaNextImageProcessor" : hasClass ? "CLIPImageProcessor" : "SiglipImageProcessor",
            ["do_resize"] = true,
            ["size"] = hasClass ? new JsonObject { ["shortest_edge"] = size } : Square(),
            ["resample"] = 3,
            ["do_rescale"] = true,
            ["rescale_factor"] = 1 / 255.0,
            ["do_normalize"] = true,
            ["image_mean"] = Colours(model, "vision.image_mean"),
            ["image_std"] = Colours(model, "vision.image_std"),
            ["do_convert_rgb"] = true,
        };
        if (hasClass)
        {
            config["do_center_crop"] = true;
            config["crop_size"] = Square();
        }

        if (newline)
        {
            config["image_grid_pinpoints"] = Pinpoints(model);
        }

        return config;
    }

    /// <summary>Whether the widening matrix of the feed-forward part is called <c>ffn_down</c>, as the first converters wrote.</summary>
    internal static bool IsSwapped(GgufModel model) =>
        model.FindSizes("v.blk.0.ffn_down.weight") is [_, long columns] && columns == model.Keys.Count("vision.embedding_length");

    private static void CheckKind(GgufModel model)
    {
        GgufFile file = model.File;
        if (file.FindFlag("clip.has_vision_encoder") is false)
        {
            throw new NotSupportedException($"'{file.Path}' has no vision tower. Name the one that belongs to the model.");
        }

        string kind = file.FindText("clip.vision.projector_type") ?? file.FindText("clip.projector_type") ?? Mlp;
        if (kind != Mlp || !model.Has("mm.0.weight"))
        {
            throw new NotSupportedException(
                $"'{file.Path}' has a projector of the type '{HubPath.Printable(kind)}'{(kind == Mlp ? " without 'mm.0.weight'" : "")}; " +
                $"Percept reads '{Mlp}' with its layers 'mm.0' and 'mm.2'. Use the model's safetensors files instead.");
        }
    }

    private static JsonObject Vision(GgufModel model, bool hasClass)
    {
        GgufKeys keys = model.Keys;
        int hidden = keys.Count("vision.embedding_length");
        bool swapped = IsSwapped(model);
        string wide = swapped ? "v.blk.0.ffn_down.weight" : "v.blk.0.ffn_up.weight";
        var vision = new JsonObject
        {
            ["model_type"] = hasClass ? "clip_vision_model" : "siglip_vision_model",
            ["hidden_size"] = hidden,

            // Some converters write the language model's width under feed_forward_length; the tensor can't be wrong.
            ["intermediate_size"] = model.FindSizes(wide) is [<= int.MaxValue and var rows, _]
                ? (int)rows
                : keys.Count("vision.feed_forward_length"),
            ["num_hidden_layers"] = model.CheckedLayers("vision.block_count", "v.blk."),
            ["num_attention_heads"] = keys.Count("vision.attention.head_count"),
            ["num_channels"] = 3,
            ["image_size"] = keys.Count("vision.image_size"),
            ["patch_size"] = keys.Count("vision.patch_size"),
            ["projection_dim"] = keys.FindCount("vision.projection_dim") ?? hidden,
            ["layer_norm_eps"] = (float)(keys.FindNumber("vision.attention.layer_norm_epsilon") ?? 1e-5),
            ["hidden_act"] = Activation(model.File, hasClass),
            ["percept_final_norm"] = model.Has("v.post_ln.weight"),
        };
        if (!hasClass)
        {
            // SigLIP's pooling stands behind the states that are taken.
            vision["vision_use_head"] = false;
        }

        return vision;
    }

    private static string Activation(GgufFile file, bool hasClass) =>
        file.FindFlag("clip.use_gelu") is true ? hasClass ? "gelu" : "gelu_pytorch_tanh"
        : file.FindFlag("clip.use_silu") is true ? "silu"
        : "quick_gelu";

    /// <summary>
    /// Which states the projector takes. The first converters dropped the layers behind and said so by a key that later ones
    /// lack; those leave the tower whole, of which the last layer but one is taken.
    /// </summary>
    private static JsonNode FeatureLayer(GgufModel model, int layers)
    {
        int[] told = model.File.FindInt32s("clip.vision.feature_layer") ?? [];
        int? wrong = told.Where(layer => layer < 0 || layer > layers).Select(layer => (int?)layer).FirstOrDefault();
        if (wrong is not null)
        {
            throw new InvalidDataException(
                $"'{model.File.Path}' takes features of layer {wrong}, but has {layers} layers. Convert the model again.");
        }

        return told.Length switch
        {
            0 => model.File.TryGetType("clip.has_llava_projector", out _) ? -1 : -2,
            1 => told[0] - layers - 1,
            _ => new JsonArray([.. told.Select(layer => JsonValue.Create(layer - layers - 1))]),
        };
    }

    private static JsonArray Colours(GgufModel model, string name)
    {
        float[] values = model.File.FindFloats(model.Keys.Key(name)) ?? throw new InvalidDataException(
            $"'{model.File.Path}' has no '{model.Keys.Key(name)}'. Convert the model again.");
        return values.Length == 3 && values.All(float.IsFinite)
            ? [.. values.Select(value => JsonValue.Create(value))]
            : throw new InvalidDataException(
                $"'{model.File.Path}' has [{string.Join(", ", values.Take(4))}] under '{model.Keys.Key(name)}', expected 3 numbers. " +
                "Convert the model again.");
    }

    private static JsonArray Pinpoints(GgufModel model)
    {
        string key = model.Keys.Key("vision.image_grid_pinpoints");
        int[] sizes = model.File.FindInt32s(key) ?? [];
        return sizes.Length > 0 && sizes.Length % 2 == 0 && sizes.All(size => size > 0)
            ? [.. sizes.Chunk(2).Select(pair => new JsonArray(pair[0], pair[1]))]
            : throw new InvalidDataException(
                $"'{model.File.Path}' has an image newline, so its pictures are tiled, but {sizes.Length} sizes under '{key}', " +
                "expected pairs. Convert the model again.");
    }
}
