using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Every family of vision towers: one line each.</summary>
public static class VisionFamilies
{
    /// <summary>The families.</summary>
    public static IReadOnlyList<VisionFamily> All { get; } =
    [
        new("beit", BeitModel.Keys, (config, weights) => new BeitModel(config, weights)),
        new("clip_vision_model", ClipVisionModel.Keys, (config, weights) => new ClipVisionModel(config, weights)),
        new("deit", Deit.Keys, Deit.Make),
        new("dinov2", Dinov2.Keys, Dinov2.Make),
        new("dinov2_with_registers", Dinov2WithRegisters.Keys, Dinov2WithRegisters.Make),
        new("dinov3_vit", Dinov3Vit.Keys, Dinov3Vit.Make),
        new("ijepa", Ijepa.Keys, Ijepa.Make),
        new("siglip_vision_model", SiglipVisionModel.Keys, (config, weights) => new SiglipVisionModel(config, weights)),
        new("siglip2_vision_model", SiglipVisionModel.Keys, (config, weights) => new Siglip2VisionModel(config, weights)),
        new("vit", Vit.Keys, Vit.Make),
        new("vit_mae", VitMaeModel.Keys, (config, weights) => new VitMaeModel(config, weights)),
    ];

    /// <summary>The family of a vision part's configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="missing">The <c>model_type</c> where none is given.</param>
    /// <exception cref="NotSupportedException">There is none; the error lists what exists.</exception>
    public static VisionFamily Find(ConfigReader config, string missing = "clip_vision_model")
    {
        ArgumentNullException.ThrowIfNull(config);
        string type = config.FindText("model_type") ?? missing;
        return All.FirstOrDefault(family => family.ModelType == type)
            ?? throw config.Unsupported("model_type", type, string.Join(", ", All.Select(family => family.ModelType)));
    }
}
