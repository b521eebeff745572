using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Models;

namespace Percept.Training;

/// <summary>Which part of a model a weight belongs to, as its name tells.</summary>
public sealed partial class ModelParts
{
    /// <summary>All parts together.</summary>
    public const string All = "all";

    /// <summary>What sees.</summary>
    public const string VisionTower = "vision_tower";

    /// <summary>What leads from the vision tower to the language model.</summary>
    public const string Projector = "projector";

    /// <summary>What reads and writes.</summary>
    public const string LanguageModel = "language_model";

    /// <summary>The tower of texts beside one of pictures.</summary>
    public const string TextTower = "text_tower";

    /// <summary>What paints the patches that a masked autoencoder did not see.</summary>
    public const string Decoder = "decoder";

    /// <summary>The factor and the offset of the cosines of pictures and texts.</summary>
    public const string Scale = "scale";

    /// <summary>
    /// What judges: the last layer of a classifier or a reward model, a policy's value head, what tells right pairs of picture and text (BLIP) or
    /// visual tokens (BEiT).
    /// </summary>
    public const string Head = "head";

    private readonly string? _only;
    private readonly bool _isTower;

    private ModelParts(string? only, bool isTower) => (_only, _isTower) = (only, isTower);

    /// <summary>The parts that recipes name.</summary>
    public static IReadOnlyList<string> Names { get; } = [VisionTower, Projector, LanguageModel, TextTower, Decoder, Scale, Head];

    /// <summary>The parts of a model.</summary>
    /// <param name="config">Its configuration.</param>
    public static ModelParts Of(ConfigReader config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string type = config.FindText("model_type", "seed_class") ?? string.Empty;
        string kind = ModelFamilies.Find(type, config.File).Kind;
        return new ModelParts(
            kind switch
            {
                "language model" or "text encoder" or "text encoder-decoder" => LanguageModel,
                "text tower" => TextTower,
                _ => null,
            },
            kind == "vision encoder");
    }

    /// <summary>The part of a weight.</summary>
    /// <param name="name">The weight's name in the model.</param>
    public string PartOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("value_head.", StringComparison.Ordinal) ? Head
            : name == SoftPrompt.Key ? LanguageModel
            : _only is { } only ? only == LanguageModel && HeadName().IsMatch(name) ? Head : only
            : name.StartsWith("itm_head.", StringComparison.Ordinal) || (_isTower && name.StartsWith("lm_head.", StringComparison.Ordinal)) ? Head
            : ScaleName().IsMatch(name) ? Scale
            : ProjectorName().IsMatch(name) ? Projector
            : TextTowerName().IsMatch(name) ? TextTower
            : LanguageName().IsMatch(name) ? LanguageModel
            : name.StartsWith("decoder.", StringComparison.Ordinal) || name == "mask_token" ? Decoder
            : VisionTower;
    }

    /// <summary>An expression that the names of the layers of a part match, whichever of the layouts of the hub they are of.</summary>
    /// <param name="part">The part.</param>
    internal string LayerPattern(string part) => part == Head ? @"(?:score|classifier)(?:\..*)?"
        : _only is not null || part == All ? ".*" : part switch
    {
        LanguageModel => @"(?:.*\.)?(?:language_model|text_model|llm|text_decoder)\..*|(?:model\.)?layers\..*",
        VisionTower => @"(?:.*\.)?(?:vision_tower|vision_model|visual|image_tower|video_tower)\..*",
        TextTower => @"(?:text_model|text_encoder)\..*",
        Projector => @"(?:.*\.)?(?:multi_modal_projector|mm_projector|projector|connector|merger|aligner|resampler)\..*",
        _ => @"decoder\..*",
    };

    [GeneratedRegex(@"^(score|classifier)\.", RegexOptions.CultureInvariant)]
    private static partial Regex HeadName();

    [GeneratedRegex(@"^logit_(scale|bias)$", RegexOptions.CultureInvariant)]
    private static partial Regex ScaleName();

    [GeneratedRegex(
        @"(^|\.)(multi_modal_projector|mm_projector|projector|connector|merger|aligner|vision_resampler|resampler|embed_vision|" +
        @"modality_projection|image_newline|vision_embed_tokens)(\.|$)",
        RegexOptions.CultureInvariant)]
    private static partial Regex ProjectorName();

    [GeneratedRegex(@"^(text_model|text_projection|text_encoder|text_proj)\.", RegexOptions.CultureInvariant)]
    private static partial Regex TextTowerName();

    [GeneratedRegex(
        @"^(model\.)?(language_model|text_model|llm|text_decoder)\.|^lm_head\.|^model\.(layers|embed_tokens|norm)\.", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageName();
}
