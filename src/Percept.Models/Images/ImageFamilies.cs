namespace Percept.Models;

/// <summary>Every class of image processors: one line each.</summary>
public static class ImageFamilies
{
    private static readonly ImageSteps s_clip = new()
    {
        Resample = ResampleKind.Bicubic,
        Mean = ImageMeans.Clip,
        Deviation = ImageMeans.ClipDeviation,
        Size = SizeSetting.Edges(224),
        SquareSize = false,
        CenterCrop = true,
        CropSize = SizeSetting.Square(224),
    };

    private static readonly ImageSteps s_blip = s_clip with
    {
        Size = SizeSetting.Square(384), SquareSize = true, CenterCrop = false, CropSize = null,
    };

    private static readonly ImageSteps s_vit = new() { ConvertRgb = false, Size = SizeSetting.Square(224) };

    /// <summary>All of them, by the order of their families' names.</summary>
    public static IReadOnlyList<ImageFamily> All { get; } =
    [
        Encoder("BeitImageProcessor", ["beit", "data2vec-vision"], new(s_vit with
        {
            Resample = ResampleKind.Bicubic, CropSize = SizeSetting.Square(224),
        })),
        Encoder("BlipImageProcessor", ["blip", "blip-2", "instructblip", "instructblipvideo"], new(s_blip)),
        Encoder("ChameleonImageProcessor", ["chameleon"], new(s_clip with
        {
            Resample = ResampleKind.Lanczos,
            Mean = ImageMeans.One,
            Deviation = ImageMeans.One,
            Size = SizeSetting.Edges(512),
            CropSize = SizeSetting.Square(512),
            RescaleFactor = 0.0078,
        })),
        Encoder("CLIPImageProcessor", ["clip", "kosmos-2", "altclip", "vipllava"],
            new(s_clip) { OwnSize = SquareOfKosmos }),
        new("DeepseekVLImageProcessor", ["deepseek_vl"], static settings => new LetterboxImageFamily(settings, isHybrid: false)),
        new("DeepseekVLHybridImageProcessor", ["deepseek_vl_hybrid"],
            static settings => new LetterboxImageFamily(settings, isHybrid: true)),
        new("DetrImageProcessor", ["detr"], static settings => new DetrImageFamily(settings)),
        Encoder("BitImageProcessor", ["dinov2", "bit", "dinov2_with_registers"], new(s_clip)),
        new("FuyuImageProcessor", ["fuyu"], static settings => new FuyuImageFamily(settings)),
        new("Gemma3ImageProcessor", ["gemma3"], static settings => new Gemma3ImageFamily(settings)),
        new("Glm4vImageProcessor", ["glm4v", "glm4v_moe"], static settings => new Qwen2VlImageFamily(settings, isGlm: true)),
        new("GroundingDinoImageProcessor", ["grounding-dino"], static settings => new DetrImageFamily(settings)),
        Encoder("IdeficsImageProcessor", ["idefics"], new(s_blip with { Size = SizeSetting.Square(224) })
        {
            OwnSize = static settings => settings.FindInFile("image_size") is { } side
                ? SizeSetting.Read("image_size", side, square: true)
                : null,
        }),
        new("Idefics2ImageProcessor", ["idefics2"], static settings => new Idefics2ImageFamily(settings)),
        new("Idefics3ImageProcessor", ["idefics3"], static settings => new Idefics3ImageFamily(settings)),
        new("GotOcr2ImageProcessor", ["internvl", "got_ocr2"], static settings => new TiledImageFamily(settings, isOvis: false)),
        new("JanusImageProcessor", ["janus"], static settings => new LetterboxImageFamily(settings, isHybrid: false)),
        new("Kosmos2_5ImageProcessor", ["kosmos-2.5"], static settings => new PatchListImageFamily(settings, isKosmos: true)),
        new("Llama4ImageProcessor", ["llama4"], static settings => new Llama4ImageFamily(settings)),
        new("LlavaNextImageProcessor", ["llava_next", "llava_next_video"],
            static settings => new LlavaNextImageFamily(settings, isOneVision: false)),
        new("LlavaOnevisionImageProcessor", ["llava_onevision"],
            static settings => new LlavaNextImageFamily(settings, isOneVision: true)),
        Encoder("LlavaImageProcessor", ["llava"], new(s_clip) { PadsToSquare = true }),
        new("MiniCPMV4_6ImageProcessor", ["minicpmv4_6"], static settings => new MiniCpmVImageFamily(settings)),
        new("MllamaImageProcessor", ["mllama"], static settings => new MllamaImageFamily(settings)),
        new("OpenClipTransform", ["open_clip"], static settings => new OpenClipImageFamily(settings)),
        new("Ovis2ImageProcessor", ["ovis2"], static settings => new TiledImageFamily(settings, isOvis: true)),
        Encoder("OwlViTImageProcessor", ["owlvit"], new(s_blip with
        {
            Size = SizeSetting.Square(768), CropSize = SizeSetting.Square(768),
        })),
        new("Phi4MultimodalImageProcessor", ["phi4_multimodal"], static settings => new Phi4ImageFamily(settings)),
        new("Pix2StructImageProcessor", ["pix2struct"], static settings => new PatchListImageFamily(settings, isKosmos: false)),
        new("PixtralImageProcessor", ["pixtral", "mistral3"], static settings => new PixtralImageFamily(settings)),
        new("Qwen2VLImageProcessor", ["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen2_5_omni"],
            static settings => new Qwen2VlImageFamily(settings, isGlm: false)),
        new("SamImageProcessor", ["sam"], static settings => new SamImageFamily(settings)),
        Encoder("SiglipImageProcessor", ["siglip", "paligemma"], new(s_vit with
        {
            ConvertRgb = true, Resample = ResampleKind.Bicubic, SquareSize = false,
        })),
        new("Siglip2ImageProcessor", ["siglip2"], static settings => new Siglip2ImageFamily(settings)),
        new("SmolVLMImageProcessor", ["smolvlm"], static settings => new Idefics3ImageFamily(settings)),
        Encoder("VideoLlavaImageProcessor", ["video_llava"], new(s_clip) { Output = "pixel_values_images" }),
        Encoder("VideoMAEImageProcessor", ["videomae", "timesformer"], new(s_vit with
        {
            Size = SizeSetting.Edges(224), SquareSize = false, CenterCrop = true, CropSize = SizeSetting.Square(224),
        })
        {
            IsClip = true,
        }),
        new("ViltImageProcessor", ["vilt"], static settings => new ViltImageFamily(settings)),
        Encoder("ViTImageProcessor", ["vit", "swin", "vit_mae", "ijepa"], new(s_vit)),
    ];

