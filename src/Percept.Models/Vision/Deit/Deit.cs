using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>DeiT: a ViT with a distillation token and one head or two (transformers: <c>deit</c>).</summary>
internal static class Deit
{
    /// <summary>Published names; models with a head put <c>deit.</c> before those of the trunk.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity.Rename("deit.{*}", "{*}");

    internal static VitModel Make(ConfigReader config, WeightScope weights) =>
        new(Vit.Read(config, "DeiT") with { DistillationToken = true }, weights);
}
