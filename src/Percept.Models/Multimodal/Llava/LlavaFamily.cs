using System.Globalization;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The LLaVA line in transformers' layouts: published files, and what newer versions of the library write.</summary>
internal static class LlavaFamily
{
    /// <summary>From every spelling to that of the published files.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("model.language_model.{*}", "language_model.model.{*}")
        .Rename("lm_head.{*}", "language_model.lm_head.{*}")
        .Rename("model.vision_tower.{*}", "vision_tower.{*}")
        .Rename("model.image_tower.{*}", "image_tower.{*}")
        .Rename("model.video_tower.{*}", "video_tower.{*}")
        .Rename("model.multi_modal_projector.{*}", "multi_modal_projector.{*}")
        .Rename("model.vision_resampler.{*}", "vision_resampler.{*}")
        .Rename("model.image_newline", "image_newline");

    /// <summary>Makes a model of the line.</summary>
    internal static object Make(ModelFiles files, LlavaKind kind)
    {
        ConfigReader config = files.Config, text = config.SectionOrEmpty("text_config"), eye = Eye(config, kind);
        LlavaConfig llava = kind.Read(config);

        // Tied where either part says so; a decoder that ties unless told otherwise is told by its own part alone.
        if (config.Flag("tie_word_embeddings", false))
        {
            text.Assume("tie_word_embeddings", "true");
        }

        LanguageFamily words = LanguageFamilies.Find(text, kind.Language);
        VisionFamily pictures = VisionFamilies.Find(eye, kind.Vision);
        KeyMap map = Keys.Then(words.Keys.Under("language_model.")).Then(pictures.Keys.Under($"{kind.Tower}."));
        map = kind.VideoTower is null ? map : map.Then(pictures.Keys.Under($"{kind.VideoTower}."));
        WeightScope weights = files.Open(map);
        IVisionTower seeing = FrozenTower.Of(pictures.Make(eye, weights[kind.Tower]), weights[kind.Tower]);
        if (config.Flag("percept_tower_alone", false))
        {
            int width = weights["multi_modal_projector"]["linear_2"].Describe("weight").Shape[0];
            return new ProjectedTower(seeing, Projector(config, weights, kind, llava, seeing, width), llava);
        }

        ILanguageModel model = words.Make(text, weights["language_model"]);
        IVisionTower? watching = kind.VideoTower is null
            ? null
            : FrozenTower.Of(pictures.Make(eye, weights[kind.VideoTower]), weights[kind.VideoTower]);
        foreach (int layer in llava.FeatureLayers.Where(layer => layer > seeing.LayerCount || layer < -seeing.LayerCount - 1))
        {
            throw config.Unsupported(
                "vision_feature_layer", layer.ToString(CultureInfo.InvariantCulture),
                $"states of a tower of {seeing.LayerCount} layers: 0 to {seeing.LayerCount}, or -1 to {-seeing.LayerCount - 1}");
        }

        MlpProjector projector = Projector(config, weights, kind, llava, seeing, model.HiddenSize);
        Tensor? newline = llava.HasNewline ? weights.Float("image_newline", [model.HiddenSize]) : null;
        return new LlavaModel(
            llava, model, seeing, projector, newline, watching, Pool(llava, weights, seeing.HiddenSize * llava.FeatureLayers.Count));
    }

    private static MlpProjector Projector(
        ConfigReader config, WeightScope weights, LlavaKind kind, LlavaConfig llava, IVisionTower tower, int width)
    {
        int joined = tower.HiddenSize * llava.FeatureLayers.Count;
        WeightScope projector = weights["multi_modal_projector"];
        Norm? norm = kind.NormsStates
            ? projector.LayerNorm("projector_layernorm", joined, (float)config.Number("projector_layernorm_eps", 1e-5))
            : null;
        return new MlpProjector(
            projector, ["linear_1", "linear_2"], joined, width, config.ReadActivation("gelu", "projector_hidden_act"),
            config.Flag("multimodal_projector_bias", true), norm);
    }

    /// <summary>How many rows media become, as the configuration alone tells.</summary>
    internal static LlavaLayout Layout(ConfigReader config, LlavaKind kind)
    {
        EyeSizes eye = EyeSizes.Read(Eye(config, kind), kind.Vision);
        return new LlavaLayout(kind.Read(config), eye.ImageSize, eye.PatchSize, eye.PrefixTokens);
    }

    private static (Tensor Weight, Tensor Bias)? Pool(LlavaConfig llava, WeightScope weights, int channels)
    {
        if (llava.Pooling != FramePooling.Convolution)
        {
            return null;
        }

        WeightScope layer = weights["vision_resampler"]["pool"];
        return (layer.Float("weight", [channels, channels, llava.PoolStride, llava.PoolStride]), layer.Float("bias", [channels]));
    }

    /// <summary>The vision part's configuration, with the tower that is assumed where there is none.</summary>
    private static ConfigReader Eye(ConfigReader config, LlavaKind kind)
    {
        ConfigReader eye = config.SectionOrEmpty("vision_config");
        if (config.Has("vision_config"))
        {
            return eye;
        }

        bool siglip = kind.Vision == "siglip_vision_model";
        foreach ((string name, int value) in (ReadOnlySpan<(string, int)>)[
            ("hidden_size", siglip ? 1152 : 1024), ("intermediate_size", siglip ? 4304 : 4096), ("patch_size", 14),
            ("image_size", siglip ? 384 : 336), ("num_hidden_layers", siglip ? 26 : 24), ("num_attention_heads", 16)])
        {
            eye.Assume(name, value.ToString(CultureInfo.InvariantCulture));
        }

        return eye;
    }
}
