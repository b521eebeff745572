using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Every family of models that Percept has: one line each.</summary>
public static class ModelFamilies
{
    /// <summary>The families.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        .. LanguageFamilies.All.Select(language => new ModelFamily(
            [language.ModelType],
            "language model",
            files => Decoder(language, files))),
        Of("bert", "text encoder", BertFamily.Keys, BertFamily.Make),
        Of("roberta", "text encoder", RobertaFamily.Keys, RobertaFamily.Roberta),
        Of("xlm-roberta", "text encoder", RobertaFamily.Keys, RobertaFamily.XlmRoberta),
        Of("t5", "text encoder-decoder", T5Family.Keys, T5Family.Make),
        Of("bart", "text encoder-decoder", BartFamily.Keys, BartFamily.Make),
        .. LlavaKinds.All.Select(kind => new ModelFamily(
            [kind.ModelType],
            kind.TakesClips ? "image- and video-text model" : "image-text model",
            files => LlavaOriginalSettings.Applies(files.Config)
                ? LlavaOriginalFamily.Make(files)
                : LlavaFamily.Make(files, kind))),
        new(LlavaOriginalFamily.ModelTypes, "image-text model", LlavaOriginalFamily.Make),
        new(["shikra"], "image-text model", ShikraModel.Make),
        new(["LLaVAModel"], "image-text model of an article", LiteralLlava.Make),
        new(["MultimodalModel"], "image-text model of an article", LiteralMultimodalModel.Make),
        new(["NativeMultimodalTransformer"], "image- and sound-text model of an article", NativeMultimodalTransformer.Make),
        new(["AnyResVisionEncoder"], "vision encoder of an article", AnyResVisionEncoder.Make),
        new(["VideoMLLM"], "video encoder of an article", VideoMllm.Make),
        .. VisionFamilies.All.Select(vision => new ModelFamily(
            [vision.ModelType],
            "vision encoder",
            files => vision.Make(files.Config, files.Open(vision.Keys)))),
        Of("blip", "image-text model", BlipFamily.Keys, BlipFamily.Make),
        new(["clip"], "image-text model", files => ClipModel.Make(files.Config, files.Open(ClipModel.Keys))),
        new(["clip_text_model"], "text tower", files => new ClipTextModel(files.Config, files.Open(ClipTextModel.Keys))),
        new(["openai_clip"], "image-text model", OpenAiClip.Make),
        new(["siglip"], "image-text model", files => SiglipModel.Make(files.Config, files.Open(SiglipModel.Keys))),
        new(["siglip2"], "image-text model", files => SiglipModel.Make2(files.Config, files.Open(SiglipModel.Keys))),
        new(
            ["siglip_text_model", "siglip2_text_model"],
            "text tower",
            files => new SiglipTextModel(files.Config, files.Open(SiglipTextModel.Keys))),
    ];

    /// <summary>The family of a <c>model_type</c>.</summary>
    /// <param name="modelType">The type.</param>
    /// <param name="file">The configuration's file, for the error.</param>
    /// <exception cref="NotSupportedException">There is none; the error lists what exists.</exception>
    public static ModelFamily Find(string modelType, string file)
    {
        foreach (ModelFamily family in All)
        {
            if (family.ModelTypes.Contains(modelType))
            {
                return family;
            }
        }

        string known = string.Join(", ", All.SelectMany(family => family.ModelTypes).Order(StringComparer.Ordinal));
        throw new NotSupportedException($"'{file}' describes a model of type '{modelType}', which Percept does not have. It has: {known}.");
    }

    private static ModelFamily Of(string type, string kind, KeyMap keys, Func<ConfigReader, WeightScope, object> make) =>
        new([type], kind, files => make(files.Config, files.Open(keys)));

    /// <summary>A decoder with its head for tokens, or with one for texts.</summary>
    private static object Decoder(LanguageFamily language, ModelFiles files)
    {
        WeightScope weights = files.Open(language.Keys);
        ILanguageModel model = language.Make(files.Config, weights);
        return DecoderClassifier.Fits(weights) ? DecoderClassifier.Make(model, weights) : model;
    }
}
