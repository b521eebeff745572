using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>What a vision part's configuration tells of the tokens of a picture, without its weights.</summary>
/// <param name="ImageSize">Pixels of a picture's side.</param>
/// <param name="PatchSize">Pixels of a patch's side.</param>
/// <param name="PrefixTokens">Class and register tokens before the patches.</param>
internal sealed record EyeSizes(int ImageSize, int PatchSize, int PrefixTokens)
{
    /// <summary>Reads them.</summary>
    /// <param name="eye">The vision part's configuration.</param>
    /// <param name="missing">The <c>model_type</c> where none is given.</param>
    /// <exception cref="NotSupportedException">The tokens of such towers are not known.</exception>
    internal static EyeSizes Read(ConfigReader eye, string missing)
    {
        string type = eye.FindText("model_type") ?? missing;
        (int patch, int prefix) = type switch
        {
            "clip_vision_model" => (32, 1),
            "siglip_vision_model" => (16, 0),
            "dinov2" => (14, 1),
            "dinov2_with_registers" => (16, 1 + eye.Int("num_register_tokens", 4)),
            "vit" => (16, 1),
            "deit" => (16, 2),
            _ => throw eye.Unsupported(
                "model_type", type, "clip_vision_model, siglip_vision_model, dinov2, dinov2_with_registers, vit, deit"),
        };
        VisionSizes sizes = VisionSizes.Read(eye, new VisionSizes { PatchSize = patch });
        return new EyeSizes(sizes.Image.Height, sizes.PatchSize, prefix);
    }
}