    private static readonly FamilyTable<ImageFamily> s_table = new(
        "image", All, static family => family.Type, static family => family.ModelTypes);

    /// <summary>The class of a name, however its backend or its age spells it.</summary>
    /// <param name="type">
    /// The name: <c>CLIPImageProcessor</c>, also with <c>Fast</c> or <c>Pil</c> at the end, or <c>CLIPFeatureExtractor</c>.
    /// </param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static ImageFamily Find(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        string name = type;
        foreach (string suffix in (ReadOnlySpan<string>)["Fast", "Pil"])
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = name[..^suffix.Length];
            }
        }

        const string Old = "FeatureExtractor";
        if (name.EndsWith(Old, StringComparison.Ordinal))
        {
            name = $"{name[..^Old.Length]}ImageProcessor";
        }

        // An early name of the same class.
        name = name == "Qwen2_5_VLImageProcessor" ? "Qwen2VLImageProcessor" : name;
        return s_table.Find(type, name);
    }

    /// <summary>The class that a model's checkpoints use.</summary>
    /// <param name="modelType">The <c>model_type</c> of <c>config.json</c>.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static ImageFamily FindByModel(string modelType) => s_table.FindByModel(modelType);

    /// <summary>
    /// The class that a person names, by a model type or a class: the case, dashes, dots and underscores do not count. Null for none.
    /// </summary>
    /// <param name="name">The name.</param>
    public static ImageFamily? FindLoosely(string name) => s_table.FindLoosely(name);

    private static ImageFamily Encoder(string type, string[] models, EncoderClass encoder) =>
        new(type, models, settings => new EncoderFamily(settings, encoder));

    /// <summary>Kosmos-2's flag: a square of the class's own side, whatever the size says.</summary>
    private static SizeSetting? SquareOfKosmos(SettingsReader settings)
    {
        if (!settings.Flag("use_square_size", false))
        {
            return null;
        }

        settings.Find("size");
        return SizeSetting.Square(224);
    }
}
